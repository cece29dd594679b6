"""Order and filter of photos as array operations: arrays in, row numbers out."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maclip_desktop.core.flags import Flag

Rows = NDArray[np.intp]


class SortOrder(StrEnum):
    """How the grid is ordered."""

    WORST_FIRST = "worst first"
    BEST_FIRST = "best first"
    NAME = "name"
    CAPTURED = "capture time"


class FlagFilter(StrEnum):
    """Which flags the grid shows."""

    ALL = "all"
    UNFLAGGED = "unflagged"
    PICKS = "picks"
    REJECTS = "rejects"
    NOT_REJECTED = "not rejected"


def ordered(
    order: SortOrder,
    scores: NDArray[Any],
    captured: NDArray[Any],
    name_ranks: NDArray[Any],
    scales: NDArray[Any] | None = None,
) -> Rows:
    """Row numbers in display order.

    *scores* and *captured* are NaN where unknown; such photos come last in every order. Equal photos are
    ordered by *name_ranks* (the place of each row when sorted by name). *scales*: numbers; scores of different ones do
    not compare, so in an order by score all photos of a lower scale come before those of a higher one.
    """
    if order is SortOrder.NAME:
        return np.argsort(name_ranks, kind="stable")
    key = captured if order is SortOrder.CAPTURED else scores
    unknown = np.isnan(key)
    known = np.where(unknown, 0.0, -key if order is SortOrder.BEST_FIRST else key)
    if scales is None or order is SortOrder.CAPTURED:
        return np.lexsort((name_ranks, known, unknown))
    return np.lexsort((name_ranks, known, scales, unknown))


def shown(flag_filter: FlagFilter, flags: NDArray[Any]) -> NDArray[np.bool_]:
    """True for every row that *flag_filter* lets through."""
    if flag_filter is FlagFilter.UNFLAGGED:
        return flags == Flag.NONE
    if flag_filter is FlagFilter.PICKS:
        return flags == Flag.PICK
    if flag_filter is FlagFilter.REJECTS:
        return flags == Flag.REJECT
    if flag_filter is FlagFilter.NOT_REJECTED:
        return flags != Flag.REJECT
    return np.ones(len(flags), dtype=np.bool_)


_DIGITS = re.compile(r"(\d+)")


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """A sort key that puts ``IMG_2`` before ``IMG_10`` and ignores case."""
    parts = _DIGITS.split(name.casefold())
    # isdecimal would let through digits such as superscripts that int() refuses; \d matches decimals only.
    return [(0, int(part), "") if index % 2 else (1, 0, part) for index, part in enumerate(parts) if part]


def name_ranks(names: Sequence[str]) -> NDArray[np.int64]:
    """The place of each name in natural order (0-based)."""
    ranks = np.empty(len(names), dtype=np.int64)
    ranks[sorted(range(len(names)), key=lambda row: natural_key(names[row]))] = np.arange(len(names))
    return ranks
