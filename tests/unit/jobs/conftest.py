"""A library on disk with real photos in folders, for the tests of pipelines and workers."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maclip_desktop.core.photo import Folder, PhotoRow
from maclip_desktop.jobs.scan import scan
from maclip_desktop.jobs.tasks import identify, save_identified
from maclip_desktop.library.store import Store


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """An empty folder for photos."""
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def library_file(tmp_path: Path) -> Path:
    return tmp_path / "library.db"


@pytest.fixture
def store(library_file: Path) -> Iterator[Store]:
    with Store.open(library_file) as store:
        yield store


@pytest.fixture
def folder(store: Store, photos: Path) -> Folder:
    """The folder of photos, watched."""
    return store.add_folder(photos, watched=True)


@pytest.fixture
def identified(store: Store, folder: Folder) -> Callable[[], list[PhotoRow]]:
    """Brings the library up to date with the folder and returns its photos, by id."""

    def bring() -> list[PhotoRow]:
        list(scan(store, folder))
        save_identified(store, [identify(row) for row in store.to_identify(1000)])
        return list(store.rows())

    return bring
