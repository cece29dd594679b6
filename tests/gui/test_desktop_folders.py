"""The whole window with its real workers: folders are added, changed and followed."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from maclip_desktop.app import Desktop
from maclip_desktop.core.patterns import Patterns
from maclip_desktop.jobs.messages import FolderMoved, FolderOptions
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths
from tests.gui.desktop import PATIENCE_MS, CountingScorer, OpenDesktop, scores, wait_scored
from tests.gui.helping import write_photo


def folder_id(desktop: Desktop) -> int:
    (state,) = desktop.window.folders._states
    return int(state.id)


def test_a_folder_added_in_the_window_is_scored_and_may_be_removed_again(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path
) -> None:
    desktop = open_desktop()
    window = desktop.window
    qtbot.waitUntil(window.empty.isVisible, timeout=PATIENCE_MS)
    window.folders.add_asked.emit(folder)
    wait_scored(qtbot, desktop, 5)
    window.folders._list.setCurrentRow(1)
    QTest.mouseClick(window.folders._remove, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.empty.isVisible, timeout=PATIENCE_MS)
    assert len(window.model.table) == 0


def test_folder_options_reach_the_library(qtbot: QtBot, open_desktop: OpenDesktop, folder: Path) -> None:
    (folder / "sub").mkdir()
    write_photo(folder / "sub" / "inside.jpg", seed=41)
    desktop = open_desktop(folder)
    wait_scored(qtbot, desktop, 6)
    options = FolderOptions(folder_id(desktop), False, Patterns(exclude=("p0*",)))
    desktop.window.folder_options_asked.emit(options)
    qtbot.waitUntil(lambda: set(scores(desktop)) == {"p1.jpg", "p2.jpg", "p3.jpg", "p4.jpg"}, timeout=PATIENCE_MS)


def test_a_folder_that_was_moved_is_followed_without_scoring_again(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, tmp_path: Path
) -> None:
    scorer = CountingScorer()
    desktop = open_desktop(folder, scorer=scorer)
    wait_scored(qtbot, desktop, 5)
    before = scores(desktop)
    moved = folder.rename(tmp_path / "disk")
    desktop.window.folder_moved.emit(FolderMoved(folder_id(desktop), moved))
    table = desktop.window.model.table
    qtbot.waitUntil(
        lambda: len(table) == 5 and all(table.path(slot).parent == moved for slot in range(5)), timeout=PATIENCE_MS
    )
    assert (scores(desktop), scorer.scored) == (before, 5)


def test_whether_files_of_one_name_are_one_photo_is_kept_in_the_library(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, app_paths: AppPaths
) -> None:
    desktop = open_desktop(folder)
    wait_scored(qtbot, desktop, 5)
    desktop.window.menus.pairs.setChecked(False)

    def pairs() -> bool:
        with Store.open(app_paths.library_file) as store:
            return store.pairs()

    qtbot.waitUntil(lambda: not pairs(), timeout=PATIENCE_MS)
    desktop.window.close()
    again = open_desktop()
    qtbot.waitUntil(lambda: not again.window.menus.pairs.isChecked(), timeout=PATIENCE_MS)


@pytest.mark.qt_log_ignore("does not support raise")
def test_folders_of_a_later_start_are_watched_and_the_window_comes_forward(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, tmp_path: Path
) -> None:
    desktop = open_desktop()
    qtbot.waitUntil(desktop.window.empty.isVisible, timeout=PATIENCE_MS)
    desktop.window.showMinimized()
    desktop.take_folders((folder,))
    wait_scored(qtbot, desktop, 5)
    assert desktop.window.isVisible() and not desktop.window.isMinimized()
