"""What the parts of the store share."""

from collections.abc import Callable

from maclip_desktop.library.database import LibraryDatabase


class StorePart:
    """A part of `Store`: methods on one group of tables over the store's one connection."""

    def __init__(self, db: LibraryDatabase, now: Callable[[], float]) -> None:
        self._db = db
        self._now = now
