"""The list of folders: counts, choice, and how each is doing."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot

from maclip_desktop.jobs.messages import FoldersChanged, FolderState, FolderStatus
from maclip_desktop.ui.folder_panel import FolderPanel
from tests.gui.helping import button, child


@pytest.fixture
def folders(qtbot: QtBot) -> FolderPanel:
    panel = FolderPanel()
    qtbot.addWidget(panel)
    panel.resize(200, 400)
    panel.show()
    return panel


def states(*names: str, status: FolderStatus = FolderStatus.WATCHED) -> FoldersChanged:
    return FoldersChanged(tuple(FolderState(number, Path("/p") / name, status) for number, name in enumerate(names, 1)))


def lines(panel: FolderPanel) -> list[str]:
    box = child(panel, QListWidget)
    return [box.item(row).text() for row in range(box.count())]


def choose(qtbot: QtBot, panel: FolderPanel, row: int) -> None:
    box = child(panel, QListWidget)
    QTest.mouseClick(box.viewport(), Qt.MouseButton.LeftButton, pos=box.visualRect(box.model().index(row, 0)).center())


def test_every_folder_has_its_count_and_all_have_the_sum(folders: FolderPanel) -> None:
    folders.show_folders(states("beach", "snow"))
    folders.show_counts({1: 1, 2: 1200})
    assert lines(folders) == ["All photos\n1,201 photos", "beach\n1 photo", "snow\n1,200 photos"]


def test_a_click_chooses_a_folder(qtbot: QtBot, folders: FolderPanel) -> None:
    folders.show_folders(states("beach", "snow"))
    with qtbot.waitSignal(folders.folder_chosen) as chosen:
        choose(qtbot, folders, 2)
    assert chosen.args == [2]
    assert folders.chosen_words() == "“snow”"


def test_only_a_folder_can_be_removed(qtbot: QtBot, folders: FolderPanel) -> None:
    folders.show_folders(states("beach"))
    remove = button(folders, "&Remove")
    assert not remove.isEnabled()
    choose(qtbot, folders, 1)
    with qtbot.waitSignal(folders.remove_asked) as asked:
        QTest.mouseClick(remove, Qt.MouseButton.LeftButton)
    assert asked.args == [1]


def test_the_choice_stays_while_counts_and_folders_come(qtbot: QtBot, folders: FolderPanel) -> None:
    folders.show_folders(states("beach", "snow"))
    choose(qtbot, folders, 2)
    with qtbot.assertNotEmitted(folders.folder_chosen):
        folders.show_counts({1: 5, 2: 6})
        folders.show_folders(states("beach", "snow", "woods"))
    assert folders.chosen() == 2


def test_a_chosen_folder_that_goes_hands_the_choice_to_all(qtbot: QtBot, folders: FolderPanel) -> None:
    folders.show_folders(states("beach", "snow"))
    choose(qtbot, folders, 2)
    with qtbot.waitSignal(folders.folder_chosen) as chosen:
        folders.show_folders(states("beach"))
    assert chosen.args == [None]
    assert not button(folders, "&Remove").isEnabled()


def test_a_long_name_is_elided_and_whole_in_its_tip(folders: FolderPanel) -> None:
    name = "Sommerferien mit der ganzen Familie auf Sardinien und Korsika, Karte 3"
    folders.show_folders(states(name))
    box = child(folders, QListWidget)
    assert box.textElideMode() is Qt.TextElideMode.ElideMiddle
    assert box.sizeHintForColumn(0) <= box.viewport().width()
    assert not box.horizontalScrollBar().isVisible()
    assert box.item(1).toolTip().startswith(str(Path("/p") / name))


@pytest.mark.parametrize(
    ("status", "suffix", "tip"),
    [
        (FolderStatus.SCANNING, " · looking…", "Looking through it"),
        (FolderStatus.WATCHED, "", "new photos appear by themselves"),
        (FolderStatus.POLLED, " · checked regularly", "Looked at now and then"),
        (FolderStatus.UNWATCHED, " · not watched", "add the folder to have it watched"),
        (FolderStatus.MISSING, " · offline", "its photos are kept"),
    ],
)
def test_a_folder_says_how_it_is_doing(folders: FolderPanel, status: FolderStatus, suffix: str, tip: str) -> None:
    folders.show_folders(states("beach", status=status))
    item = child(folders, QListWidget).item(1)
    assert item.text().splitlines() == ["beach", f"0 photos{suffix}"]
    assert tip in item.toolTip()
