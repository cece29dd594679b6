"""Changes for the window come together, and the more of them there are the longer they are gathered."""

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from maclip_desktop.jobs.gathering import GATHER_MS, MOST_MS, ChangeGatherer

Sent = list[tuple[list[int], tuple[int, ...]]]


@pytest.fixture
def sent() -> Sent:
    return []


@pytest.fixture
def gatherer(qtbot: QtBot, sent: Sent) -> ChangeGatherer:
    parent = QObject()
    gatherer = ChangeGatherer(lambda changed, removed: sent.append((changed, removed)), parent)
    gatherer._keeper = parent  # type: ignore[attr-defined]
    return gatherer


def test_what_comes_together_goes_together_and_each_photo_once(
    qtbot: QtBot, gatherer: ChangeGatherer, sent: Sent
) -> None:
    gatherer.changed([1, 2])
    gatherer.changed([2, 3])
    gatherer.removed([9])
    qtbot.waitUntil(lambda: bool(sent))
    assert sent == [([1, 2, 3], (9,))]


def test_nothing_is_sent_where_nothing_has_changed(gatherer: ChangeGatherer, sent: Sent) -> None:
    gatherer.flush()
    assert sent == []


@pytest.mark.parametrize(("count", "wait"), [(1, GATHER_MS + 1), (400, GATHER_MS + 400), (5000, MOST_MS)])
def test_after_many_changes_the_next_are_gathered_for_longer(gatherer: ChangeGatherer, count: int, wait: int) -> None:
    gatherer.changed(range(count))
    gatherer.flush()
    assert gatherer._timer.interval() == wait
    gatherer.changed([1])
    gatherer.flush()
    assert gatherer._timer.interval() == GATHER_MS + 1
