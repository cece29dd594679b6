"""The line at the bottom: progress, pause, gentle work, and who scores."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QProgressBar
from pytestqt.qtbot import QtBot

from maclip_desktop.jobs.effort import ASKED, FULL, ON_BATTERY, Effort
from maclip_desktop.jobs.messages import ScorerReady
from maclip_desktop.ui.labels import ElidedLabel
from maclip_desktop.ui.status_panel import StatusPanel
from tests.gui.helping import button, child, labels


class Clock:
    """Time goes on when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


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
