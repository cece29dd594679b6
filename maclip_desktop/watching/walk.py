"""Walking a folder for photos."""

import logging
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from maclip_desktop.core.formats import is_film, is_photo
from maclip_desktop.core.patterns import USUAL, Patterns
from maclip_desktop.core.photo import FoundFile
from maclip_desktop.disk import mtime_ns
from maclip_desktop.errors import FolderError

_log = logging.getLogger(__name__)

OnProblem = Callable[[Path, OSError], None]
OnOther = Callable[[Path], None]


def pass_over(path: Path) -> None:
    """Nobody wants to hear of files that are no photos, or of drives."""


def walk(
    root: Path,
    *,
    on_problem: OnProblem,
    on_other: OnOther = pass_over,
    on_mount: OnOther = pass_over,
    recursive: bool = True,
    patterns: Patterns = USUAL,
    within: Path | None = None,
) -> Iterator[FoundFile]:
    """Yield the photos in *root*, by name within each directory: a directory's own files, then its directories.

    Films that may belong to a photo count as photos here. Links to directories are not followed, links to files are;
    so no loop of links is ever walked. What vanishes meanwhile is no problem.

    Args:
        on_problem: hears of what cannot be read; the walk goes on.
        on_other: hears of files that are no photos by their name and that no pattern leaves out.
        on_mount: hears of directories that are on another drive than the one around them.
        patterns: what is left out and taken, by names below *within*.
        within: the folder of the library that *root* lies in; by default *root* itself.

    Raises:
        FolderError: *root* is missing, no folder, or cannot be read; raised by this call, before the first photo.
    """
    entries = _root_entries(root)
    walking = _Walk(recursive, patterns, on_problem, on_other, on_mount)
    return walking.files(entries, _prefix(within or root, root), _drive(root))


def one_form(path: str) -> str:
    """The form in which this program writes *path*.

    macOS gives one file's name composed or decomposed, in listings and in events, and opens it under both.
    Elsewhere the two forms are different files.
    """
    return unicodedata.normalize("NFC", path) if sys.platform == "darwin" else path


def unusable(folder: Path, error: OSError) -> FolderError:
    """Why *folder* cannot be walked or watched, in one sentence."""
    if isinstance(error, FileNotFoundError):
        return FolderError(f"The folder {folder} does not exist; check its name and that its drive is there.")
    if isinstance(error, NotADirectoryError):
        return FolderError(f"{folder} is a file, not a folder; name the folder it is in.")
    return FolderError(f"The folder {folder} cannot be read ({error.strerror}); check its permissions.")


def _root_entries(root: Path) -> list[os.DirEntry[str]]:
    try:
        return _entries(root)
    except OSError as error:
        raise unusable(root, error) from error


def _entries(folder: Path | str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _prefix(within: Path, root: Path) -> str:
    """What a name in *root* begins with below *within*, with ``/``."""
    name = root.relative_to(within).as_posix()
    return "" if name == "." else f"{name}/"


def _drive(folder: Path) -> int:
    """The number of the drive that *folder* is on; 0 where it cannot be told, as for all directories of Windows."""
    try:
        return 0 if os.name == "nt" else folder.stat().st_dev
    except OSError:
        return 0


@dataclass(frozen=True, slots=True)
class _Ahead:
    """A directory still to be walked."""

    path: str
    prefix: str
    """What names in it begin with."""
    drive: int


@dataclass(frozen=True, slots=True)
class _Walk:
    recursive: bool
    patterns: Patterns
    on_problem: OnProblem
    on_other: OnOther
    on_mount: OnOther

    def files(self, entries: list[os.DirEntry[str]], prefix: str, drive: int) -> Iterator[FoundFile]:
        # A stack of our own rather than recursion: folders can be nested deeper than Python's calls.
        ahead: list[_Ahead] = []
        while True:
            folders: list[_Ahead] = []
            for entry in entries:
                if _is_folder(entry):
                    if self.recursive and not self.patterns.leaves_out(prefix + one_form(entry.name)):
                        folders.append(self._ahead(entry, prefix, drive))
                elif found := self._taken(entry, prefix):
                    yield found
            ahead.extend(reversed(folders))
            if not ahead:
                return
            following = ahead.pop()
            entries, prefix, drive = (
                _readable_entries(following.path, self.on_problem),
                following.prefix,
                following.drive,
            )

    def _ahead(self, entry: os.DirEntry[str], prefix: str, around: int) -> _Ahead:
        drive = _drive_of(entry)
        if drive and around and drive != around:
            self.on_mount(Path(one_form(entry.path)))
        return _Ahead(entry.path, f"{prefix}{one_form(entry.name)}/", drive)

    def _taken(self, entry: os.DirEntry[str], prefix: str) -> FoundFile | None:
        name = prefix + one_form(entry.name)
        if is_photo(entry.name) or is_film(entry.name):
            return _found(entry, self.on_problem) if self.patterns.takes_here(name) else None
        if not self.patterns.leaves_out(name):
            self.on_other(Path(one_form(entry.path)))
        return None


def _drive_of(entry: os.DirEntry[str]) -> int:
    try:
        return 0 if os.name == "nt" else entry.stat(follow_symlinks=False).st_dev
    except OSError:
        return 0


def _readable_entries(folder: str, on_problem: OnProblem) -> list[os.DirEntry[str]]:
    try:
        return _entries(folder)
    except (FileNotFoundError, NotADirectoryError):
        _log.debug("%s vanished during the walk", folder)
    except OSError as error:
        on_problem(Path(folder), error)
    return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        # Only where the listing does not tell the kind and the file then cannot be looked at: `_found` tells.
        return False


def _found(entry: os.DirEntry[str], on_problem: OnProblem) -> FoundFile | None:
    try:
        if not entry.is_file():
            return None
        # os.stat and not entry.stat(): on Windows the listing's size and time lag behind the file's.
        status = os.stat(entry.path)  # noqa: PTH116
    except FileNotFoundError:
        return None
    except OSError as error:
        on_problem(Path(entry.path), error)
        return None
    return FoundFile(Path(one_form(entry.path)), status.st_size, mtime_ns(status))
