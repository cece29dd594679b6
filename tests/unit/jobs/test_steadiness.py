"""Telling a scorer that fails from photos that fail."""

from collections.abc import Callable
from pathlib import Path

import pytest

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.errors import DeviceError, PhotoError
from maclip_desktop.jobs.steadiness import BATCHES_IN_A_ROW, SteadyScorer
from maclip_desktop.jobs.tasks import ScoreResult, failure, score_prepared
from tests.helpers.fakes import FakeScorer

DARK, BRIGHT = 0.05, 0.5
Error = Callable[[], Exception]


def broken() -> Exception:
    return RuntimeError("the device is gone")


def steady(error: Error = broken) -> SteadyScorer:
    return SteadyScorer(FakeScorer(spoiled_below=0.1, error=error))


def batch(scorer: SteadyScorer, *shades: float, first: int = 1) -> list[ScoreResult]:
    """What is to be kept once photos of these shades have been scored together."""
    rows = [PhotoRow(first + place, 1, Path(f"/{first + place}.jpg"), 1, 1, "h") for place in range(len(shades))]
    return scorer.judge(score_prepared(scorer.watched, rows, list(shades)))


def ids(results: list[ScoreResult]) -> list[int]:
    return [result.row.id for result in results]


@pytest.mark.expects_log_errors
def test_one_photo_among_good_ones_fails_at_once() -> None:
    results = batch(steady(), DARK, BRIGHT)
    assert [result.error is None for result in results] == [False, True]


@pytest.mark.expects_log_errors
def test_a_batch_that_fails_whole_is_held_back_until_another_goes_well() -> None:
    scorer = steady()
    assert batch(scorer, DARK, DARK) == []
    assert scorer.holds
    results = batch(scorer, BRIGHT, first=3)
    assert ids(results) == [1, 2, 3]
    assert [result.error is None for result in results] == [False, False, True]
    assert not scorer.holds


@pytest.mark.expects_log_errors
def test_several_in_a_row_are_the_scorer_s_fault_and_no_photo_s() -> None:
    scorer = steady()
    for number in range(BATCHES_IN_A_ROW - 1):
        assert batch(scorer, DARK, DARK, first=2 * number + 1) == []
    with pytest.raises(DeviceError, match=r"nothing could be scored 3 times in a row.*the device is gone"):
        batch(scorer, DARK, first=5)
    assert [row.id for row in scorer.forget()] == [1, 2, 3, 4, 5]
    assert not scorer.holds


@pytest.mark.expects_log_errors
def test_only_those_in_a_row_count() -> None:
    scorer = steady()
    for number in range(2 * BATCHES_IN_A_ROW):
        batch(scorer, BRIGHT if number % 2 else DARK, first=number + 1)


@pytest.mark.expects_log_errors
def test_no_memory_for_anything_is_the_scorer_s_fault_too() -> None:
    scorer = steady(MemoryError)
    with pytest.raises(DeviceError, match="MemoryError"):
        for _ in range(BATCHES_IN_A_ROW):
            batch(scorer, DARK, DARK)


def test_photos_that_the_scorer_refuses_are_photos_that_fail() -> None:
    scorer = steady(lambda: PhotoError("too thin"))
    for _ in range(2 * BATCHES_IN_A_ROW):
        assert len(batch(scorer, DARK, DARK)) == 2


def test_photos_that_could_not_even_be_prepared_say_nothing_of_the_scorer() -> None:
    scorer = steady()
    for number in range(2 * BATCHES_IN_A_ROW):
        row = PhotoRow(number + 1, 1, Path("/a.jpg"), 1, 1, "h")
        assert len(scorer.judge([failure(row, PhotoError("damaged"))])) == 1


def test_all_but_scoring_is_the_scorer_s_own() -> None:
    scorer = FakeScorer("fake-7")
    assert SteadyScorer(scorer).watched.model_id == "fake-7"
