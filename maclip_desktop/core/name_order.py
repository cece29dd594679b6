"""The order of names, kept up to date while photos come and go."""

import re
from bisect import bisect_right
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from maclip_desktop.core.ordering import Rows

MERGE_AT = 4000
"""So many new names are put in their places in one go."""
_DIGITS = re.compile(r"\d+")


def natural_key(name: str) -> str:
    """A sort key that puts ``IMG_2`` before ``IMG_10`` and ignores case."""
    return _DIGITS.sub(_number, name.casefold())


def _number(digits: "re.Match[str]") -> str:
    # int() knows the digits of every script. How many there are comes first: the longer number is the larger one.
    number = str(int(digits[0]))
    return f"\0{chr(len(number))}{number}"


class NameOrder:
    """Row numbers in the natural order of their names.

    Sorting 100,000 names takes a tenth of a second and more; putting 1,000 new ones among them does not.
    """

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._rows: Rows = np.empty(0, dtype=np.intp)
        self._new: list[tuple[str, int]] = []

    def rows(self) -> Rows:
        """All rows, sorted by name; those of one name in the order they came."""
        self._merge()
        return self._rows

    def add(self, row: int, name: str) -> None:
        """A row that is not there yet gets its name."""
        self._new.append((natural_key(name), row))
        if len(self._new) >= MERGE_AT:
            self._merge()

    def renumber(self, numbers: NDArray[np.intp]) -> None:
        """Give every row its new number, which stands at its old one; a negative number takes it out."""
        self._merge()
        rows = numbers[self._rows]
        kept = rows >= 0
        self._rows = rows[kept]
        if len(self._rows) < len(self._keys):
            self._keys = list(compress(self._keys, kept.tolist()))

    def _merge(self) -> None:
        if not self._new:
            return
        self._new.sort(key=_key)
        keys = [key for key, _ in self._new]
        places = [bisect_right(self._keys, key) for key in keys]
        self._rows = np.insert(self._rows, places, [row for _, row in self._new])
        # Two sorted runs: Python's sort only merges them.
        self._keys += keys
        self._keys.sort()
        self._new.clear()


def _key(entry: tuple[str, int]) -> str:
    return entry[0]
