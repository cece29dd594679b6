"""The library's rows as the program's own types."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoDetails, PhotoRow
from maclip_desktop.core.score import Cues, Reason, Score, TechnicalMeasures
from maclip_desktop.library.database import LibraryDatabase
from maclip_desktop.library.names import CHUNK, as_list, chunks, from_stored

SCORE_COLUMNS = (
    "value, scorer, model_id, views, q_sim, q_mag, w_sim, w_mag, prompts, technical, embedding"  # order of score_of_row
)

_PHOTO_COLUMNS = """
    photo.id, photo.folder_id, folder.path, photo.relative_path, photo.size, photo.mtime_ns, photo.content_hash,
    photo.width, photo.height, photo.captured_at, photo.camera,
    coalesce(decision.flag, 0), decision.decided_by, score.value, photo.error
"""

# This connection's own choice: another process on the same library may show another model's scores.
_CURRENT_MODEL = "(SELECT model_id FROM temp.shown_model)"

# "INDEXED BY" because SQLite would rather use the primary key, and read a page with an embedding for each photo.
_PHOTOS = f"""
    FROM photo
    JOIN folder ON folder.id = photo.folder_id
    LEFT JOIN decision ON decision.content_hash = photo.content_hash
    LEFT JOIN score {{index}} ON score.content_hash = photo.content_hash AND score.model_id = {_CURRENT_MODEL}
"""

SELECT_ROWS = f"SELECT {_PHOTO_COLUMNS} {_PHOTOS.format(index='INDEXED BY score_value')}"
"""The start of a statement whose rows `row_of` understands."""

_PHOTO_WIDTH = 15
_SCORE_COLUMNS_QUALIFIED = ", ".join(f"score.{name.strip()}" for name in SCORE_COLUMNS.split(","))
SELECT_DETAILS = f"SELECT {_PHOTO_COLUMNS}, {_SCORE_COLUMNS_QUALIFIED} {_PHOTOS.format(index='')}"
"""The start of a statement whose rows `details_of` understands."""


def select_photos(
    db: LibraryDatabase, select: str, photo_ids: Iterable[int] | None = None
) -> Iterator[tuple[Any, ...]]:
    """Run *select* over all photos by id, or over *photo_ids* in their order, a chunk of rows at a time.

    No statement is left open between two rows, so the caller may write meanwhile.
    """
    if photo_ids is None:
        yield from _all_photos(db, select)
        return
    for chunk in chunks(photo_ids):
        found = {
            row[0]: row
            for row in db.all(f"{select} WHERE photo.id IN (SELECT value FROM json_each(?))", (as_list(chunk),))
        }
        yield from (found[photo_id] for photo_id in chunk if photo_id in found)


def _all_photos(db: LibraryDatabase, select: str) -> Iterator[tuple[Any, ...]]:
    last_id = -1
    while rows := db.all(f"{select} WHERE photo.id > ? ORDER BY photo.id LIMIT {CHUNK}", (last_id,)):
        yield from rows
        last_id = rows[-1][0]


def row_of(columns: Sequence[Any]) -> PhotoRow:
    """A photo from a row of `SELECT_ROWS`."""
    (photo_id, folder_id, folder, relative, size, mtime_ns, content_hash, width, height) = columns[:9]
    (captured_at, camera, flag, decided_by, value, error) = columns[9:_PHOTO_WIDTH]
    return PhotoRow(
        id=photo_id,
        folder_id=folder_id,
        path=stored_path(folder) / from_stored(relative),
        size=size,
        mtime_ns=mtime_ns,
        content_hash=content_hash,
        width=width,
        height=height,
        captured_at=captured_at,
        camera=camera,
        flag=Flag(flag),
        decided_by=Decider(decided_by) if decided_by else None,
        score=value,
        error=error,
    )


def details_of(columns: Sequence[Any]) -> PhotoDetails:
    """A photo with its score from a row of `SELECT_DETAILS`."""
    score_columns = columns[_PHOTO_WIDTH:]
    return PhotoDetails(row_of(columns), score_of_row(score_columns) if score_columns[0] is not None else None)


@lru_cache(maxsize=256)
def stored_path(value: str | bytes) -> Path:
    """A folder's path from its column; every photo of a folder asks for the same one."""
    return Path(from_stored(value))


def score_of_row(columns: Sequence[Any]) -> Score:
    """A score from its `SCORE_COLUMNS`."""
    value, scorer, model_id, views, q_sim, q_mag, w_sim, w_mag, prompts, technical, embedding = columns
    cues = None if prompts is None else Cues(q_sim, q_mag, w_sim, w_mag, json.loads(prompts))
    return Score(value, scorer, model_id, views, cues, _measures(technical), embedding)


def columns_of_score(score: Score) -> tuple[Any, ...]:
    """Undo `score_of_row`."""
    cues = score.cues
    parts = (
        (None,) * 5
        if cues is None
        else (cues.q_sim, cues.q_mag, cues.w_sim, cues.w_mag, json.dumps(dict(cues.prompts)))
    )
    technical = None if score.technical is None else json.dumps(asdict(score.technical))
    return (score.value, score.scorer, score.model_id, score.views, *parts, technical, score.embedding)


def _measures(text: str | None) -> TechnicalMeasures | None:
    if text is None:
        return None
    values = json.loads(text)
    reasons = tuple(Reason(word) for word in values.pop("reasons"))
    return TechnicalMeasures(**values, reasons=reasons)
