"""What waits to be written to the library."""

import sys
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from maclip_desktop.errors import LibraryError

Item = TypeVar("Item")


class Unsaved(Generic[Item]):
    """Things that wait to be saved, in their order; true while there are any.

    *at_once*: how many are written in one go, where there may be thousands; the caller comes back for the rest.
    """

    def __init__(self, write: Callable[[list[Item]], None], at_once: int = sys.maxsize) -> None:
        self._write = write
        self._at_once = at_once
        self._waiting: list[Item] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, items: Iterable[Item]) -> None:
        self._waiting.extend(items)

    def save(self) -> None:
        """Write what is written at once. It waits on where the library is at fault; after a bug it would for ever."""
        taken, self._waiting = self._waiting[: self._at_once], self._waiting[self._at_once :]
        try:
            if taken:
                self._write(taken)
        except LibraryError:
            self._waiting[:0] = taken
            raise
