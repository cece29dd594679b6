"""Bring one folder of the library up to date with the disk, in small steps."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from maclip_desktop.core.photo import Folder, FoundFile
from maclip_desktop.disk import is_directory, is_there
from maclip_desktop.errors import FolderError
from maclip_desktop.library.names import relative_name
from maclip_desktop.library.store import Store
from maclip_desktop.watching.walk import OnOther, pass_over, walk

STEP_FILES = 500
"""Files compared with the library in one step: small enough that a mark by keyboard gets in between."""


@dataclass(frozen=True, slots=True)
class ScanStep:
    """What one step changed in the library."""

    changed: tuple[int, ...] = ()
    """Ids of photos that are new or have changed on disk."""
    removed: tuple[int, ...] = ()
    """Ids of photos whose file is gone."""
    problems: Mapping[Path, str] = field(default_factory=dict)
    """What could not be read, each with a sentence."""


def scan(store: Store, folder: Folder, below: Path | None = None, on_other: OnOther = pass_over) -> Iterator[ScanStep]:
    """Walk *folder* (or the directory *below* in it) and record what is new, changed or gone.

    Raises `FolderError` where the folder itself cannot be walked, or is another one at the end than at the beginning
    (its drive was unplugged meanwhile); then nothing is forgotten. A directory *below*
    may have vanished again since it was announced: then only what was in it is forgotten. *on_other* hears of files
    that are no photos by their name.
    """
    root = below or folder.path
    problems: dict[Path, str] = {}

    def on_problem(path: Path, error: OSError) -> None:
        problems[path] = f"{path} cannot be read ({error.strerror or error}); check its permissions."

    name = None if below is None else relative_name(folder.path, below)
    known = {folder.path / relative: file.photo_id for relative, file in store.known_files(folder.id, name).items()}
    before = _identity(folder.path)
    files: Iterator[FoundFile] = iter(())
    try:
        files = walk(root, recursive=folder.recursive, on_problem=on_problem, on_other=on_other)
    except FolderError as error:
        if below is None or not is_directory(folder.path):
            raise
        if is_there(below):
            problems[below] = str(error)
    while batch := list(islice(files, STEP_FILES)):
        for file in batch:
            known.pop(file.path, None)
        # The store leaves out what belongs to a folder of its own inside this one.
        yield ScanStep(changed=tuple(store.record_found(folder, batch)))
    gone = tuple(photo_id for path, photo_id in known.items() if not any(_is_below(path, top) for top in problems))
    if gone and _identity(folder.path) != before:
        raise FolderError(
            f"The folder {folder.path} was unplugged, moved or replaced while it was looked through; "
            "bring it back, and it is looked through again."
        )
    store.forget_photos(gone)
    yield ScanStep(removed=gone, problems=problems)


def found_files(store: Store, paths: Iterable[Path]) -> list[tuple[Folder, list[FoundFile]]]:
    """Files that have settled, with the library folder each belongs to; what has vanished since is left out."""
    grouped: dict[int, tuple[Folder, list[FoundFile]]] = {}
    for path in paths:
        folder = store.folder_for(path)
        if folder is None:
            continue
        try:
            status = path.stat()
        except OSError:
            continue
        grouped.setdefault(folder.id, (folder, []))[1].append(FoundFile(path, status.st_size, status.st_mtime_ns))
    return list(grouped.values())


def _identity(folder: Path) -> tuple[int, int] | None:
    """Device and file number, by which a folder is told from another one at the same place; None where none is."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_below(path: Path, top: Path) -> bool:
    text, prefix = str(path), str(top)
    return text == prefix or text.startswith(prefix.rstrip(os.sep) + os.sep)
