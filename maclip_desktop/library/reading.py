"""The library's rows as the program's own types."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoDetails, PhotoRow
from maclip_desktop.library.capture import CAPTURE_COLUMNS, capture_of
from maclip_desktop.library.database import LibraryDatabase
from maclip_desktop.library.names import CHUNK, as_list, chunks, from_stored, is_inside
from maclip_desktop.library.score_columns import SCORE_COLUMNS, score_of_row

log = logging.getLogger(__name__)

_Made = TypeVar("_Made", PhotoRow, PhotoDetails)
_Row = tuple[Any, ...]
_Make = Callable[[_Row, int, tuple[str, ...]], _Made]
"""Makes of a row, its photo's number of copies and the names of the files beside it what is asked for."""

_PHOTO_COLUMNS = """
    photo.id, photo.folder_id, folder.path, photo.relative_path, photo.size, photo.mtime_ns, photo.content_hash,
    photo.width, photo.height, photo.captured_at, photo.camera,
    coalesce(decision.flag, 0), decision.decided_by, coalesce(current.value, earlier.value), earlier.value IS NOT NULL,
    coalesce(current.scorer, earlier.scorer), photo.error
"""

# This connection's own choice: another process on the same library may show another model's scores.
_CURRENT_MODEL = "(SELECT model_id FROM temp.shown_model)"

# What to show until the current model's score is in. A photo that failed by the current model has its answer.
_EARLIER_MODEL = """
    CASE WHEN current.value IS NULL AND photo.error IS NULL THEN (
        SELECT other.model_id FROM score AS other INDEXED BY score_shown
        WHERE other.content_hash = photo.content_hash
        ORDER BY other.scorer = (SELECT scorer FROM temp.shown_model) DESC, other.scored_at DESC, other.model_id
        LIMIT 1
    ) END
"""

# "INDEXED BY" because SQLite would rather use the primary key, and read a page with an embedding for each photo.
_PHOTOS = f"""
    FROM photo
    JOIN folder ON folder.id = photo.folder_id
    LEFT JOIN decision ON decision.content_hash = photo.content_hash
    LEFT JOIN score AS current INDEXED BY score_shown
        ON current.content_hash = photo.content_hash AND current.model_id = {_CURRENT_MODEL}
    LEFT JOIN score AS earlier INDEXED BY score_shown
        ON earlier.content_hash = photo.content_hash AND earlier.model_id = {_EARLIER_MODEL}
"""

SELECT_ROWS = f"SELECT {_PHOTO_COLUMNS} {_PHOTOS}"
"""The start of a statement that `rows_where` goes on with."""

_PHOTO_WIDTH = 17
_CAPTURE_WIDTH = 8
_WHOLE_SCORE = ", ".join(f"whole.{name.strip()}" for name in SCORE_COLUMNS.split(","))
_SELECT_DETAILS = f"""
    SELECT {_PHOTO_COLUMNS}, {CAPTURE_COLUMNS}, {_WHOLE_SCORE} {_PHOTOS}
    LEFT JOIN score AS whole ON whole.content_hash = photo.content_hash
        AND whole.model_id = coalesce(current.model_id, earlier.model_id)
"""

_COPIES = "SELECT content_hash, count(*) FROM photo WHERE main_id IS NULL"
_EACH_COPIED = "GROUP BY content_hash HAVING count(*) > 1"
_BESIDE = "SELECT main_id, relative_path FROM photo WHERE main_id IS NOT NULL AND main_id <> id"
_COPIES_AT = """
    SELECT folder.path, photo.relative_path FROM photo JOIN folder ON folder.id = photo.folder_id
    WHERE photo.content_hash = ? AND photo.main_id IS NULL AND photo.id <> ? ORDER BY photo.id
"""


def read_rows(db: LibraryDatabase, photo_ids: Iterable[int] | None = None) -> Iterator[PhotoRow]:
    """All photos by id, or those of *photo_ids* in their order, a chunk of rows at a time.

    No statement is left open between two rows, so the caller may write meanwhile.
    """
    return _read(db, SELECT_ROWS, photo_ids, _row_of)


def read_details(db: LibraryDatabase, photo_ids: Iterable[int] | None = None) -> Iterator[PhotoDetails]:
    """Like `read_rows`, with the whole score that the row shows, and where the photo's copies lie."""

    def details_of(columns: _Row, copies: int, beside: tuple[str, ...]) -> PhotoDetails:
        row = _row_of(columns, copies, beside)
        capture = capture_of(columns[_PHOTO_WIDTH : _PHOTO_WIDTH + _CAPTURE_WIDTH])
        score = columns[_PHOTO_WIDTH + _CAPTURE_WIDTH :]
        copies_at = _copies_at(db, row) if copies > 1 else ()
        return PhotoDetails(row, score_of_row(score) if score[0] is not None else None, capture, copies_at)

    return _read(db, _SELECT_DETAILS, photo_ids, details_of)


def rows_where(db: LibraryDatabase, condition: str, parameters: Sequence[Any]) -> list[PhotoRow]:
    """The files for which *condition* holds: also those that are shown beside another one, unless it says otherwise."""
    rows = db.all(f"{SELECT_ROWS} WHERE {condition}", parameters)
    return list(_made(db, rows, _company_of(db, rows), _row_of))


@lru_cache(maxsize=256)
def stored_path(value: str | bytes) -> Path:
    """A folder's path from its column; every photo of a folder asks for the same one."""
    return Path(from_stored(value))


def _read(db: LibraryDatabase, select: str, photo_ids: Iterable[int] | None, make: _Make[_Made]) -> Iterator[_Made]:
    if photo_ids is None:
        company = _company_of_all(db)
        for rows in _all_photos(db, select):
            yield from _made(db, rows, company, make)
        return
    where = "photo.id IN (SELECT value FROM json_each(?)) AND photo.main_id IS NULL"
    for chunk in chunks(photo_ids):
        found = {row[0]: row for row in db.all(f"{select} WHERE {where}", (as_list(chunk),))}
        rows = [found[photo_id] for photo_id in chunk if photo_id in found]
        yield from _made(db, rows, _company_of(db, rows), make)


def _all_photos(db: LibraryDatabase, select: str) -> Iterator[list[_Row]]:
    last_id = -1
    where = "photo.id > ? AND photo.main_id IS NULL"
    while rows := db.all(f"{select} WHERE {where} ORDER BY photo.id LIMIT {CHUNK}", (last_id,)):
        yield rows
        last_id = rows[-1][0]


class _Company(NamedTuple):
    """What photos have beside themselves."""

    copies: dict[str, int]
    """Content -> how many photos have it; only those that several have."""
    beside: dict[int, tuple[str, ...]]
    """Photo -> the names of its other files."""


def _company_of_all(db: LibraryDatabase) -> _Company:
    copies = db.all(f"{_COPIES} AND content_hash IS NOT NULL {_EACH_COPIED}")
    return _Company(dict(copies), _names_beside(db.all(f"{_BESIDE} ORDER BY relative_path")))


def _company_of(db: LibraryDatabase, rows: list[_Row]) -> _Company:
    hashes = as_list(row[6] for row in rows if row[6])
    copies = db.all(f"{_COPIES} AND content_hash IN (SELECT value FROM json_each(?)) {_EACH_COPIED}", (hashes,))
    ids = as_list(row[0] for row in rows)
    beside = db.all(f"{_BESIDE} AND main_id IN (SELECT value FROM json_each(?)) ORDER BY relative_path", (ids,))
    return _Company(dict(copies), _names_beside(beside))


def _names_beside(rows: list[_Row]) -> dict[int, tuple[str, ...]]:
    names: dict[int, tuple[str, ...]] = {}
    for main_id, stored in rows:
        if is_inside(stored):
            names[main_id] = (*names.get(main_id, ()), from_stored(stored).rpartition("/")[2])
    return names


def _made(db: LibraryDatabase, rows: list[_Row], company: _Company, make: _Make[_Made]) -> Iterator[_Made]:
    copies, beside = company
    for row in rows:
        if is_inside(row[3]):
            # Empty files are alike, but none is a copy of another one.
            yield make(row, copies.get(row[6], 1) if row[4] else 1, beside.get(row[0], ()))
        else:
            log.warning("Photo %s of the library %s leads outside its folder and is left out.", row[0], db.path)


def _copies_at(db: LibraryDatabase, row: PhotoRow) -> tuple[Path, ...]:
    places = db.all(_COPIES_AT, (row.content_hash, row.id))
    return tuple(stored_path(folder) / from_stored(name) for folder, name in places if is_inside(name))


_FLAGS = {int(flag): flag for flag in Flag}
_DECIDERS = {str(decider): decider for decider in Decider}


def _row_of(columns: _Row, copies: int, beside: tuple[str, ...]) -> PhotoRow:
    # By place and not by name: this is done for every photo before the window shows the first.
    photo_id, folder_id, folder, relative, size, mtime_ns, content_hash = columns[:7]
    width, height, captured_at, camera = columns[7:11]
    flag, decided_by, score, is_old, scorer, error = columns[11:_PHOTO_WIDTH]
    return PhotoRow(
        photo_id,
        folder_id,
        stored_path(folder) / from_stored(relative),
        size,
        mtime_ns,
        content_hash,
        width,
        height,
        captured_at,
        camera,
        _FLAGS.get(flag, Flag.NONE),
        _DECIDERS.get(decided_by) if decided_by else None,
        score,
        is_old == 1,
        scorer,
        error,
        copies,
        beside,
    )
