"""Photos with several files, photos that failed, copies, and photos whose folder is missing: in the whole window."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from maclip_desktop.core.ordering import FlagFilter
from maclip_desktop.jobs.messages import FoldersChanged, FolderState, FolderStatus, Notice
from maclip_desktop.ui.labels import BREAK
from maclip_desktop.ui.main_window import MainWindow
from maclip_desktop.ui.photo_model import Role
from tests.gui.helping import Pictures, photo_row, rows_changed

ONE_FOLDER = FoldersChanged((FolderState(1, Path("/photos"), FolderStatus.WATCHED),))


@pytest.fixture
def filled(window: MainWindow) -> MainWindow:
    """Photos 1 ... 5, from worst to best."""
    window.take_folders(ONE_FOLDER)
    window.take_rows(rows_changed(*(photo_row(number, number / 10) for number in range(1, 6))))
    window.library_loaded()
    return window


def shown_ids(window: MainWindow) -> list[int]:
    return [window.model.photo_id(row) for row in range(window.model.rowCount())]


def show_only(window: MainWindow, flag_filter: FlagFilter) -> None:
    window.filter_bar.set_view(window.filter_bar.sort_order(), flag_filter)
    window.filter_bar.view_changed.emit()


def action(window: MainWindow, text: str) -> QAction:
    return next(one for one in window.findChildren(QAction) if one.text().replace("&", "") == text)


def test_pairs_are_switched_in_the_menu(qtbot: QtBot, window: MainWindow) -> None:
    switch = action(window, "RAW and JPEG as one photo")
    with qtbot.waitSignal(window.pairs_asked) as asked:
        switch.trigger()
    assert asked.args == [False]


def test_the_library_s_word_on_pairs_is_shown_and_not_asked_for(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.assertNotEmitted(window.pairs_asked):
        window.show_pairs(False)
    assert not action(window, "RAW and JPEG as one photo").isChecked()


def test_those_of_the_selected_photos_that_failed_are_tried_again(qtbot: QtBot, filled: MainWindow) -> None:
    filled.take_rows(rows_changed(photo_row(2, error="Damaged."), photo_row(4, error="Damaged.")))
    filled.grid.select_photos((1, 2, 3))
    with qtbot.waitSignal(filled.retry_failed_asked) as asked:
        action(filled, "Try again").trigger()
    assert asked.args == [(2,)]
    with qtbot.waitSignal(filled.retry_failed_asked) as asked:
        action(filled, "Try all failed again").trigger()
    assert asked.args == [None]


def test_the_inspector_s_photo_is_tried_again(qtbot: QtBot, filled: MainWindow) -> None:
    with qtbot.waitSignal(filled.retry_failed_asked) as asked:
        filled.inspector.retry_asked.emit(3)
    assert asked.args == [(3,)]


@pytest.mark.parametrize(("selected", "one", "every"), [((1,), False, True), ((2,), True, True)])
def test_only_what_failed_is_offered_to_be_tried_again(
    filled: MainWindow, selected: tuple[int, ...], one: bool, every: bool
) -> None:
    filled.take_rows(rows_changed(photo_row(2, error="Damaged.")))
    filled.grid.select_photos(selected)
    filled.menus._allow_retries()
    assert (action(filled, "Try again").isEnabled(), action(filled, "Try all failed again").isEnabled()) == (one, every)


def test_without_a_failure_nothing_is_tried_again(qtbot: QtBot, filled: MainWindow) -> None:
    filled.menus._allow_retries()
    assert not action(filled, "Try all failed again").isEnabled()
    with qtbot.assertNotEmitted(filled.retry_failed_asked):
        filled.retry_selected()


def test_photos_that_cannot_be_read_can_be_looked_at_by_themselves(filled: MainWindow) -> None:
    filled.take_rows(rows_changed(photo_row(2, error="Damaged."), photo_row(4, 0.4, copies=2)))
    show_only(filled, FlagFilter.UNREADABLE)
    assert shown_ids(filled) == [2]
    show_only(filled, FlagFilter.COPIES)
    assert shown_ids(filled) == [4]


def test_photos_of_a_missing_folder_are_offline_until_it_is_back(filled: MainWindow, previews: Pictures) -> None:
    previews.work()
    before = len(previews.asked)
    filled.take_folders(FoldersChanged((FolderState(1, Path("/photos"), FolderStatus.MISSING),)))
    filled.grid.select_row(1)
    previews.work()
    assert len(previews.asked) == before
    assert filled.model.index(1).data(Role.TILE).offline
    assert "offline" in filled.model.index(1).data(Qt.ItemDataRole.ToolTipRole)
    texts = [label.text().replace(BREAK, "") for label in filled.inspector.findChildren(QLabel) if label.isVisible()]
    assert "<b>Offline: “photos” is not connected.</b>" in texts
    filled.take_folders(ONE_FOLDER)
    previews.work()
    assert previews.asked[before:] == [2]
    assert not filled.model.index(1).data(Role.TILE).offline


@pytest.mark.parametrize("place", ["/photos", "/new/photos"])
def test_what_was_said_of_a_missing_folder_goes_when_it_is_back(filled: MainWindow, place: str) -> None:
    filled.take_folders(FoldersChanged((FolderState(1, Path("/photos"), FolderStatus.MISSING),)))
    filled.take_notice(Notice("The folder /photos does not exist."))
    filled.take_folders(FoldersChanged((FolderState(1, Path(place), FolderStatus.SCANNING),)))
    assert not filled.notices.isVisible()


def test_what_was_said_of_something_else_stays_when_a_folder_is_back(filled: MainWindow) -> None:
    filled.take_folders(FoldersChanged((FolderState(1, Path("/photos"), FolderStatus.MISSING),)))
    filled.take_notice(Notice("The disk is full."))
    filled.take_folders(ONE_FOLDER)
    assert filled.notices.isVisible()


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("Open log folder", "log_folder_asked"),
        ("Copy system information", "system_information_asked"),
        ("Look through the folders again", "rescan_asked"),
    ],
)
def test_the_menu_asks_for_what_it_says(qtbot: QtBot, window: MainWindow, text: str, signal: str) -> None:
    with qtbot.waitSignal(getattr(window, signal)):
        action(window, text).trigger()
