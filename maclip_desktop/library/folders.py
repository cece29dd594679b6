"""Folders of the library, and which of them a file belongs to.

Every file has one row. Where folders lie within each other, a file belongs to the innermost that reaches it. A
watched folder inside an unwatched one stays a folder of its own; any other folder inside a recursive one is
taken up by it.
"""

from pathlib import Path

from maclip_desktop.core.photo import Folder
from maclip_desktop.errors import ProgramError
from maclip_desktop.library.database import LibraryDatabase
from maclip_desktop.library.names import from_stored, relative_name, to_stored
from maclip_desktop.library.part import StorePart
from maclip_desktop.library.reading import stored_path


class FolderPart(StorePart):
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
            if outer:
                self._rehome(outer, folder)
            if folder.recursive:
                self._absorb_inner(folder)
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
            self._db.run("DELETE FROM folder WHERE id = ?", (folder_id,))

    def counts(self) -> dict[int, int]:
        """Folder id -> its number of photos."""
        return dict(
            self._db.all(
                "SELECT folder.id, count(photo.id) FROM folder LEFT JOIN photo ON photo.folder_id = folder.id "
                "GROUP BY folder.id"
            )
        )

    def _inserted(self, path: Path, *, watched: bool, recursive: bool) -> Folder:
        row = self._db.one(
            "INSERT INTO folder (path, watched, recursive, added_at) VALUES (?, ?, ?, ?) RETURNING id",
            (to_stored(str(path)), watched, recursive, self._now()),
        )
        if row is None:
            raise ProgramError("a new folder got no id")
        return Folder(id=row[0], path=path, watched=watched, recursive=recursive)

    def _widened(self, folder: Folder, *, watched: bool, recursive: bool) -> Folder:
        wider = Folder(folder.id, folder.path, folder.watched or watched, folder.recursive or recursive)
        self._db.run(
            "UPDATE folder SET watched = ?, recursive = ? WHERE id = ?", (wider.watched, wider.recursive, folder.id)
        )
        return wider

    def _outer(self, path: Path) -> Folder | None:
        """The innermost recursive folder around *path*, not *path* itself."""
        around = [folder for folder in self.folders() if folder.recursive and folder.path in path.parents]
        return max(around, key=lambda folder: len(folder.path.parts), default=None)

    def _absorb_inner(self, outer: Folder) -> None:
        for inner in self.folders():
            is_inside = inner.id != outer.id and inner.path.is_relative_to(outer.path)
            if is_inside and (outer.watched or not inner.watched):
                self._rehome(inner, outer)
                self._db.run("DELETE FROM folder WHERE id = ?", (inner.id,))

    def _rehome(self, source: Folder, target: Folder) -> None:
        """Give *target* those photos of *source* that it reaches, under names relative to it."""
        moved = []
        for photo_id, stored in self._db.all("SELECT id, relative_path FROM photo WHERE folder_id = ?", (source.id,)):
            path = source.path / from_stored(stored)
            if reaches(target, path):
                moved.append((target.id, to_stored(relative_name(target.path, path)), photo_id))
        self._db.run_many("UPDATE photo SET folder_id = ?, relative_path = ? WHERE id = ?", moved)


def all_folders(db: LibraryDatabase) -> list[Folder]:
    """All folders, in the order they were added."""
    rows = db.all("SELECT id, path, watched, recursive FROM folder ORDER BY id")
    return [
        Folder(id=folder_id, path=stored_path(path), watched=bool(watched), recursive=bool(recursive))
        for folder_id, path, watched, recursive in rows
    ]


def reaches(folder: Folder, path: Path) -> bool:
    """Whether the file *path* lies in *folder*, or below it if that is recursive; the folder itself does."""
    if folder.recursive:
        return path.is_relative_to(folder.path)
    return folder.path in (path, path.parent)
