"""Bring one folder of the library up to date with the disk, in small steps."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

from maclip_desktop.core.photo import Folder, FoundFile
from maclip_desktop.disk import is_directory, is_there, mtime_ns
from maclip_desktop.errors import FolderError
from maclip_desktop.library.folders import reaches
from maclip_desktop.library.names import relative_name
from maclip_desktop.library.store import Store
from maclip_desktop.watching.identity import KnownPlace, identity_of, is_drive_of_its_own
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

    Raises `FolderError` where nothing may be forgotten: where the folder cannot be walked, is another one at the end
    than at the beginning (its drive was unplugged meanwhile), or is empty and another one than when it was last looked
    through (a drive's place without the drive). Photos on a drive of its own inside the folder are not forgotten while
    that one is away. A directory *below* may have vanished again since it was announced: then only what was in it is
    forgotten. *on_other* hears of files that are no photos by their name.
    """
    name = None if below is None else relative_name(folder.path, below)
    looked = _Look(folder, below)
    known = {name: file.photo_id for name, file in store.known_files(folder.id, name).items()}
    files = looked.files(on_other)
    found = 0
    while batch := list(islice(files, STEP_FILES)):
        found += len(batch)
        for file in batch:
            known.pop(relative_name(folder.path, file.path), None)
        # The store leaves out what belongs to a folder of its own inside this one.
        yield ScanStep(changed=tuple(store.record_found(folder, batch)))
    looked.check_place(bool(known), bool(found))
    gone = tuple(photo_id for name, photo_id in known.items() if not looked.may_be_there(name))
    store.forget_photos(gone)
    if below is None:
        place = looked.place(known)
        if place is not None and place != folder.identity:
            store.set_folder_identity(folder.id, place)
    yield ScanStep(removed=gone, problems=looked.problems)


class _Look:
    """One look at a folder: what was in the way, and what that means for the photos that were not seen."""

    def __init__(self, folder: Folder, below: Path | None) -> None:
        self._folder = folder
        self._below = below
        self._identity = identity_of(folder.path)
        self._place = KnownPlace.read(folder.identity)
        self._mounts: set[str] = set()
        self.problems: dict[Path, str] = {}

    def files(self, on_other: OnOther) -> Iterator[FoundFile]:
        """The walk. Raises `FolderError` where the folder itself is not there."""
        folder, below = self._folder, self._below
        if below is not None and folder.patterns.leaves_out(relative_name(folder.path, below)):
            return iter(())
        try:
            return walk(
                below or folder.path,
                on_problem=self._on_problem,
                on_other=on_other,
                on_mount=self._on_mount,
                recursive=folder.recursive,
                patterns=folder.patterns,
                within=folder.path,
            )
        except FolderError as error:
            if below is None or not is_directory(folder.path):
                raise
            if is_there(below):
                self.problems[below] = str(error)
            return iter(())

    def check_place(self, any_missing: bool, any_found: bool) -> None:
        """Raise `FolderError` where photos that were not seen may well be on a drive that is not there."""
        path = self._folder.path
        if any_missing and identity_of(path) != self._identity:
            raise FolderError(
                f"The folder {path} was unplugged, moved or replaced while it was looked through; "
                "bring it back, and it is looked through again."
            )
        is_another = self._place is not None and self._place.identity != self._identity
        if any_missing and not any_found and is_another:
            raise FolderError(
                f"The folder {path} is empty, and another one than before: its drive seems not to be there. Its photos "
                "keep their marks; plug the drive in, or remove the folder if they were deleted."
            )

    def may_be_there(self, name: str) -> bool:
        """Whether a photo that was not seen may exist: below what could not be read, or on a drive that is away."""
        path = self._folder.path / name
        if any(is_below(path, top) for top in self.problems):
            return True
        return any(name.startswith(f"{mount}/") for mount in self._away)

    def place(self, unseen: Iterable[str]) -> str | None:
        """What the folder is now, for the next look; drives that are away stay remembered for their photos' sake."""
        if self._identity is None:
            return None
        names = list(unseen)
        away = {one for one in self._away if any(name.startswith(f"{one}/") for name in names)}
        return KnownPlace(self._identity, frozenset(self._mounts | away)).written()

    @cached_property
    def _away(self) -> list[str]:
        """Directories that were drives of their own, belong to the folder, and are no drives now."""
        folder = self._folder
        if self._place is None or not folder.recursive:
            return []
        known = (mount for mount in self._place.mounts if not folder.patterns.leaves_out(mount))
        return [mount for mount in known if not is_drive_of_its_own(folder.path / mount)]

    def _on_problem(self, path: Path, error: OSError) -> None:
        advice = "permissions" if isinstance(error, PermissionError) else "drive"
        self.problems[path] = f"{path} cannot be read ({error.strerror or error}); check its {advice}."

    def _on_mount(self, directory: Path) -> None:
        self._mounts.add(relative_name(self._folder.path, directory))


def found_files(store: Store, paths: Iterable[Path]) -> list[tuple[Folder, list[FoundFile]]]:
    """Files that have settled, with the library folder each belongs to; what has vanished since is left out."""
    folders = store.folders()
    grouped: dict[int, tuple[Folder, list[FoundFile]]] = {}
    for path in paths:
        folder = innermost(folders, path)
        if folder is None:
            continue
        try:
            status = path.stat()
        except OSError:
            continue
        if not stat.S_ISREG(status.st_mode):
            continue
        grouped.setdefault(folder.id, (folder, []))[1].append(FoundFile(path, status.st_size, mtime_ns(status)))
    return list(grouped.values())


def innermost(folders: Iterable[Folder], path: Path) -> Folder | None:
    """The folder of the library that *path*, a file or the folder itself, belongs to; None outside all *folders*."""
    reaching = (folder for folder in folders if reaches(folder, path))
    return max(reaching, key=lambda folder: len(folder.path.parts), default=None)


def is_below(path: Path, top: Path) -> bool:
    """Whether *path* is *top* or lies in it; both are told by their text alone, which is quick."""
    text, prefix = str(path), str(top)
    return text == prefix or text.startswith(prefix.rstrip(os.sep) + os.sep)
