"""A library on disk, and short ways to put photos into it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maclip_desktop.core.photo import Folder, FoundFile, PhotoInfo
from maclip_desktop.library.store import Store


class Shelf:
    """A store on a real file, with a clock that moves only when told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.time = 1000.0
        self.store = self.opened()

    def opened(self) -> Store:
        return Store.open(self.path, busy_timeout_ms=50, now=lambda: self.time)

    def reopen(self) -> Store:
        self.store.close()
        self.store = self.opened()
        return self.store

    def folder(self, path: str = "/photos", *, watched: bool = True, recursive: bool = True) -> Folder:
        return self.store.add_folder(Path(path), watched=watched, recursive=recursive)

    def found(self, folder: Folder, *names: str, size: int = 10, mtime_ns: int = 1) -> list[int]:
        return self.store.record_found(folder, [FoundFile(folder.path / name, size, mtime_ns) for name in names])

    def photo(self, folder: Folder, name: str, content: str) -> int:
        """A photo that is identified; returns its id."""
        (photo_id,) = self.found(folder, name)
        assert self.store.record_identified(photo_id, 10, 1, content, PhotoInfo(400, 300))
        return photo_id

    def names(self) -> list[str]:
        """Path of every photo in the library, sorted."""
        return sorted(str(row.path) for row in self.store.rows())


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "library.db")
    yield shelf
    shelf.store.close()


@pytest.fixture
def make_shelf(tmp_path: Path) -> Callable[[str], Shelf]:
    return lambda name: Shelf(tmp_path / name)
