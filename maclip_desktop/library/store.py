"""The library as one object."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from maclip_desktop.library.decisions import DecisionPart
from maclip_desktop.library.folders import FolderPart
from maclip_desktop.library.opening import open_database
from maclip_desktop.library.photos import PhotoPart
from maclip_desktop.library.scores import ScorePart


class Store(FolderPart, PhotoPart, ScorePart, DecisionPart):
    """An open library file. Belongs to the thread that opened it.

    What a method has returned from is saved: it survives the end of the process. Every method raises
    `LibraryError` where the file, its drive or another program is at fault, and `ProgramError` in a wrong thread.
    """

    _data_version: tuple[Any, ...] | None = None

    @classmethod
    def open(cls, path: Path, *, busy_timeout_ms: int = 5000, now: Callable[[], float] = time.time) -> "Store":
        """Open the library at *path*, or make a new one there.

        Args:
            busy_timeout_ms: how long to wait for another process that is writing.
            now: the clock, in seconds since 1970.

        Raises:
            LibraryError: the file or its folder cannot be used, is not ours, or is newer than this program.
        """
        store = cls(open_database(path, busy_timeout_ms=busy_timeout_ms), now)
        store.changed_elsewhere()
        return store

    @property
    def path(self) -> Path:
        """The library file."""
        return self._db.path

    def changed_elsewhere(self) -> bool:
        """Whether somebody else (another process, another connection) has written since the last call; cheap."""
        version = self._db.one("PRAGMA data_version")
        changed = version != self._data_version
        self._data_version = version
        return changed

    def batch(self) -> AbstractContextManager[None]:
        """Make all calls inside the ``with`` block one transaction: all are saved at its end, or none."""
        return self._db.transaction()

    def close(self) -> None:
        """Close the file; closing twice is allowed."""
        self._db.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
