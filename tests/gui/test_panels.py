"""The parts around the grid: filter bar, folders, status, messages, and what stands in the grid's place."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QListWidget, QProgressBar, QPushButton, QSplitter, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from maclip_desktop.core.ordering import FlagFilter, SortOrder
from maclip_desktop.jobs.effort import ASKED, FULL, ON_BATTERY, Effort
from maclip_desktop.jobs.messages import DownloadProgress, FoldersChanged, FolderState, FolderStatus, ScorerReady
from maclip_desktop.ui import words
from maclip_desktop.ui.banner import Banner
from maclip_desktop.ui.empty_state import EmptyState
from maclip_desktop.ui.filter_bar import FilterBar
from maclip_desktop.ui.folder_panel import FolderPanel
from maclip_desktop.ui.labels import ElidedLabel
from maclip_desktop.ui.scorer_banner import ScorerBanner
from maclip_desktop.ui.status_panel import StatusPanel
from tests.gui.helping import child


class Clock:
    """Time goes on when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def labels(widget: FolderPanel | StatusPanel | EmptyState | Banner) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def button(widget: FilterBar | FolderPanel | StatusPanel | EmptyState | Banner, text: str) -> QPushButton:
    return next(one for one in widget.findChildren(QPushButton) if one.text() == text)


# --- filter bar ------------------------------------------------------------------------------------------------


@pytest.fixture
def bar(qtbot: QtBot) -> FilterBar:
    bar = FilterBar()
    qtbot.addWidget(bar)
    bar.show()
    return bar


def test_a_choice_of_order_or_filter_is_said_once(qtbot: QtBot, bar: FilterBar) -> None:
    for box in bar.findChildren(QComboBox):
        with qtbot.waitSignal(bar.view_changed):
            QTest.keyClick(box, Qt.Key.Key_Down)
    assert (bar.sort_order(), bar.flag_filter()) == (SortOrder.BEST_FIRST, FlagFilter.UNFLAGGED)


def test_a_view_can_be_shown_without_being_said(qtbot: QtBot, bar: FilterBar) -> None:
    with qtbot.assertNotEmitted(bar.view_changed):
        bar.set_view(SortOrder.NAME, FlagFilter.PICKS)
    assert (bar.sort_order(), bar.flag_filter()) == (SortOrder.NAME, FlagFilter.PICKS)


@pytest.mark.parametrize(
    ("text", "signal"),
    [("Flag &low scores…", "flag_below_asked"), ("E&xport…", "export_asked"), ("&Sort again", "resort_asked")],
)
def test_a_button_asks_for_what_it_says(qtbot: QtBot, bar: FilterBar, text: str, signal: str) -> None:
    bar.show_misplaced(3)
    with qtbot.waitSignal(getattr(bar, signal)):
        QTest.mouseClick(button(bar, text), Qt.MouseButton.LeftButton)


def test_a_fresh_sort_is_offered_only_where_it_would_change_something(bar: FilterBar) -> None:
    offer = button(bar, "&Sort again")
    assert not offer.isVisible()
    bar.show_misplaced(1)
    assert offer.isVisible()
    bar.show_misplaced(0)
    assert not offer.isVisible()


def test_a_click_on_the_bar_leaves_the_keys_to_the_grid(bar: FilterBar) -> None:
    policies = {one.focusPolicy() for one in (*bar.findChildren(QComboBox), *bar.findChildren(QPushButton))}
    assert policies == {Qt.FocusPolicy.TabFocus}


def test_a_narrow_bar_has_two_rows_and_hides_nothing(qtbot: QtBot) -> None:
    window, bar = QSplitter(), FilterBar()
    qtbot.addWidget(window)
    window.addWidget(bar)
    window.show()
    bar.show_misplaced(1)
    window.resize(900, 80)
    export, sort = button(bar, "E&xport…"), bar.findChildren(QComboBox)[0]
    qtbot.waitUntil(lambda: _top(export) == _top(sort))
    window.resize(bar.minimumSizeHint().width(), 80)
    qtbot.waitUntil(lambda: _top(export) > _top(sort))
    assert bar.minimumSizeHint().width() < 400
    assert export.mapTo(bar, export.rect().bottomRight()).x() < bar.width()


def _top(widget: QWidget) -> int:
    return widget.mapTo(widget.window(), QPoint()).y()


# --- folders ---------------------------------------------------------------------------------------------------


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


# --- status ----------------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def status(qtbot: QtBot, clock: Clock) -> StatusPanel:
    panel = StatusPanel(clock)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def test_nothing_is_said_of_an_empty_library(status: StatusPanel) -> None:
    status.show_counts(0, 0, 0)
    assert "" in labels(status)
    assert not child(status, QProgressBar).isVisible()


def test_progress_comes_with_rate_and_time_left(status: StatusPanel, clock: Clock) -> None:
    status.show_counts(1000, 1000, 0)
    clock.seconds += 10
    status.show_counts(1000, 980, 0, finished=20)
    assert "20 of 1,000 done · 2.0 photos/s · 8 min left" in labels(status)
    assert child(status, QProgressBar).isVisible()
    status.stop()


def test_new_photos_do_not_hide_what_was_finished_meanwhile(status: StatusPanel, clock: Clock) -> None:
    status.show_counts(100, 100, 0)
    clock.seconds += 10
    status.show_counts(200, 160, 0, finished=40)
    assert "40 of 200 done · 4.0 photos/s · under a minute left" in labels(status)
    status.stop()


def test_a_pause_is_asked_for_and_said(qtbot: QtBot, status: StatusPanel, clock: Clock) -> None:
    status.show_scorer(ScorerReady("technical", "technical-1", "CPU"))
    status.show_counts(10, 5, 0)
    with qtbot.waitSignal(status.pause_asked) as asked:
        QTest.mouseClick(button(status, "Pause"), Qt.MouseButton.LeftButton)
    assert asked.args == [True]
    assert "5 of 10 done · paused" in labels(status)
    with qtbot.waitSignal(status.pause_asked) as asked:
        QTest.mouseClick(button(status, "Resume"), Qt.MouseButton.LeftButton)
    assert asked.args == [False]
    status.stop()


@pytest.mark.parametrize("paused", [True, False])
def test_how_the_last_session_was_left_is_shown_and_not_asked_for_again(
    qtbot: QtBot, status: StatusPanel, paused: bool
) -> None:
    status.show_counts(10, 5, 0)
    with qtbot.assertNotEmitted(status.pause_asked):
        status.show_paused(paused)
    assert status.paused is paused
    assert button(status, "Resume" if paused else "Pause").isChecked() is paused
    assert ("5 of 10 done · paused" in labels(status)) is paused
    status.stop()


def test_a_pause_of_the_last_session_outlasts_the_scorer_s_loading_and_can_be_ended(
    qtbot: QtBot, status: StatusPanel
) -> None:
    status.show_paused(True)
    status.show_scorer(ScorerReady("technical", "technical-1", "CPU"))
    assert status.paused
    with qtbot.waitSignal(status.pause_asked) as asked:
        QTest.mouseClick(button(status, "Resume"), Qt.MouseButton.LeftButton)
    assert (asked.args, status.paused) == ([False], False)


@pytest.mark.parametrize(
    ("effort", "said"), [(ON_BATTERY, " · scoring gently (on battery)"), (ASKED, " · scoring gently"), (FULL, "")]
)
def test_gentle_work_is_said_with_its_reason(status: StatusPanel, clock: Clock, effort: Effort, said: str) -> None:
    status.show_counts(100, 100, 0)
    status.show_effort(effort)
    assert f"0 of 100 done{said}" in labels(status)
    clock.seconds += 10
    status.show_counts(100, 80, 0, finished=20)
    assert f"20 of 100 done · 2.0 photos/s · under a minute left{said}" in labels(status)
    status.stop()


def test_full_work_again_is_no_longer_called_gentle(status: StatusPanel) -> None:
    status.show_counts(100, 100, 0)
    for effort in (ON_BATTERY, FULL):
        status.show_effort(effort)
    assert "0 of 100 done" in labels(status)
    status.stop()


def test_the_rate_begins_anew_with_the_effort(status: StatusPanel, clock: Clock) -> None:
    status.show_counts(100, 100, 0)
    clock.seconds += 10
    status.show_counts(100, 60, 0, finished=40)
    status.show_effort(ASKED)
    clock.seconds += 10
    status.show_counts(100, 50, 0, finished=10)
    assert "50 of 100 done · 1.0 photos/s · under a minute left · scoring gently" in labels(status)
    status.stop()


def test_a_pause_is_said_rather_than_gentle_work(status: StatusPanel) -> None:
    status.show_counts(10, 5, 0)
    status.show_effort(ASKED)
    status.show_paused(True)
    assert "5 of 10 done · paused" in labels(status)
    status.stop()


def test_time_in_a_pause_does_not_count(qtbot: QtBot, status: StatusPanel, clock: Clock) -> None:
    status.show_scorer(ScorerReady("technical", "technical-1", "CPU"))
    status.show_counts(100, 100, 0)
    pause = button(status, "Pause")
    QTest.mouseClick(pause, Qt.MouseButton.LeftButton)
    clock.seconds += 3600
    QTest.mouseClick(pause, Qt.MouseButton.LeftButton)
    clock.seconds += 10
    status.show_counts(100, 80, 0, finished=20)
    assert "20 of 100 done · 2.0 photos/s · under a minute left" in labels(status)
    status.stop()


def test_photos_that_could_not_be_read_are_counted(status: StatusPanel) -> None:
    status.show_counts(10, 0, 3)
    assert "7 photos scored · 3 could not be read" in labels(status)


def test_nobody_can_pause_before_there_is_a_scorer(status: StatusPanel) -> None:
    assert not button(status, "Pause").isEnabled()
    status.show_scorer(ScorerReady("maclip", "rn50-1234", "CUDA (NVIDIA H100)"))
    assert "Scored by MA-CLIP on CUDA (NVIDIA H100)" in labels(status)
    assert button(status, "Pause").isEnabled()


def test_a_missing_scorer_is_said_with_its_reason(status: StatusPanel) -> None:
    status.show_no_scorer("The weights are damaged.")
    label = next(one for one in status.findChildren(QLabel) if one.text() == "No scorer")
    assert label.toolTip() == "The weights are damaged."


def test_a_scorer_that_works_outlives_one_that_could_not_be_had(status: StatusPanel) -> None:
    status.show_scorer(ScorerReady("technical", "technical-1", "CPU"))
    status.show_no_scorer("There is no network.")
    assert "Scored by technical scorer on CPU" in labels(status)


# --- messages and the empty state ------------------------------------------------------------------------------


def test_a_message_stays_until_it_is_closed(qtbot: QtBot) -> None:
    banner = Banner("Message")
    qtbot.addWidget(banner)
    assert banner.isHidden()
    banner.say("A card was taken out.")
    assert banner.isVisible() and banner.text() == "A card was taken out."
    QTest.mouseClick(child(banner, QToolButton), Qt.MouseButton.LeftButton)
    assert not banner.isVisible()


def test_a_message_offers_its_action(qtbot: QtBot) -> None:
    acted: list[bool] = []
    banner = Banner("Message")
    qtbot.addWidget(banner)
    banner.say("No weights.", "Get them…", lambda: acted.append(True))
    QTest.mouseClick(button(banner, "Get them…"), Qt.MouseButton.LeftButton)
    assert acted == [True]


def test_a_message_without_an_action_has_no_button(qtbot: QtBot) -> None:
    banner = Banner("Message")
    qtbot.addWidget(banner)
    banner.say("No weights.", "Get them…", lambda: None)
    banner.say("All is well.")
    assert not child(banner, QPushButton).isVisible()


def test_a_message_about_a_name_that_is_no_text_can_be_shown(qtbot: QtBot) -> None:
    banner = Banner("Message")
    qtbot.addWidget(banner)
    banner.say("/photos/odd\udcff.jpg is damaged.")
    assert banner.text() == "/photos/odd\\udcff.jpg is damaged."


def test_the_empty_state_offers_what_helps(qtbot: QtBot) -> None:
    empty = EmptyState(QIcon())
    qtbot.addWidget(empty)
    empty.show()
    empty.say("Add a folder", "Its photos are scored.", "Add folder…")
    with qtbot.waitSignal(empty.acted):
        QTest.mouseClick(button(empty, "Add folder…"), Qt.MouseButton.LeftButton)
    empty.say("Nothing yet", "Wait a moment.")
    assert not child(empty, QPushButton).isVisible()
    assert "Nothing yet" in labels(empty)


@pytest.mark.parametrize(("count", "text"), [(0, "0 KB"), (1, "1 KB"), (36_400, "36 KB"), (24_500_000, "24.5 MB")])
def test_sizes_come_in_a_unit_a_person_would_choose(count: int, text: str) -> None:
    assert words.file_size(count) == text


# --- the scorer ------------------------------------------------------------------------------------------------


def test_while_the_scorer_fails_the_status_says_stopped(status: StatusPanel) -> None:
    status.show_counts(10, 4, 0)
    status.show_halt()
    assert "stopped" in labels(status)[0]
    status.show_retry()
    assert "stopped" not in labels(status)[0]


def test_a_scorer_that_has_moved_to_another_device_is_named_with_it(status: StatusPanel) -> None:
    status.show_scorer(ScorerReady("maclip", "rn50", "CUDA (Card)", "float16"))
    status.show_scorer(ScorerReady("maclip", "rn50", "CPU", "float32"))
    assert "Scored by MA-CLIP on CPU" in labels(status)


@pytest.fixture
def scorer_banner(qtbot: QtBot) -> ScorerBanner:
    banner = ScorerBanner()
    qtbot.addWidget(banner)
    return banner


def test_a_download_says_how_far_it_is_and_can_be_cancelled(qtbot: QtBot, scorer_banner: ScorerBanner) -> None:
    scorer_banner.show_download(DownloadProgress("Downloading CLIP RN50 weights", 12_000_000, 250_000_000))
    assert scorer_banner.text() == "Downloading CLIP RN50 weights: 12 MB / 250 MB"
    with qtbot.waitSignal(scorer_banner.download_cancelled):
        button(scorer_banner, "Cancel").click()


def test_a_scorer_that_fails_can_be_tried_again(qtbot: QtBot, scorer_banner: ScorerBanner) -> None:
    scorer_banner.show_halt("Scoring has stopped.")
    assert scorer_banner.text() == "Scoring has stopped."
    with qtbot.waitSignal(scorer_banner.retry_asked):
        button(scorer_banner, "Try again").click()
    assert scorer_banner.isHidden()


def test_a_scorer_that_cannot_be_had_leaves_the_way_to_another(qtbot: QtBot, scorer_banner: ScorerBanner) -> None:
    scorer_banner.show_unavailable("The download was stopped.")
    with qtbot.waitSignal(scorer_banner.weights_asked):
        button(scorer_banner, "Get MA-CLIP…").click()


def test_what_does_not_fit_ends_in_an_ellipsis(status: StatusPanel) -> None:
    status.show_counts(total=1000, waiting=400, failed=6)
    status.resize(460, 40)
    text = child(status, ElidedLabel)
    assert text.shown_text().endswith("…")
    status.resize(1000, 40)
    assert text.shown_text() == text.text() == "600 of 1,000 done · 6 could not be read"


def test_weights_that_are_not_known_are_told_where_the_scorer_is_named(status: StatusPanel) -> None:
    status.show_scorer(ScorerReady("maclip", "rn50", "CPU", "float32", warning="The scores may mean nothing."))
    assert "Scored by MA-CLIP on CPU · weights not known" in labels(status)
    assert status._scorer.toolTip() == "The scores may mean nothing.\nfloat32\nrn50"
    status.show_scorer(ScorerReady("maclip", "rn50", "CPU", "float32"))
    assert "Scored by MA-CLIP on CPU" in labels(status)
