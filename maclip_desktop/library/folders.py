"""Folders of the library, and which of them a file belongs to.

Every file has one row. Where folders lie within each other, a file belongs to the innermost that reaches it. A
watched folder inside an unwatched one stays a folder of its own; any other folder inside a recursive one is
taken up by it, unless that one's patterns leave it out.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from maclip_desktop.core.patterns import USUAL, Patterns
from maclip_desktop.core.photo import Folder
from maclip_desktop.errors import LibraryError, ProgramError
from maclip_desktop.library.database import LibraryDatabase
from maclip_desktop.library.names import from_stored, is_inside, relative_name, to_stored
from maclip_desktop.library.pairing import PairPart
from maclip_desktop.library.reading import stored_path


class FolderPart(PairPart):
    def add_folder(self, path: Path, *, watched: bool, recursive: bool = True) -> Folder:
        """Add the absolute *path*, or return the folder that has it already.

        A folder once watched stays watched and one once recursive stays recursive. A path inside a recursive
        folder gets a folder of its own only if it is to be watched and the other is not.
        """
        with self._db.transaction():
            existing = next((folder for folder in self.folders() if folder.path == path), None)
            outer = self._outer(path)
            if existing:
                folder = self._widened(existing, watched=watched, recursive=recursive)
            elif outer and (outer.watched or not watched):
                return outer
            else:
                folder = self._inserted(path, watched=watched, recursive=recursive)
            self._settle(folder)
        return folder

    def folders(self) -> list[Folder]:
        """All folders, in the order they were added."""
        return all_folders(self._db)

    def folder_for(self, path: Path) -> Folder | None:
        """The innermost folder that *path*, a file or the folder itself, belongs to; None outside all folders."""
        reaching = [folder for folder in self.folders() if reaches(folder, path)]
        return max(reaching, key=lambda folder: len(folder.path.parts), default=None)

    def remove_folder(self, folder_id: int) -> None:
        """Take the folder and its photos out of the library; scores, decisions and history stay."""
        with self._db.transaction():
            copied = self._db.all(
                "SELECT DISTINCT content_hash FROM photo WHERE folder_id = ?1 AND EXISTS "
                "(SELECT 1 FROM photo AS copy WHERE copy.content_hash = photo.content_hash AND copy.folder_id <> ?1)",
                (folder_id,),
            )
            self._touched_contents.update(row[0] for row in copied)
            self._db.run("DELETE FROM folder WHERE id = ?", (folder_id,))

    def counts(self) -> dict[int, int]:
        """Folder id -> its number of photos."""
        return dict(
            self._db.all(
                "SELECT folder.id, count(photo.id) FROM folder "
                "LEFT JOIN photo ON photo.folder_id = folder.id AND photo.main_id IS NULL GROUP BY folder.id"
            )
        )

    def set_folder_options(self, folder_id: int, *, recursive: bool, patterns: Patterns) -> Folder:
        """Say which files of a folder are taken; what is left out now goes when the folder is looked through again.

        Raises `LibraryError` if the folder has been removed meanwhile.
        """
        with self._db.transaction():
            folder = replace(self._folder(folder_id), recursive=recursive, patterns=patterns)
            self._db.run(
                "UPDATE folder SET recursive = ?, include = ?, exclude = ? WHERE id = ?",
                (recursive, *_columns_of(patterns), folder_id),
            )
            if recursive:
                self._absorb_inner(folder)
        return folder

    def set_folder_identity(self, folder_id: int, identity: str) -> None:
        """Remember by what the folder is told from another one at its place."""
        self._db.run("UPDATE folder SET identity = ? WHERE id = ?", (identity, folder_id))

    def _folder(self, folder_id: int) -> Folder:
        for folder in self.folders():
            if folder.id == folder_id:
                return folder
        raise LibraryError(
            f"The folder is no longer in the library {self._db.path}; add it again to change how it is looked through."
        )

    def _settle(self, folder: Folder) -> None:
        """Give a folder that is new, or new at its place, the photos that belong to it."""
        outer = self._outer(folder.path)
        if outer:
            self._rehome(outer, folder)
        if folder.recursive:
            self._absorb_inner(folder)

    def _inserted(self, path: Path, *, watched: bool, recursive: bool) -> Folder:
        row = self._db.one(
            "INSERT INTO folder (path, watched, recursive, added_at) VALUES (?, ?, ?, ?) RETURNING id",
            (to_stored(str(path)), watched, recursive, self._now()),
        )
        if row is None:
            raise ProgramError("a new folder got no id")
        return Folder(id=row[0], path=path, watched=watched, recursive=recursive)

    def _widened(self, folder: Folder, *, watched: bool, recursive: bool) -> Folder:
        wider = replace(folder, watched=folder.watched or watched, recursive=folder.recursive or recursive)
        self._db.run(
            "UPDATE folder SET watched = ?, recursive = ? WHERE id = ?", (wider.watched, wider.recursive, folder.id)
        )
        return wider

    def _outer(self, path: Path) -> Folder | None:
        """The innermost recursive folder around *path*, not *path* itself."""
        around = [folder for folder in self.folders() if folder.path in path.parents and _takes_up(folder, path)]
        return max(around, key=lambda folder: len(folder.path.parts), default=None)

    def _absorb_inner(self, outer: Folder) -> None:
        for inner in self.folders():
            lies_inside = inner.id != outer.id and inner.path.is_relative_to(outer.path)
            if lies_inside and _takes_up(outer, inner.path) and (outer.watched or not inner.watched):
                self._rehome(inner, outer)
                self._db.run("DELETE FROM folder WHERE id = ?", (inner.id,))

    def _rehome(self, source: Folder, target: Folder) -> None:
        """Give *target* those photos of *source* that it reaches, under names relative to it."""
        moved = []
        for photo_id, stored in self._db.all("SELECT id, relative_path FROM photo WHERE folder_id = ?", (source.id,)):
            path = source.path / from_stored(stored) if is_inside(stored) else None
            if path is not None and reaches(target, path):
                moved.append((photo_id, relative_name(target.path, path)))
        self._move(moved, target.id)

    def _move(self, moved: Iterable[tuple[int, str]], folder_id: int) -> None:
        """Give files, by their ids, to a folder under other names; none may be there already."""
        moves = [(folder_id, to_stored(name), photo_id) for photo_id, name in moved]
        self._db.run_many("UPDATE photo SET folder_id = ?, relative_path = ? WHERE id = ?", moves)
        self._touched |= self._regroup(folder_id, (from_stored(name) for _, name, _ in moves))


def all_folders(db: LibraryDatabase) -> list[Folder]:
    """All folders, in the order they were added."""
    rows = db.all("SELECT id, path, watched, recursive, include, exclude, identity FROM folder ORDER BY id")
    return [
        Folder(folder_id, stored_path(path), bool(watched), bool(recursive), _patterns_of(include, exclude), identity)
        for folder_id, path, watched, recursive, include, exclude, identity in rows
    ]


def _patterns_of(include: str | None, exclude: str | None) -> Patterns:
    return Patterns(
        USUAL.include if include is None else tuple(json.loads(include)),
        USUAL.exclude if exclude is None else tuple(json.loads(exclude)),
    )


def _columns_of(patterns: Patterns) -> tuple[str | None, str | None]:
    """What is as usual is not written down: what is usual may grow."""
    include = None if patterns.include == USUAL.include else json.dumps(patterns.include)
    return include, None if patterns.exclude == USUAL.exclude else json.dumps(patterns.exclude)


def _takes_up(outer: Folder, path: Path) -> bool:
    """Whether the directory *path* below *outer* is looked through along with it."""
    return outer.recursive and not outer.patterns.leaves_out(relative_name(outer.path, path))


def reaches(folder: Folder, path: Path) -> bool:
    """Whether the file *path* lies in *folder*, or below it if that is recursive; the folder itself does."""
    if folder.recursive:
        return path.is_relative_to(folder.path)
    return folder.path in (path, path.parent)
