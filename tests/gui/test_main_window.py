"""The main window without its workers: what it asks for, and what it does with what comes."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from maclip_desktop.core.culling import Select
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.ordering import FlagFilter, SortOrder
from maclip_desktop.jobs.messages import (
    ExportDone,
    FlagRequest,
    FoldersChanged,
    FolderState,
    FolderStatus,
    Notice,
    ScorerReady,
    StepUndone,
    UndoState,
)
from maclip_desktop.ui import main_window
from maclip_desktop.ui.main_window import MainWindow
from tests.gui.conftest import make_window
from tests.gui.helping import Pictures, child, in_dialog, photo_row, rows_changed

CTRL = Qt.KeyboardModifier.ControlModifier
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


def empty_text(window: MainWindow) -> str:
    return "\n".join(label.text() for label in window.empty.findChildren(QLabel))


def choose(window: MainWindow, data: SortOrder | FlagFilter) -> None:
    for box in window.filter_bar.findChildren(QComboBox):
        if box.findData(data) >= 0:
            box.setCurrentIndex(box.findData(data))


def press(qtbot: QtBot, parent: QWidget, text: str) -> None:
    button = next(one for one in parent.findChildren(QPushButton) if one.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


# --- what stands there -----------------------------------------------------------------------------------------


def test_without_folders_the_window_offers_to_add_one(window: MainWindow) -> None:
    assert window.empty.isVisible() and not window.grid.isVisible()
    assert "Add a folder of photos to begin" in empty_text(window)


def test_a_folder_without_photos_says_that_it_is_looked_through(window: MainWindow) -> None:
    window.take_folders(ONE_FOLDER)
    assert "No photos here yet" in empty_text(window)


def test_a_filter_that_hides_everything_offers_to_show_it(qtbot: QtBot, filled: MainWindow) -> None:
    choose(filled, FlagFilter.PICKS)
    assert "Hidden by the filter, or in other folders: 5 photos." in empty_text(filled)
    press(qtbot, filled.empty, "Show all photos")
    assert filled.grid.isVisible() and shown_ids(filled) == [1, 2, 3, 4, 5]


def test_the_window_goes_down_to_a_small_screen(filled: MainWindow) -> None:
    filled.filter_bar.show_misplaced(3)
    filled.take_scorer(ScorerReady("technical", "technical-1", "CUDA (NVIDIA H100 80GB HBM3)"))
    filled.take_notice(Notice("The folder /photos/somewhere/far/away cannot be opened; check its permissions. " * 3))
    QApplication.processEvents()
    least = filled.minimumSizeHint()
    assert least.width() <= 800 and least.height() <= 640


def test_rules_and_lists_wait_for_photos(window: MainWindow) -> None:
    buttons = window.filter_bar.findChildren(QPushButton)
    assert not any(button.isEnabled() for button in buttons if button.isVisible())
    window.take_rows(rows_changed(photo_row(1)))
    assert all(button.isEnabled() for button in buttons if button.isVisible())


def test_everything_one_can_press_has_a_name(filled: MainWindow) -> None:
    pressable = [
        one
        for one in filled.findChildren(QWidget)
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.isVisible() and not isinstance(one, QScrollArea)
    ]
    assert len(pressable) >= 8
    assert [one for one in pressable if not (one.accessibleName() or getattr(one, "text", str)())] == []


# --- keys and marks --------------------------------------------------------------------------------------------


def test_the_first_photo_is_current_and_the_grid_has_the_keys(filled: MainWindow) -> None:
    assert filled.focusWidget() is filled.grid
    assert filled.grid.selected_ids() == (1,)


def test_a_mark_lands_on_the_first_photo_also_before_the_first_sort(qtbot: QtBot, window: MainWindow) -> None:
    window.take_folders(ONE_FOLDER)
    window.take_rows(rows_changed(photo_row(1), photo_row(2)))
    with qtbot.waitSignal(window.flags_asked) as asked:
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_X)
    assert asked.args[0].photo_ids == (1,)


@pytest.mark.parametrize("active", [True, False])
def test_the_keys_go_to_the_grid_wherever_the_first_photos_come_from(
    thumbnails: Pictures, previews: Pictures, qtbot: QtBot, active: bool
) -> None:
    window = make_window(thumbnails, previews)
    qtbot.addWidget(window)
    if active:
        window.show()
        qtbot.waitActive(window)
    window.take_folders(ONE_FOLDER)
    window.take_scorer(ScorerReady("technical", "technical-1", "CPU"))
    window.take_rows(rows_changed(photo_row(1)))
    window.show()
    qtbot.waitActive(window)
    assert window.focusWidget() is window.grid


def test_a_key_marks_by_the_persons_hand(qtbot: QtBot, filled: MainWindow) -> None:
    with qtbot.waitSignal(filled.flags_asked) as asked:
        QTest.keyClick(filled.focusWidget(), Qt.Key.Key_X)
    assert asked.args == [FlagRequest((1,), Flag.REJECT, Decider.PERSON, "Reject: 1 photo")]


def test_the_menu_marks_all_that_is_selected(qtbot: QtBot, filled: MainWindow) -> None:
    QTest.keyClick(filled.grid, Qt.Key.Key_A, CTRL)
    action = next(one for one in filled.findChildren(type(filled.menuBar().actions()[0])) if one.text() == "&Pick\tP")
    with qtbot.waitSignal(filled.flags_asked) as asked:
        action.trigger()
    assert asked.args == [FlagRequest((1, 2, 3, 4, 5), Flag.PICK, Decider.PERSON, "Pick: 5 photos")]


def test_nothing_selected_means_nothing_marked(qtbot: QtBot, filled: MainWindow) -> None:
    filled.grid.clearSelection()
    with qtbot.assertNotEmitted(filled.flags_asked):
        QTest.keyClick(filled.grid, Qt.Key.Key_X)


def test_a_mark_under_a_filter_hides_the_photo_and_selects_the_next(qtbot: QtBot, filled: MainWindow) -> None:
    choose(filled, FlagFilter.UNFLAGGED)
    filled.grid.select_row(1)
    with qtbot.waitSignal(filled.details_asked):
        filled.take_rows(rows_changed(photo_row(2, 0.2, Flag.REJECT)))
    assert shown_ids(filled) == [1, 3, 4, 5]
    assert filled.grid.selected_ids() == (3,)


def test_undo_brings_back_photo_and_selection(filled: MainWindow) -> None:
    choose(filled, FlagFilter.UNFLAGGED)
    filled.take_rows(rows_changed(photo_row(2, 0.2, Flag.REJECT)))
    filled.take_rows(rows_changed(photo_row(2, 0.2)))
    filled.take_undone(StepUndone((2,)))
    assert shown_ids(filled) == [1, 2, 3, 4, 5]
    assert filled.grid.selected_ids() == (2,)


def test_undo_and_redo_say_what_they_would_do(qtbot: QtBot, filled: MainWindow) -> None:
    filled.take_undo_state(UndoState("Reject: 1 photo", None))
    undo, redo = filled.menus._undo, filled.menus._redo
    assert undo.text() == "&Undo “Reject: 1 photo”" and undo.isEnabled()
    assert not redo.isEnabled()
    with qtbot.waitSignal(filled.undo_asked):
        undo.trigger()


def test_the_help_lists_every_key(filled: MainWindow) -> None:
    filled.take_undo_state(UndoState("Reject: 1 photo", None))
    text = filled.menus.keys_text()
    for key, what in (("P", "Pick"), ("X or Delete", "Reject (no file is deleted)"), ("U", "Clear flag")):
        assert f"<b>{key}</b></td><td>{what}</td>" in text
    for action in filled.menus._actions_with_keys():
        assert action.shortcut().toString(action.shortcut().SequenceFormat.NativeText) in text
    assert "<td>Undo</td>" in text


# --- order and view --------------------------------------------------------------------------------------------


def test_the_current_photo_stays_current_through_a_sort(qtbot: QtBot, filled: MainWindow) -> None:
    QTest.keyClick(filled.grid, Qt.Key.Key_Right)
    filled.take_rows(rows_changed(photo_row(2, 0.99)))
    assert shown_ids(filled) == [1, 2, 3, 4, 5]
    filled._resort()
    assert shown_ids(filled) == [1, 3, 4, 5, 2]
    assert filled.grid.selected_ids() == (2,)


def test_photos_do_not_move_while_the_person_is_at_work(
    qtbot: QtBot, filled: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    QTest.keyClick(filled.grid, Qt.Key.Key_Right)
    filled.take_rows(rows_changed(photo_row(5, 0.01)))
    filled._resort_when_idle()
    assert shown_ids(filled) == [1, 2, 3, 4, 5]
    now[0] += main_window.IDLE_SECONDS + 1
    filled._resort_when_idle()
    assert shown_ids(filled) == [5, 1, 2, 3, 4]


def test_a_sort_can_be_asked_for(qtbot: QtBot, filled: MainWindow) -> None:
    QTest.keyClick(filled.grid, Qt.Key.Key_Right)
    filled.take_rows(rows_changed(photo_row(5, 0.01)))
    filled._resort_when_idle()
    press(qtbot, filled.filter_bar, "&Sort again")
    assert shown_ids(filled) == [5, 1, 2, 3, 4]


def test_before_the_first_touch_the_eye_is_on_the_worst_photo(filled: MainWindow) -> None:
    filled.take_rows(rows_changed(photo_row(5, 0.01)))
    filled._resort()
    assert filled.grid.selected_ids() == (5,)


def test_a_new_view_has_a_current_photo(filled: MainWindow) -> None:
    filled.take_rows(rows_changed(photo_row(3, 0.3, Flag.PICK)))
    choose(filled, FlagFilter.PICKS)
    assert filled.grid.selected_ids() == (3,)


def test_a_folder_shows_only_its_photos(filled: MainWindow) -> None:
    two = (*ONE_FOLDER.folders, FolderState(2, Path("/cards"), FolderStatus.WATCHED))
    filled.take_folders(FoldersChanged(two))
    filled.take_rows(rows_changed(photo_row(9, 0.05, folder_id=2)))
    filled.folders._list.setCurrentRow(2)
    assert shown_ids(filled) == [9]


# --- dialogs ---------------------------------------------------------------------------------------------------


def test_low_scores_are_flagged_by_the_rule_once_agreed_to(qtbot: QtBot, filled: MainWindow) -> None:
    in_dialog(lambda dialog: child(dialog, QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click())
    with qtbot.waitSignal(filled.flags_asked) as asked:
        press(qtbot, filled.filter_bar, "Flag &low scores…")
    assert asked.args == [FlagRequest((1, 2, 3), Flag.REJECT, Decider.RULE, "Reject below 0.350: 3 photos")]


def test_low_scores_are_left_alone_where_the_person_says_no(qtbot: QtBot, filled: MainWindow) -> None:
    in_dialog(lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape))
    with qtbot.assertNotEmitted(filled.flags_asked):
        filled.asking.flag_below()


def test_an_export_is_asked_for_with_the_counts_of_now(qtbot: QtBot, filled: MainWindow) -> None:
    filled.take_rows(rows_changed(photo_row(3, 0.3, Flag.REJECT)))
    seen: list[str] = []

    def save(dialog: QDialog) -> None:
        seen.append(dialog.findChildren(QComboBox)[0].currentText())
        child(dialog, QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save).click()

    in_dialog(save)
    with qtbot.waitSignal(filled.export_asked) as asked:
        filled.asking.export()
    assert seen == ["Rejects (1)"]
    assert asked.args[0].select is Select.REJECTS


def test_the_keys_can_be_read(qtbot: QtBot, filled: MainWindow) -> None:
    seen: list[str] = []

    def read(dialog: QDialog) -> None:
        seen.extend(label.text() for label in dialog.findChildren(QLabel))
        dialog.reject()

    in_dialog(read)
    filled.asking.keys()
    assert filled.menus.keys_text() in seen


# --- messages --------------------------------------------------------------------------------------------------


def test_the_technical_scorer_comes_with_an_offer(qtbot: QtBot, window: MainWindow) -> None:
    window.take_scorer(ScorerReady("technical", "technical-1", "CPU"))
    assert "no CLIP weights" in window.scorer_banner.text()
    with qtbot.waitSignal(window.weights_asked):
        press(qtbot, window.scorer_banner, "Get MA-CLIP…")
    window.take_scorer(ScorerReady("maclip", "rn50", "CPU"))
    assert not window.scorer_banner.isVisible()


def test_who_chose_the_technical_scorer_is_not_asked_again(
    qtbot: QtBot, thumbnails: Pictures, previews: Pictures
) -> None:
    window = make_window(thumbnails, previews, scorer="technical")
    qtbot.addWidget(window)
    window.take_scorer(ScorerReady("technical", "technical-1", "CPU"))
    assert window.scorer_banner.isHidden()


def test_a_notice_is_shown_without_moving_the_photos(qtbot: QtBot, filled: MainWindow) -> None:
    before = filled.grid.mapToGlobal(QPoint(0, 0))
    filled.take_notice(Notice("The card was taken out."))
    qtbot.waitUntil(filled.notices.isVisible)
    assert filled.notices.text() == "The card was taken out."
    assert filled.grid.mapToGlobal(QPoint(0, 0)) == before


def test_a_written_list_is_said_with_its_place(filled: MainWindow) -> None:
    filled.take_export_done(ExportDone(Path("/lists/out.csv"), 3))
    assert filled.notices.text() == f"3 photos written to {Path('/lists/out.csv')}."


def test_what_was_finished_is_counted_for_the_rate(filled: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int, int, int]] = []
    monkeypatch.setattr(filled.status, "show_counts", lambda *counts: seen.append(counts))
    filled.take_rows(rows_changed(photo_row(6), photo_row(7), photo_row(8)))
    filled.take_rows(rows_changed(photo_row(6, 0.6), photo_row(7, error="Damaged."), photo_row(1, 0.15), photo_row(9)))
    assert seen == [(8, 3, 0, 0), (9, 2, 1, 2)]


# --- folders dropped, settings, closing ------------------------------------------------------------------------


def test_dropped_folders_are_asked_to_be_added(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path)), QUrl("https://example.org/a.jpg")])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, buttons, keys)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    added: list[Path] = []
    window.folders.add_asked.connect(added.append)
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, buttons, keys))
    assert added == [tmp_path]


def test_the_window_comes_back_as_it_was_left(
    qtbot: QtBot, window: MainWindow, thumbnails: Pictures, previews: Pictures
) -> None:
    choose(window, SortOrder.NAME)
    choose(window, FlagFilter.NOT_REJECTED)
    # The off-screen platform has a small screen, and a window is never restored larger than the screen.
    window.resize(window.minimumSizeHint().width(), 650)
    sizes = window._splitter.sizes()
    window._splitter.setSizes([sizes[0] + 40, sizes[1] - 40, sizes[2]])
    left = window.settings()
    again = MainWindow(thumbnails.loader, previews.loader, left, window.windowIcon())
    qtbot.addWidget(again)
    again.show()
    qtbot.waitExposed(again)
    assert (again.filter_bar.sort_order(), again.filter_bar.flag_filter()) == (SortOrder.NAME, FlagFilter.NOT_REJECTED)
    assert (again.model.sort_order, again.model.flag_filter) == (SortOrder.NAME, FlagFilter.NOT_REJECTED)
    assert again.height() == window.height()
    assert again.settings().splitter_state == left.splitter_state


def test_closing_says_so_and_stops_the_clocks(qtbot: QtBot, filled: MainWindow) -> None:
    filled.take_rows(rows_changed(photo_row(9)))
    with qtbot.waitSignal(filled.closing):
        filled.close()
    assert not filled._idle.isActive()
    assert not filled.status._tick.isActive()


def test_f5_asks_to_look_through_the_folders_again(qtbot: QtBot, filled: MainWindow) -> None:
    with qtbot.waitSignal(filled.rescan_asked):
        QTest.keyClick(filled.grid, Qt.Key.Key_F5)
