"""Order and filter of photos as array operations: arrays in, row numbers out."""

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
    """Which photos the grid shows: those of a flag, or those one looks for now and then."""

    ALL = "all"
    UNFLAGGED = "unflagged"
    PICKS = "picks"
    REJECTS = "rejects"
    NOT_REJECTED = "not rejected"
    COPIES = "copies"
    """Photos whose content the library has more than once."""
    UNREADABLE = "cannot be read"


def ordered(
    order: SortOrder,
    by_name: Rows,
    scores: NDArray[Any],
    captured: NDArray[Any],
    scales: NDArray[Any] | None = None,
) -> Rows:
    """Row numbers in display order.

    *by_name*: all row numbers in the order of their names, which is also the order of photos that are equal in what is
    sorted by. *scores* and *captured* are NaN where unknown; such photos come last in every order. *scales*: numbers;
    scores of different ones do not compare, so in an order by score all photos of a lower scale come before those of a
    higher one.
    """
    if order is SortOrder.NAME:
        return by_name
    key = captured if order is SortOrder.CAPTURED else scores
    # Sorted from the names on, and without disturbing what is equal; NaN goes to the end by itself.
    rows = by_name[np.argsort((-key if order is SortOrder.BEST_FIRST else key)[by_name], kind="stable")]
    if scales is None or order is SortOrder.CAPTURED or not scales.any():
        return rows
    groups = np.where(np.isnan(key), np.int16(np.iinfo(np.int16).max), scales)
    return rows[np.argsort(groups[rows], kind="stable")]


def shown(
    flag_filter: FlagFilter, flags: NDArray[Any], copies: NDArray[Any], readable: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """True for every row that *flag_filter* lets through.

    *copies*: how many photos have the row's content, itself included.
    """
    if flag_filter is FlagFilter.UNFLAGGED:
        return flags == Flag.NONE
    if flag_filter is FlagFilter.PICKS:
        return flags == Flag.PICK
    if flag_filter is FlagFilter.REJECTS:
        return flags == Flag.REJECT
    if flag_filter is FlagFilter.NOT_REJECTED:
        return flags != Flag.REJECT
    if flag_filter is FlagFilter.COPIES:
        return copies > 1
    if flag_filter is FlagFilter.UNREADABLE:
        return ~readable
    return np.ones(len(flags), dtype=np.bool_)
