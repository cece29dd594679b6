"""Walking a folder for photos."""

import logging
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from maclip_desktop.core.formats import is_photo
from maclip_desktop.core.photo import FoundFile
from maclip_desktop.errors import FolderError

_log = logging.getLogger(__name__)

# Thumbnails of Synology drives; wastebaskets of network drives and Windows; its index. Compared in lower case.
_SKIPPED_NAMES = frozenset({"@eadir", "#recycle", "$recycle.bin", "system volume information"})
_SKIPPED_SUFFIXES = (".photoslibrary", ".lrdata")
"""Directories in which another program keeps its own copies."""

OnProblem = Callable[[Path, OSError], None]
OnOther = Callable[[Path], None]


def pass_over(path: Path) -> None:
    """Nobody wants to hear of files that are no photos."""


def walk(
    root: Path, *, recursive: bool = True, on_problem: OnProblem, on_other: OnOther = pass_over
) -> Iterator[FoundFile]:
    """Yield the photos in *root*, by name within each directory: a directory's own files, then its directories.

    Hidden and wastebasket directories are skipped, links to directories are not followed, links to files are.
    What vanishes meanwhile is no problem; what cannot be read is told to *on_problem*, and the walk goes on. Files
    that are no photos by their name are told to *on_other*.

    Raises:
        FolderError: *root* is missing, no folder, or cannot be read; raised by this call, before the first photo.
    """
    entries = _root_entries(root)
    return _walk(entries, recursive, on_problem, on_other)


def is_skipped(name: str) -> bool:
    """Whether a file or directory of this name is left out: hidden, a wastebasket, another program's store."""
    lower = name.lower()
    return name.startswith(".") or lower in _SKIPPED_NAMES or lower.endswith(_SKIPPED_SUFFIXES)


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


def _walk(
    entries: list[os.DirEntry[str]], recursive: bool, on_problem: OnProblem, on_other: OnOther
) -> Iterator[FoundFile]:
    # A stack of our own rather than recursion: folders can be nested deeper than Python's calls.
    ahead: list[str] = []
    while True:
        folders = []
        for entry in entries:
            if is_skipped(entry.name):
                continue
            if _is_folder(entry):
                folders.append(entry.path)
            elif not is_photo(entry.name):
                on_other(Path(one_form(entry.path)))
            elif found := _found(entry, on_problem):
                yield found
        if recursive:
            ahead.extend(reversed(folders))
        if not ahead:
            return
        entries = _readable_entries(ahead.pop(), on_problem)


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
    return FoundFile(Path(one_form(entry.path)), status.st_size, status.st_mtime_ns)
