"""Fixtures of the GUI tests, and what no GUI test may leave behind."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThreadPool, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from maclip_desktop.app import Desktop
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.technical import TechnicalScorer
from maclip_desktop.settings import Settings
from maclip_desktop.ui.main_window import MainWindow
from maclip_desktop.ui.photo_grid import PhotoGrid
from maclip_desktop.ui.photo_model import PhotoModel
from tests.gui.desktop import OpenDesktop
from tests.gui.helping import Pictures, write_photo

AnyObject = TypeVar("AnyObject", bound=QObject)
PATIENCE_MS = 5000


def _living(kind: type[AnyObject]) -> list[AnyObject]:
    # By type(): isinstance() would wake up proxies of other libraries that look like anything.
    return [one for one in gc.get_objects() if issubclass(type(one), kind) and isValid(one)]


@pytest.fixture(autouse=True)
def nothing_of_qt_left(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a running timer or a window behind; threads are looked after for all tests."""
    windows_before = set(map(id, QApplication.topLevelWidgets()))
    timers_before = {id(timer) for timer in _living(QTimer) if timer.isActive()}
    yield
    assert QThreadPool.globalInstance().waitForDone(PATIENCE_MS)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()
    gc.collect()
    timers = [timer for timer in _living(QTimer) if timer.isActive() and id(timer) not in timers_before]
    assert not timers, "timers were left running"
    windows = [one for one in QApplication.topLevelWidgets() if id(one) not in windows_before and one.isVisible()]
    assert not windows, "windows were left open"


@pytest.fixture
def thumbnails() -> Iterator[Pictures]:
    pictures = Pictures()
    yield pictures
    pictures.loader.close()


@pytest.fixture
def previews() -> Iterator[Pictures]:
    pictures = Pictures()
    yield pictures
    pictures.loader.close()


@pytest.fixture
def model(qapp: QApplication) -> PhotoModel:
    return PhotoModel()


@pytest.fixture
def grid(qtbot: QtBot, model: PhotoModel, thumbnails: Pictures) -> PhotoGrid:
    """An open grid of about three columns."""
    grid = PhotoGrid(model, thumbnails.loader)
    qtbot.addWidget(grid)
    grid.resize(700, 500)
    grid.show()
    qtbot.waitExposed(grid)
    return grid


@pytest.fixture
def window(qtbot: QtBot, thumbnails: Pictures, previews: Pictures) -> MainWindow:
    """The open main window, without workers."""
    window = make_window(thumbnails, previews)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return window


def make_window(thumbnails: Pictures, previews: Pictures, **settings: Any) -> MainWindow:
    return MainWindow(thumbnails.loader, previews.loader, Settings(**settings), QIcon())


@pytest.fixture
def open_desktop(qtbot: QtBot, app_paths: AppPaths) -> Iterator[OpenDesktop]:
    """Opens windows over one library; at the end each must have ended in time."""
    opened: list[Desktop] = []

    def open_one(*folders: Path, scorer: TechnicalScorer | None = None) -> Desktop:
        return start(lambda *_: scorer or TechnicalScorer(), *folders)

    def start(load: Callable[..., Any], *folders: Path) -> Desktop:
        desktop = Desktop(app_paths, app_paths.library_file, folders, load_scorer=load)
        opened.append(desktop)
        qtbot.addWidget(desktop.window)
        desktop.start()
        return desktop

    open_one.start = start  # type: ignore[attr-defined]
    yield open_one
    for desktop in opened:
        desktop.window.close()
        assert desktop.shutdown(), "a worker did not end in time"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five photos, the less sharp the higher their number."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(5):
        write_photo(folder / f"p{number}.jpg", seed=number, blur=1.5 * number)
    return folder
