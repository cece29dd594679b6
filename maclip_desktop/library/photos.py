"""Photos of the library as they are read back, and the files of its folders."""

import os
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from maclip_desktop.core.culling import Select, selected, worst_first
from maclip_desktop.core.photo import PhotoDetails, PhotoRow
from maclip_desktop.library.database import LibraryDatabase
from maclip_desktop.library.details_list import DetailsList
from maclip_desktop.library.folders import all_folders
from maclip_desktop.library.names import as_list, chunks, from_stored, is_inside, relative_name, to_stored
from maclip_desktop.library.pairing import PairPart
from maclip_desktop.library.reading import read_details, read_rows, rows_where

_BETWEEN = "folder_id = ? AND relative_path > ? AND relative_path < ?"

# The index holds all that is asked for, so that no page with an embedding is read.
_LOWEST = """
    SELECT photo.id FROM (
        SELECT content_hash, value FROM score INDEXED BY score_shown
        WHERE model_id = (SELECT model_id FROM temp.shown_model) ORDER BY value LIMIT ?
    ) AS low
    JOIN photo ON photo.content_hash = low.content_hash
    WHERE photo.main_id IS NULL AND photo.error IS NULL ORDER BY low.value, photo.id
"""


class Fault(StrEnum):
    """Where the reason lies that a photo could not be read or scored, and so what may end it."""

    CONTENT = "failed"
    """The file itself: it is left alone until it changes."""
    ACCESS = "unreachable"
    """The drive or the system: the file is tried again as soon as it is seen again."""
    SCORER = "unscored"
    """The scorer: another one, or this one after its next start, may do better (see `Store.forget_failures`)."""


class KnownFile(NamedTuple):
    """What the library knows of a file without opening it."""

    photo_id: int
    size: int
    """Bytes."""
    mtime_ns: int


class PhotoPart(PairPart):
    def known_files(self, folder_id: int, below: str | None = None) -> dict[str, KnownFile]:
        """The folder's files by their name below it, as `relative_name` gives it.

        All of them: also those beside a photo's main file, and films. *below*: only the file of this name, and those
        in a directory of this name.
        """
        columns = "relative_path, id, size, mtime_ns"
        if below is None:
            rows = self._db.all(f"SELECT {columns} FROM photo WHERE folder_id = ?", (folder_id,))
        else:
            rows = files_named(self._db, columns, folder_id, below)
        return {from_stored(stored): KnownFile(*known) for stored, *known in rows if is_inside(stored)}

    def rows(self, photo_ids: Iterable[int] | None = None) -> Iterator[PhotoRow]:
        """All photos by id, or those of *photo_ids* that exist, in that order.

        Scores are the current model's, and until that one is in an earlier model's, marked as old. Files beside a
        photo's main file have no row.
        """
        return read_rows(self._db, photo_ids)

    def lowest(self, limit: int) -> list[int]:
        """Ids of about *limit* photos that have the lowest scores of the current model, lowest first; quick."""
        return [row[0] for row in self._db.all(_LOWEST, (limit,))]

    def details(self, photo_ids: Iterable[int] | None = None) -> Iterator[PhotoDetails]:
        """Like `rows`, with the whole score that the row shows."""
        return read_details(self._db, photo_ids)

    def listed(
        self,
        photo_ids: Iterable[int] | None = None,
        select: Select = Select.ALL,
        beside: Sequence[PhotoDetails] = (),
    ) -> DetailsList:
        """The photos (all, or *photo_ids*) that *select* means, worst first: a sequence that does not hold them all.

        *beside*: entries that are in no library, for the end.
        """
        rows = self.rows() if photo_ids is None else self.rows(photo_ids)
        chosen = worst_first(selected((PhotoDetails(row, None) for row in rows), select))
        return DetailsList([photo.row.id for photo in chosen], self.details, beside)

    def photos_at(self, path: Path) -> tuple[int, ...]:
        """Ids of the photo that the file at the absolute *path* belongs to, or of all photos below it.

        For a RAW file beside a JPEG that is the JPEG's photo: see `files_at` for files that are gone.
        """
        photos = {
            row[0]
            for chunk in chunks(self.files_at(path))
            for row in self._db.all(
                "SELECT coalesce(main_id, id) FROM photo "
                "WHERE id IN (SELECT value FROM json_each(?)) AND (main_id IS NULL OR main_id <> id)",
                (as_list(chunk),),
            )
        }
        return tuple(sorted(photos))

    def files_at(self, path: Path) -> tuple[int, ...]:
        """Ids of the very file at the absolute *path*, or of all files below it: for `forget_photos`."""
        found: list[int] = []
        for folder in all_folders(self._db):
            if folder.path.is_relative_to(path):
                found += [row[0] for row in self._db.all("SELECT id FROM photo WHERE folder_id = ?", (folder.id,))]
            elif path.is_relative_to(folder.path):
                name = relative_name(folder.path, path)
                found += [row[0] for row in files_named(self._db, "id", folder.id, name)]
        return tuple(sorted(found))

    def rows_with_hash(self, hashes: Iterable[str]) -> list[PhotoRow]:
        """All photos whose main file has one of these contents, by id."""
        found = [
            row
            for chunk in chunks(hashes)
            for row in rows_where(
                self._db,
                "photo.content_hash IN (SELECT value FROM json_each(?)) AND photo.main_id IS NULL",
                (as_list(chunk),),
            )
        ]
        return sorted(found, key=lambda row: row.id)


def files_named(db: LibraryDatabase, columns: str, folder_id: int, name: str) -> list[tuple[Any, ...]]:
    """The file of this name, and those below a directory of this name.

    What is below begins with the name and ``/``, and ``0`` follows ``/`` in every encoding. Names that are no
    text are kept as bytes, which SQLite never finds between two texts, so both kinds are asked for.
    """
    select = f"SELECT {columns} FROM photo WHERE"
    rows = db.all(f"{select} folder_id = ? AND relative_path = ?", (folder_id, to_stored(name)))
    for encoded in (to_stored, os.fsencode):
        rows += db.all(f"{select} {_BETWEEN}", (folder_id, encoded(f"{name}/"), encoded(f"{name}0")))
    return list(dict.fromkeys(rows))
