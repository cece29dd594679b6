"""What waits to be written to the library."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from maclip_desktop.errors import LibraryError

Item = TypeVar("Item")


class Unsaved(Generic[Item]):
    """Things that wait to be saved, in their order; true while there are any."""

    def __init__(self, write: Callable[[list[Item]], None]) -> None:
        self._write = write
        self._waiting: list[Item] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, items: Iterable[Item]) -> None:
        self._waiting.extend(items)

    def save(self) -> None:
        """Write all of them. They wait on where the library is at fault; after a bug they would fail for ever."""
        taken, self._waiting = self._waiting, []
        try:
            if taken:
                self._write(taken)
        except LibraryError:
            self._waiting[:0] = taken
            raise
