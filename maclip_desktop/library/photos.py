"""Photos of the library: found, identified, forgotten, and read back."""

import os
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from maclip_desktop.core.culling import Select, selected, worst_first
from maclip_desktop.core.photo import Folder, FoundFile, PhotoDetails, PhotoInfo, PhotoRow
from maclip_desktop.library.details_list import DetailsList
from maclip_desktop.library.folders import all_folders, reaches
from maclip_desktop.library.names import (
    as_list,
    chunks,
    from_stored,
    relative_name,
    to_stored,
)
from maclip_desktop.library.part import StorePart
from maclip_desktop.library.reading import SELECT_DETAILS, SELECT_ROWS, details_of, row_of, select_photos

_KNOWN = "SELECT id, size, mtime_ns, state FROM photo WHERE folder_id = ? AND relative_path = ?"
_NEW = "INSERT INTO photo (folder_id, relative_path, size, mtime_ns, state) VALUES (?, ?, ?, ?, 'found') RETURNING id"
_BETWEEN = "folder_id = ? AND relative_path > ? AND relative_path < ?"
_TRY_AGAIN = """
    UPDATE photo SET
        state = CASE WHEN content_hash IS NULL THEN 'found' ELSE 'identified' END, error = NULL
"""
_CHANGED = """
    UPDATE photo SET
        size = ?, mtime_ns = ?, state = 'found', content_hash = NULL, error = NULL,
        width = NULL, height = NULL, captured_at = NULL, camera = NULL
    WHERE id = ? RETURNING id
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


class PhotoPart(StorePart):
    def known_files(self, folder_id: int, below: str | None = None) -> dict[str, KnownFile]:
        """The folder's photos by their name below it, as `relative_name` gives it.

        *below*: only the photo of this name, and those in a directory of this name.
        """
        columns = "relative_path, id, size, mtime_ns"
        if below is None:
            rows = self._db.all(f"SELECT {columns} FROM photo WHERE folder_id = ?", (folder_id,))
        else:
            rows = self._named(columns, folder_id, below)
        return {from_stored(stored): KnownFile(*known) for stored, *known in rows}

    def record_found(self, folder: Folder, files: Sequence[FoundFile]) -> list[int]:
        """Record files of *folder*; return the ids of new and changed photos, in the order of *files*.

        "Changed" means another size or modification time; such a photo loses its content hash until it is
        identified again. A photo that could not be reached before counts as changed, too, and keeps its hash. Left
        out is what belongs to another folder inside this one, and everything if the folder itself has been removed
        meanwhile. Raises ValueError for a file outside the folder; then nothing is recorded.
        """
        changed = []
        with self._db.transaction():
            for file in self._own(folder, files):
                photo_id = self._recorded(folder, file)
                if photo_id is not None:
                    changed.append(photo_id)
        return changed

    def _recorded(self, folder: Folder, file: FoundFile) -> int | None:
        """Record one file; its id, or None if the library knew it just so."""
        name = to_stored(relative_name(folder.path, file.path))
        known = self._db.one(_KNOWN, (folder.id, name))
        if known is None:
            row = self._db.one(_NEW, (folder.id, name, file.size, file.mtime_ns))
        elif known[1:3] != (file.size, file.mtime_ns):
            row = self._db.one(_CHANGED, (file.size, file.mtime_ns, known[0]))
        elif known[3] == Fault.ACCESS:
            row = self._db.one(f"{_TRY_AGAIN} WHERE id = ? RETURNING id", (known[0],))
        else:
            return None
        return int(row[0]) if row else None

    def _own(self, folder: Folder, files: Sequence[FoundFile]) -> Sequence[FoundFile]:
        folders = all_folders(self._db)
        if all(known.id != folder.id for known in folders):
            return ()
        inner = [other for other in folders if other.id != folder.id and other.path.is_relative_to(folder.path)]
        return [file for file in files if not any(reaches(other, file.path) for other in inner)]

    def forget_photos(self, photo_ids: Iterable[int]) -> None:
        """Take photos whose files are gone out of the library; scores, decisions and history stay."""
        with self._db.transaction():
            for chunk in chunks(photo_ids):
                self._db.run("DELETE FROM photo WHERE id IN (SELECT value FROM json_each(?))", (as_list(chunk),))

    def to_identify(self, limit: int, after_id: int = 0) -> list[PhotoRow]:
        """Up to *limit* photos with an id above *after_id* whose content is unknown, by id."""
        rows = self._db.all(
            f"{SELECT_ROWS} WHERE photo.state = 'found' AND photo.id > ? ORDER BY photo.id LIMIT ?", (after_id, limit)
        )
        return [row_of(row) for row in rows]

    def record_identified(
        self, photo_id: int, size: int, mtime_ns: int, content_hash: str, info: PhotoInfo | None
    ) -> bool:
        """Record what was read from a photo; False if the file has changed or gone since, and nothing is kept."""
        about = (info.width, info.height, info.captured_at, info.camera) if info else (None,) * 4
        return (
            self._db.run(
                "UPDATE photo SET state = 'identified', error = NULL, content_hash = ?, width = ?, height = ?, "
                "captured_at = ?, camera = ? WHERE id = ? AND size = ? AND mtime_ns = ?",
                (content_hash, *about, photo_id, size, mtime_ns),
            )
            > 0
        )

    def record_failed(self, photo_id: int, size: int, mtime_ns: int, error: str, fault: Fault = Fault.CONTENT) -> bool:
        """Record why a photo could not be read or scored; *fault* says for how long it is left alone.

        A content hash that is known stays, so that the photo can still be flagged. False as in
        `record_identified`.
        """
        return (
            self._db.run(
                "UPDATE photo SET state = ?, error = ? WHERE id = ? AND size = ? AND mtime_ns = ?",
                (fault, error, photo_id, size, mtime_ns),
            )
            > 0
        )

    def forget_failures(self, fault: Fault) -> list[int]:
        """Have the photos tried again that failed by this fault; returns their ids."""
        return [row[0] for row in self._db.all(f"{_TRY_AGAIN} WHERE state = ? RETURNING id", (fault,))]

    def rows(self, photo_ids: Iterable[int] | None = None) -> Iterator[PhotoRow]:
        """All photos by id, or those of *photo_ids* that exist, in that order.

        Scores are the current model's, and until that one is in an earlier model's, marked as old.
        """
        return map(row_of, select_photos(self._db, SELECT_ROWS, photo_ids))

    def details(self, photo_ids: Iterable[int] | None = None) -> Iterator[PhotoDetails]:
        """Like `rows`, with the whole score that the row shows."""
        return map(details_of, select_photos(self._db, SELECT_DETAILS, photo_ids))

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
        """Ids of the photo at the absolute *path*, or of all photos below it."""
        found: list[int] = []
        for folder in all_folders(self._db):
            if folder.path.is_relative_to(path):
                found += [row[0] for row in self._db.all("SELECT id FROM photo WHERE folder_id = ?", (folder.id,))]
            elif path.is_relative_to(folder.path):
                found += [row[0] for row in self._named("id", folder.id, relative_name(folder.path, path))]
        return tuple(sorted(found))

    def _named(self, columns: str, folder_id: int, name: str) -> list[tuple[Any, ...]]:
        """The photo of this name, and those below a directory of this name.

        What is below begins with the name and ``/``, and ``0`` follows ``/`` in every encoding. Names that are no
        text are kept as bytes, which SQLite never finds between two texts, so both kinds are asked for.
        """
        select = f"SELECT {columns} FROM photo WHERE"
        rows = self._db.all(f"{select} folder_id = ? AND relative_path = ?", (folder_id, to_stored(name)))
        for encoded in (to_stored, os.fsencode):
            rows += self._db.all(f"{select} {_BETWEEN}", (folder_id, encoded(f"{name}/"), encoded(f"{name}0")))
        return list(dict.fromkeys(rows))

    def rows_with_hash(self, hashes: Iterable[str]) -> list[PhotoRow]:
        """All photos with one of these contents, by id."""
        found = [
            row_of(row)
            for chunk in chunks(hashes)
            for row in self._db.all(
                f"{SELECT_ROWS} WHERE photo.content_hash IN (SELECT value FROM json_each(?))", (as_list(chunk),)
            )
        ]
        return sorted(found, key=lambda row: row.id)
