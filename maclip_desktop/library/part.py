"""What the parts of the store share."""

from collections.abc import Callable

from maclip_desktop.library.database import LibraryDatabase


class StorePart:
    """A part of `Store`: methods on one group of tables over the store's one connection."""

    def __init__(self, db: LibraryDatabase, now: Callable[[], float]) -> None:
        self._db = db
        self._now = now
        self._touched: set[int] = set()
        """Photos whose row changed along with another one's, until somebody asks."""
        self._touched_contents: set[str] = set()
        """Contents that another photo has got or lost: all photos of them show another number of copies."""
        self._hidden: set[int] = set()
        """Photos that became files of another photo, until somebody asks."""
