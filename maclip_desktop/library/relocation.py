"""Photos that somebody has moved, directory and all: the library follows without reading one of them."""

import os
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePath

from maclip_desktop.core.photo import Folder
from maclip_desktop.errors import LibraryError
from maclip_desktop.library.folders import FolderPart, reaches
from maclip_desktop.library.names import as_list, chunks, from_stored, is_inside, relative_name, to_stored
from maclip_desktop.library.photos import files_named


@dataclass(frozen=True, slots=True)
class _Moved:
    """A file that now lies elsewhere."""

    id: int
    folder_id: int
    is_shown: bool
    name: str
    """Below the directory that was moved, with ``/``."""


class RelocationPart(FolderPart):
    def relocate(self, old: Path, new: Path) -> int:
        """Have everything in the directory *old* lie in *new* from now on; returns how many photos that concerns.

        Both are absolute. *old* may be a folder of the library, a directory around folders, or one inside a folder;
        where a folder is needed for what is in *new*, it is made like the one before. What the library knows in *new*
        already stays as it is, and its twin from *old* goes; marks and scores belong to the content and stay.

        Raises:
            LibraryError: the library has nothing in *old*, or *new* lies inside it.
        """
        new = _one_form(new)
        with self._db.transaction():
            old = self._spelled(old)
            if old != new and new.is_relative_to(old) and not _is_same_place(old, new):
                raise LibraryError(f"{new} lies inside {old}; name the folder that the photos of {old} are in now.")
            if str(old) == str(new):
                return 0
            folders = self._folders_in(old)
            moved = self._files_in(old)
            if not folders and not moved:
                raise LibraryError(
                    f"The library {self._db.path} has nothing in {old}; "
                    "name a folder as the window shows it, or one around it."
                )
            kept = self._without_doubles(moved, new)
            self._touched.update(file.id for file in moved)
            inside = [file for file in kept if file.folder_id not in {folder.id for folder in folders}]
            self._move_folders(folders, old, new)
            self._move_files(inside, new)
            self._rename_in_reasons(kept, old, new)
            return sum(file.is_shown for file in moved)

    def _folders_in(self, directory: Path) -> list[Folder]:
        """The folders at or below *directory*, outer ones first."""
        inside = [folder for folder in self.folders() if folder.path.is_relative_to(directory)]
        return sorted(inside, key=lambda folder: len(folder.path.parts))

    def _files_in(self, directory: Path) -> list[_Moved]:
        columns = "id, relative_path, main_id IS NULL"
        files = []
        for folder in self.folders():
            if folder.path.is_relative_to(directory):
                prefix = _prefix(directory, folder.path)
                rows = self._db.all(f"SELECT {columns} FROM photo WHERE folder_id = ?", (folder.id,))
                files += [_moved(row, folder, prefix) for row in rows if is_inside(row[1])]
            elif directory.is_relative_to(folder.path):
                name = relative_name(folder.path, directory)
                rows = files_named(self._db, columns, folder.id, name)
                below = [row for row in rows if is_inside(row[1]) and from_stored(row[1]) != name]
                files += [_moved(row, folder, "", cut=len(name) + 1) for row in below]
        return files

    def _without_doubles(self, moved: list[_Moved], new: Path) -> list[_Moved]:
        """Forget those files of which the library knows one of the same name in *new* already."""
        moving = {file.id for file in moved}
        there = {file.name for file in self._files_in(new) if file.id not in moving}
        doubles = [file.id for file in moved if file.name in there]
        for chunk in chunks(doubles):
            self._db.run("DELETE FROM photo WHERE id IN (SELECT value FROM json_each(?))", (as_list(chunk),))
        return [file for file in moved if file.name not in there]

    def _move_folders(self, folders: list[Folder], old: Path, new: Path) -> None:
        for folder in folders:
            path = new / folder.path.relative_to(old)
            there = next((one for one in self.folders() if str(one.path) == str(path) and one.id != folder.id), None)
            # The column is unique: the one that is there already takes up the other's photos.
            target = there or self._at(folder, path)
            if there:
                target = self._widened(there, watched=folder.watched, recursive=folder.recursive)
                rows = self._db.all("SELECT id, relative_path FROM photo WHERE folder_id = ?", (folder.id,))
                self._move([(row[0], from_stored(row[1])) for row in rows if is_inside(row[1])], there.id)
                self._db.run("DELETE FROM folder WHERE id = ?", (folder.id,))
            self._settle_moved(target)

    def _settle_moved(self, folder: Folder) -> None:
        outer = self._outer(folder.path)
        if outer and (outer.watched or not folder.watched):
            self._rehome(folder, outer)
            self._db.run("DELETE FROM folder WHERE id = ?", (folder.id,))
        else:
            self._settle(folder)

    def _at(self, folder: Folder, path: Path) -> Folder:
        self._db.run("UPDATE folder SET path = ?, identity = NULL WHERE id = ?", (to_stored(str(path)), folder.id))
        return next(one for one in self.folders() if one.id == folder.id)

    def _move_files(self, files: list[_Moved], new: Path) -> None:
        """Give files that lay inside a folder to whichever folder reaches their new place."""
        if not files:
            return
        homes = _Homes(self.folders())
        if any(homes.of(new / file.name) is None for file in files):
            before = next(folder for folder in self.folders() if folder.id == files[0].folder_id)
            made = self.add_folder(new, watched=before.watched)
            self.set_folder_options(made.id, recursive=True, patterns=before.patterns)
            homes = _Homes(self.folders())
        moves: dict[int, list[tuple[int, str]]] = {}
        # A file may take the name of another one that moves up too; that one lies nearer to the top.
        for file in sorted(files, key=lambda file: file.name.count("/")):
            path = new / file.name
            home = homes.of(path)
            if home is not None:
                moves.setdefault(home.id, []).append((file.id, relative_name(home.path, path)))
        for folder_id, moved in moves.items():
            self._move(moved, folder_id)

    def _rename_in_reasons(self, files: list[_Moved], old: Path, new: Path) -> None:
        """Why a file could not be read is a sentence that names it, and is shown until it is tried again."""
        names = {file.id: file.name for file in files}
        failed = "SELECT id, error FROM photo WHERE error IS NOT NULL AND id IN (SELECT value FROM json_each(?))"
        for chunk in chunks(names):
            reasons = self._db.all(failed, (as_list(chunk),))
            renamed = [
                (reason.replace(_in_words(old / names[file_id]), _in_words(new / names[file_id])), file_id)
                for file_id, reason in reasons
            ]
            self._db.run_many("UPDATE photo SET error = ? WHERE id = ?", renamed)

    def _spelled(self, path: Path) -> Path:
        """*path* as the library spells it, where only its case or the form of its letters is another one."""
        if self._folders_in(path) or self._files_in(path):
            return path
        known = {place for folder in self.folders() for place in (folder.path, *folder.path.parents)}
        alike = [place for place in known if _is_same_place(place, path)]
        return alike[0] if len(alike) == 1 else path


class _Homes:
    """Which folder a file belongs to, asked for many files of few directories."""

    def __init__(self, folders: list[Folder]) -> None:
        self._folders = sorted(folders, key=lambda folder: -len(folder.path.parts))
        self._known: dict[Path, Folder | None] = {}

    def of(self, path: Path) -> Folder | None:
        """The innermost folder that reaches the file *path*."""
        if path.parent not in self._known:
            self._known[path.parent] = next((folder for folder in self._folders if reaches(folder, path)), None)
        return self._known[path.parent]


def _moved(row: tuple[int, str | bytes, int], folder: Folder, prefix: str, cut: int = 0) -> _Moved:
    return _Moved(row[0], folder.id, bool(row[2]), prefix + from_stored(row[1])[cut:])


def _in_words(path: Path) -> str:
    """A path as sentences have it: bytes that are no text stand there as ``\\udcXX``."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _prefix(around: Path, folder: Path) -> str:
    """What the names of a folder's files begin with below a directory around it."""
    return "" if folder == around else f"{relative_name(around, folder)}/"


def _one_form(path: Path) -> Path:
    """The form in which this program writes *path*: macOS opens a file under both forms of its letters."""
    return Path(unicodedata.normalize("NFC", str(path))) if sys.platform == "darwin" else path


def _is_same_place(one: PurePath, other: PurePath) -> bool:
    """Whether two paths differ at most in the form of their letters, or, where that does not matter, in their case."""
    return _folded(one) == _folded(other)


def _folded(path: PurePath) -> str:
    name = unicodedata.normalize("NFC", str(path))
    return name.casefold() if sys.platform == "darwin" or os.name == "nt" else name
