"""What can be done with a folder: its options, saying that it has moved, and what is offered where it is missing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QListWidget,
    QMenu,
    QPlainTextEdit,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from maclip_desktop.core.patterns import USUAL_EXCLUDE, Patterns
from maclip_desktop.jobs.messages import FolderMoved, FolderOptions, FoldersChanged, FolderState, FolderStatus
from maclip_desktop.ui.folder_options_dialog import FolderOptionsDialog
from maclip_desktop.ui.folder_panel import FolderPanel
from maclip_desktop.ui.labels import BREAK
from maclip_desktop.ui.main_window import MainWindow
from tests.gui.helping import child, in_dialog

BEACH = FolderState(1, Path("/p/beach"), FolderStatus.WATCHED)
CARD = FolderState(2, Path("/media/card"), FolderStatus.MISSING)
SCORED = FolderState(3, Path("/p/scored"), FolderStatus.UNWATCHED)


@pytest.fixture
def panel(qtbot: QtBot) -> FolderPanel:
    panel = FolderPanel()
    qtbot.addWidget(panel)
    panel.resize(220, 400)
    panel.show()
    panel.show_folders(FoldersChanged((BEACH, CARD, SCORED)))
    return panel


def choose(panel: FolderPanel, line: int) -> None:
    child(panel, QListWidget).setCurrentRow(line)


@pytest.mark.parametrize(
    ("line", "options", "leave_out"),
    [
        (1, {"patterns": Patterns(include=("raw",))}, True),
        (1, {"recursive": False}, True),
        (2, {"recursive": False}, False),
        (0, {"recursive": False}, True),
        (0, {}, False),
    ],
)
def test_where_options_may_keep_photos_away_is_known(
    panel: FolderPanel, line: int, options: dict[str, Any], leave_out: bool
) -> None:
    choose(panel, line)
    panel.show_folders(FoldersChanged((replace(BEACH, **options), CARD)))
    assert panel.leaves_out() is leave_out


def test_an_empty_window_says_that_options_may_be_why(window: MainWindow) -> None:
    window.take_folders(FoldersChanged((replace(BEACH, patterns=Patterns(include=("raw",))),)))
    words = " ".join(label.text() for label in window.empty.findChildren(QLabel))
    assert "menu Folder, Options" in words


def answer(monkeypatch: pytest.MonkeyPatch, chosen: Path | None) -> list[str]:
    """Let the person choose this directory; returns the titles of the dialogs that asked."""
    titles: list[str] = []

    def ask(_parent: object, title: str, _begin: str) -> str:
        titles.append(title)
        return str(chosen) if chosen else ""

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", ask)
    return titles


def menu_texts(panel: FolderPanel) -> list[str]:
    menu = QMenu()
    panel.actions_of_folder.fill(menu)
    texts = [action.text().replace("&", "") for action in menu.actions() if not action.isSeparator()]
    menu.deleteLater()
    return texts


def help_for_missing(panel: FolderPanel) -> QPushButton:
    return next(one for one in panel.findChildren(QPushButton) if one.text() == "It has &moved…")


# --- the menu --------------------------------------------------------------------------------------------------


def test_the_menu_holds_what_can_be_done(panel: FolderPanel) -> None:
    choose(panel, 1)
    assert menu_texts(panel) == ["Options…", "It has moved…", "Look through the folders again", "Remove"]


def test_the_menu_of_a_missing_folder_begins_with_what_helps(panel: FolderPanel) -> None:
    choose(panel, 2)
    assert menu_texts(panel)[0] == "It has moved…"


@pytest.mark.qt_log_ignore("^This plugin does not support", extend=True)
def test_the_menu_opens_for_a_folder_and_not_for_all_photos(panel: FolderPanel) -> None:
    box = child(panel, QListWidget)
    choose(panel, 0)
    box.customContextMenuRequested.emit(QPoint(5, 5))
    assert panel.findChild(QMenu) is None
    choose(panel, 1)
    box.customContextMenuRequested.emit(QPoint(5, 60))
    child(panel, QMenu).close()


@pytest.mark.parametrize(("line", "options", "others"), [(0, False, False), (1, True, True), (3, False, True)])
def test_only_what_is_possible_can_be_chosen(panel: FolderPanel, line: int, options: bool, others: bool) -> None:
    choose(panel, line)
    actions = panel.actions_of_folder
    assert (actions.options.isEnabled(), actions.move.isEnabled(), actions.remove.isEnabled()) == (
        options,
        others,
        others,
    )


# --- it has moved ----------------------------------------------------------------------------------------------


def test_a_folder_that_has_moved_is_said_with_its_new_place(
    qtbot: QtBot, panel: FolderPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles = answer(monkeypatch, Path("/p/new"))
    choose(panel, 1)
    with qtbot.waitSignal(panel.actions_of_folder.moved) as moved:
        panel.actions_of_folder.move.trigger()
    assert moved.args == [FolderMoved(1, Path("/p/new"))]
    assert titles == ["Where does “beach” lie now?"]


@pytest.mark.parametrize("chosen", [None, BEACH.path])
def test_nothing_has_moved_where_no_other_place_is_chosen(
    qtbot: QtBot, panel: FolderPanel, monkeypatch: pytest.MonkeyPatch, chosen: Path | None
) -> None:
    answer(monkeypatch, chosen)
    choose(panel, 1)
    with qtbot.assertNotEmitted(panel.actions_of_folder.moved):
        panel.actions_of_folder.move.trigger()


def test_a_missing_folder_is_offered_help_whatever_is_chosen(
    qtbot: QtBot, panel: FolderPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, Path("/mnt/card"))
    choose(panel, 1)
    texts = [label.text().replace(BREAK, "") for label in panel.findChildren(QLabel) if label.isVisible()]
    assert "“card” is not connected. Its photos are kept and come back with it." in texts
    with qtbot.waitSignal(panel.actions_of_folder.moved) as moved:
        QTest.mouseClick(help_for_missing(panel), Qt.MouseButton.LeftButton)
    assert moved.args == [FolderMoved(2, Path("/mnt/card"))]
    with qtbot.waitSignal(panel.remove_asked) as removed:
        panel.actions_of_folder.remove.trigger()
    assert removed.args == [1]


def test_the_help_goes_when_the_folder_is_back(panel: FolderPanel) -> None:
    assert help_for_missing(panel).isVisible()
    panel.show_folders(FoldersChanged((BEACH,)))
    assert not help_for_missing(panel).isVisible()


# --- options ---------------------------------------------------------------------------------------------------


@pytest.fixture
def dialog(qtbot: QtBot) -> FolderOptionsDialog:
    dialog = FolderOptionsDialog(BEACH)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_what_is_not_changed_stays_as_it_is(qtbot: QtBot) -> None:
    patterns = Patterns(("*.cr3", "best/*"), ("raw", "*.tmp"))
    dialog = FolderOptionsDialog(FolderState(7, Path("/p/x"), FolderStatus.WATCHED, False, patterns))
    qtbot.addWidget(dialog)
    assert dialog.options() == FolderOptions(7, False, patterns)


def test_a_new_folder_leaves_out_the_usual_ones(dialog: FolderOptionsDialog) -> None:
    assert dialog.options() == FolderOptions(1, True, Patterns((), USUAL_EXCLUDE))


def test_every_line_is_a_pattern_and_blanks_are_none(dialog: FolderOptionsDialog) -> None:
    only, leave_out = dialog.findChildren(QPlainTextEdit)
    only.setPlainText("  *.jpg \n\n*.jpg\n*.cr3")
    leave_out.setPlainText(" \n")
    assert dialog.options().patterns == Patterns(("*.jpg", "*.cr3"), ())


def test_the_usual_ones_can_be_had_back(dialog: FolderOptionsDialog) -> None:
    dialog.findChildren(QPlainTextEdit)[1].setPlainText("raw")
    usual = next(one for one in dialog.findChildren(QPushButton) if one.text() == "&Usual ones")
    QTest.mouseClick(usual, Qt.MouseButton.LeftButton)
    assert dialog.options().patterns.exclude == USUAL_EXCLUDE


@pytest.mark.parametrize("agreed", [True, False])
def test_options_are_asked_for_once_agreed_to(qtbot: QtBot, panel: FolderPanel, agreed: bool) -> None:
    asked: list[FolderOptions] = []
    panel.actions_of_folder.options_asked.connect(asked.append)

    def act(dialog: QDialog) -> None:
        child(dialog, QCheckBox).setChecked(False)
        kind = QDialogButtonBox.StandardButton.Ok if agreed else QDialogButtonBox.StandardButton.Cancel
        child(dialog, QDialogButtonBox).button(kind).click()

    in_dialog(act)
    choose(panel, 1)
    panel.actions_of_folder.options.trigger()
    assert asked == ([FolderOptions(1, False, BEACH.patterns)] if agreed else [])


def test_the_window_hands_on_what_is_asked_of_a_folder(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, Path("/p/new"))
    window.take_folders(FoldersChanged((BEACH,)))
    choose(window.folders, 1)
    with qtbot.waitSignal(window.folder_moved) as moved:
        window.folders.actions_of_folder.move.trigger()
    assert moved.args == [FolderMoved(1, Path("/p/new"))]
    in_dialog(lambda dialog: child(dialog, QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click())
    with qtbot.waitSignal(window.folder_options_asked) as options:
        window.folders.actions_of_folder.options.trigger()
    assert options.args == [FolderOptions(1, True, BEACH.patterns)]
