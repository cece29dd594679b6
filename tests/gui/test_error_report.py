"""An error inside the program: one line below the grid, a report behind it, and never a flood."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from maclip_desktop import __version__
from maclip_desktop.error_desk import ErrorDesk
from maclip_desktop.jobs.messages import Notice
from maclip_desktop.ui.error_dialog import ErrorDialog
from maclip_desktop.ui.main_window import MainWindow
from tests.gui.helping import child

TRACEBACK = "Traceback (most recent call last):\nKeyError: 'x'\n"


def error(details: str = TRACEBACK) -> Notice:
    return Notice("An error inside the program: KeyError: 'x'", report=details)


@pytest.fixture
def desk(window: MainWindow, tmp_path: Path) -> Iterator[ErrorDesk]:
    desk = ErrorDesk(window, tmp_path / "logs")
    yield desk
    for dialog in window.findChildren(ErrorDialog):
        dialog.close()


def open_dialog(desk: ErrorDesk, window: MainWindow) -> ErrorDialog:
    """As a person does: with the button beside the sentence."""
    QTest.mouseClick(window.notices._button, Qt.MouseButton.LeftButton)
    return child(window, ErrorDialog)


def press(dialog: ErrorDialog, name: str) -> None:
    buttons = child(dialog, QDialogButtonBox).buttons()
    QTest.mouseClick(next(one for one in buttons if one.text().replace("&", "") == name), Qt.MouseButton.LeftButton)


def shown(dialog: ErrorDialog) -> str:
    return child(dialog, QPlainTextEdit).toPlainText()


def test_a_message_without_a_report_is_a_message(desk: ErrorDesk, window: MainWindow) -> None:
    desk.take_notice(Notice("The disk is full."))
    assert window.notices.text() == "The disk is full."
    assert not window.notices._button.isVisible()


def test_an_error_is_a_line_with_its_details_behind_a_button(desk: ErrorDesk, window: MainWindow) -> None:
    desk.take_notice(error())
    assert window.notices.text() == "An error inside the program: KeyError: 'x'"
    dialog = open_dialog(desk, window)
    assert dialog.isVisible()
    assert "No photo was changed" in child(dialog, QLabel).text()
    for part in (__version__, "Library schema: ", "Qt: ", "KeyError: 'x'", "The last lines of the log:"):
        assert part in shown(dialog)


def test_the_report_can_be_copied(desk: ErrorDesk, window: MainWindow) -> None:
    desk.take_notice(error())
    dialog = open_dialog(desk, window)
    press(dialog, "Copy report")
    assert QGuiApplication.clipboard().text().rstrip() == shown(dialog).rstrip()


def test_the_log_folder_can_be_opened(
    desk: ErrorDesk, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    desk.take_notice(error())
    press(open_dialog(desk, window), "Open log folder")
    assert [Path(url.toLocalFile()) for url in opened] == [tmp_path / "logs"]
    assert (tmp_path / "logs").is_dir()


def test_where_no_file_manager_opens_it_the_place_is_said(
    desk: ErrorDesk, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: False)
    desk.open_log_folder()
    assert str(tmp_path / "logs") in window.notices.text()


@pytest.mark.qt_log_ignore("does not support raise")
def test_there_is_one_dialog_and_it_follows_what_comes(qtbot: QtBot, desk: ErrorDesk, window: MainWindow) -> None:
    desk.take_notice(error())
    dialog = open_dialog(desk, window)
    for _ in range(300):
        desk.take_notice(error())
    desk.take_notice(error("Traceback of another kind"))
    desk.show_report()
    qtbot.waitUntil(lambda: "another kind" in shown(dialog))
    assert "302 errors" in child(dialog, QLabel).text()
    assert "301 times" in shown(dialog)
    assert len(window.findChildren(ErrorDialog)) == 1
    assert not window.notices.isVisible()


def test_a_flood_is_one_line(desk: ErrorDesk, window: MainWindow) -> None:
    for _ in range(500):
        desk.take_notice(error())
    assert window.notices.text().endswith("(500 errors so far)")
    assert not window.findChildren(ErrorDialog)


def test_closed_it_comes_back_with_the_next_error_only(qtbot: QtBot, desk: ErrorDesk, window: MainWindow) -> None:
    desk.take_notice(error())
    dialog = open_dialog(desk, window)
    press(dialog, "Close")
    qtbot.waitUntil(lambda: not window.findChildren(ErrorDialog))
    assert not window.notices.isVisible()
    desk.take_notice(error())
    assert window.notices.isVisible()
    assert "2 times" in shown(open_dialog(desk, window))


def last_error(window: MainWindow) -> QAction:
    return next(action for action in window.findChildren(QAction) if action.text() == "Show last &error…")


def test_where_there_was_no_error_there_is_none_to_show(desk: ErrorDesk, window: MainWindow) -> None:
    desk.take_notice(Notice("The disk is full."))
    assert not last_error(window).isEnabled()


def test_a_report_that_a_later_message_has_covered_is_found_in_the_menu(desk: ErrorDesk, window: MainWindow) -> None:
    window.error_report_asked.connect(desk.show_report)
    desk.take_notice(error())
    desk.take_notice(Notice("The disk is full."))
    last_error(window).trigger()
    assert "KeyError: 'x'" in shown(child(window, ErrorDialog))
    assert window.notices.text() == "The disk is full." and window.notices.isVisible()


def test_the_system_information_goes_to_the_clipboard(desk: ErrorDesk, window: MainWindow) -> None:
    desk.copy_system_information()
    text = QGuiApplication.clipboard().text()
    assert f"MaClip Desktop: {__version__}" in text and "Library schema: " in text
    assert window.notices.isVisible()
