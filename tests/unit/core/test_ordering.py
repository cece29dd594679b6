"""Order and filter are array operations that agree with Python's own sorting."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maclip_desktop.core.flags import Flag
from maclip_desktop.core.ordering import FlagFilter, SortOrder, ordered, shown

_values = st.lists(
    st.tuples(st.floats(-10, 10) | st.just(math.nan), st.floats(0, 1e9) | st.just(math.nan)), max_size=50
)


def _last_unknown(value: float, sign: int = 1) -> tuple[bool, float]:
    return (True, 0.0) if math.isnan(value) else (False, sign * value)


@given(values=_values, order=st.sampled_from(SortOrder))
def test_every_order_is_the_one_python_makes(values: list[tuple[float, float]], order: SortOrder) -> None:
    scores = np.array([score for score, _ in values], dtype=np.float64)
    captured = np.array([time for _, time in values], dtype=np.float64)
    by_name = np.random.default_rng(len(values)).permutation(len(values))
    ranks = np.argsort(by_name)

    def key(place: int) -> tuple[object, ...]:
        score, time = values[place]
        return {
            SortOrder.WORST_FIRST: _last_unknown(score),
            SortOrder.BEST_FIRST: _last_unknown(score, -1),
            SortOrder.CAPTURED: _last_unknown(time),
            SortOrder.NAME: (),
        }[order]

    expected = sorted(range(len(values)), key=lambda place: (key(place), ranks[place]))
    assert ordered(order, by_name, scores, captured).tolist() == expected


@pytest.mark.parametrize("order", [SortOrder.WORST_FIRST, SortOrder.BEST_FIRST, SortOrder.CAPTURED])
def test_photos_without_the_value_come_last_by_name(order: SortOrder) -> None:
    values = np.array([math.nan, 0.5, math.nan])
    assert ordered(order, np.array([2, 1, 0]), values, values).tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("choice", "visible"),
    [
        (FlagFilter.ALL, [True, True, True]),
        (FlagFilter.REJECTS, [True, False, False]),
        (FlagFilter.UNFLAGGED, [False, True, False]),
        (FlagFilter.PICKS, [False, False, True]),
        (FlagFilter.NOT_REJECTED, [False, True, True]),
        (FlagFilter.COPIES, [False, True, False]),
        (FlagFilter.UNREADABLE, [True, False, False]),
    ],
)
def test_a_filter_lets_through(choice: FlagFilter, visible: list[bool]) -> None:
    flags, copies = np.array([Flag.REJECT, Flag.NONE, Flag.PICK]), np.array([1, 2, 1])
    assert shown(choice, flags, copies, np.array([False, True, True])).tolist() == visible


@pytest.mark.parametrize(
    ("order", "rows"),
    [
        (SortOrder.WORST_FIRST, [3, 1, 2, 4, 0]),
        (SortOrder.BEST_FIRST, [1, 3, 2, 4, 0]),
        (SortOrder.NAME, [0, 1, 2, 3, 4]),
        (SortOrder.CAPTURED, [4, 3, 2, 1, 0]),
    ],
)
def test_scores_of_different_scales_are_not_mixed(order: SortOrder, rows: list[int]) -> None:
    scores = np.array([math.nan, 0.9, 0.1, 0.5, 0.2])
    scales = np.array([0, 0, 1, 0, 2], dtype=np.int8)
    captured = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    assert ordered(order, np.arange(5), scores, captured, scales).tolist() == rows
