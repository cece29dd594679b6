"""What the workers send is taken in its order, so much a turn."""

from functools import partial

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from maclip_desktop.jobs.messages import FoldersChanged, RowsChanged, StepUndone
from maclip_desktop.ui.inbox import ROWS_PER_TURN, Inbox
from maclip_desktop.ui.main_window import MainWindow
from tests.gui.helping import photo_row, rows_changed

MANY = RowsChanged(tuple(photo_row(number, number / 10_000) for number in range(1, 4 * ROWS_PER_TURN + 1)))


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def inbox(qapp: QApplication) -> Inbox:
    return Inbox(qapp)


def test_little_is_done_at_once(inbox: Inbox, done: list[str]) -> None:
    inbox.put(partial(done.append, "a"), rows=1)
    inbox.put(partial(done.append, "b"), rows=1)
    assert done == ["a", "b"]


def test_what_is_too_much_for_a_turn_waits_and_keeps_its_order(qtbot: QtBot, inbox: Inbox, done: list[str]) -> None:
    for name in "abc":
        inbox.put(partial(done.append, name), rows=ROWS_PER_TURN)
    inbox.put(partial(done.append, "d"))
    assert done == ["a"]
    qtbot.waitUntil(lambda: done == ["a", "b", "c", "d"])


def test_between_two_turns_others_have_theirs(qtbot: QtBot, inbox: Inbox, done: list[str]) -> None:
    for name in "abc":
        inbox.put(partial(done.append, name), rows=ROWS_PER_TURN)
    QTimer.singleShot(0, lambda: done.append("somebody else"))
    qtbot.waitUntil(lambda: len(done) == 4)
    assert done.index("somebody else") < 3


def test_what_waits_is_dropped_at_the_end(qtbot: QtBot, inbox: Inbox, done: list[str]) -> None:
    inbox.put(partial(done.append, "a"), rows=ROWS_PER_TURN)
    inbox.put(partial(done.append, "b"))
    inbox.stop()
    QApplication.processEvents()
    assert done == ["a"]


# --- the window's ----------------------------------------------------------------------------------------------


def test_a_large_message_comes_in_bit_by_bit_and_whole(qtbot: QtBot, window: MainWindow) -> None:
    window.take_rows(MANY)
    assert 0 < len(window.model.table) < len(MANY.rows)
    qtbot.waitUntil(lambda: len(window.model.table) == len(MANY.rows))


def test_the_sort_of_a_loaded_library_waits_for_all_of_it(qtbot: QtBot, window: MainWindow) -> None:
    last = photo_row(99_999, 0.0)
    window.take_rows(RowsChanged((*MANY.rows, last)))
    window.library_loaded()
    qtbot.waitUntil(lambda: window.model.rowCount() == len(MANY.rows) + 1 and window.model.photo_id(0) == last.id)
    assert window.grid.selected_ids() == (last.id,)


def test_photos_whose_marks_went_back_are_selected_when_they_are_there(qtbot: QtBot, window: MainWindow) -> None:
    window.take_rows(MANY)
    window.take_rows(rows_changed(photo_row(99_999, 0.5)))
    window.take_undone(StepUndone((99_999,)))
    qtbot.waitUntil(lambda: window.grid.selected_ids() == (99_999,))


def test_photos_that_are_gone_stay_gone(qtbot: QtBot, window: MainWindow) -> None:
    window.take_folders(FoldersChanged(()))
    window.take_rows(MANY)
    window.take_rows(rows_changed(removed=tuple(range(1, 4 * ROWS_PER_TURN))))
    qtbot.waitUntil(lambda: len(window.model.table) == 1)
    assert window.model.photo_id(0) == 4 * ROWS_PER_TURN
