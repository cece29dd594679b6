"""The workers of the program over a folder of photos, for the fault tests."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from maclip_desktop.jobs import folder_watch
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
def workshop(qtbot: QtBot, library_file: Path, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Starts both workers; what the file system says is heard at once; they are closed with the test."""
    monkeypatch.setattr(folder_watch, "SETTLE_MS", 20)
    monkeypatch.setattr(folder_watch, "HEALTH_MS", 50)
    monkeypatch.setattr(folder_watch, "Settler", partial(Settler, interval_s=0.05))
    opened: list[Workshop] = []

    def start(scorer: FakeScorer | None = None, *, library: Path = library_file, **how: Any) -> Workshop:
        folders = how.get("folders", (photos,))
        shop = Workshop(qtbot, library, folders, loading(scorer or FakeScorer()))
        opened.append(shop)
        return shop.start()

    yield start
    ended = [shop.close() for shop in opened]
    assert all(ended)
