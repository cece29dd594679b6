"""A library on disk with real photos in folders, for the tests of pipelines and workers."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from maclip_desktop.core.photo import Folder, PhotoRow
from maclip_desktop.jobs import folder_watch
from maclip_desktop.jobs.scan import scan
from maclip_desktop.jobs.tasks import identify, save_identified
from maclip_desktop.library.store import Store
from maclip_desktop.watching.settle import Settler
from tests.helpers.fakes import FakeScorer, loading
from tests.helpers.workshop import Open, Workshop


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


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the file system says is heard at once."""
    monkeypatch.setattr(folder_watch, "SETTLE_MS", 20)
    monkeypatch.setattr(folder_watch, "HEALTH_MS", 50)
    monkeypatch.setattr(folder_watch, "QUIET_MS", 100)
    monkeypatch.setattr(folder_watch, "Settler", partial(Settler, interval_s=0.05))


@pytest.fixture
def workshop(quick: None, qtbot: QtBot, library_file: Path, photos: Path) -> Iterator[Open]:
    """Starts both workers over the folder of photos; they are closed with the test."""
    opened: list[Workshop] = []

    def start(
        scorer: FakeScorer | None = None, *, folders: tuple[Path, ...] | None = None, load: Any = None
    ) -> Workshop:
        watched = (photos,) if folders is None else folders
        shop = Workshop(qtbot, library_file, watched, load or loading(scorer or FakeScorer()))
        opened.append(shop)
        return shop.start()

    yield start
    ended = [shop.close() for shop in opened]
    assert all(ended)
