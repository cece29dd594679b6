"""Folders waiting to be scanned, one step at a time."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path

from maclip_desktop.core.photo import Folder
from maclip_desktop.errors import FolderError
from maclip_desktop.jobs.scan import ScanStep, scan
from maclip_desktop.library.store import Store


class ScanQueue:
    """Which folders are still to be looked through. Plain data: the caller decides when a step is done."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Folder, Path | None]] = deque()
        self._running: Iterator[ScanStep] | None = None
        self._current: Folder | None = None
        self.missing: set[int] = set()
        """Ids of folders that were not there when they were looked for."""

    def add(self, folder: Folder, below: Path | None = None) -> None:
        """Queue a folder, or the directory *below* in it; once is enough."""
        if (folder, below) not in self._waiting:
            self._waiting.append((folder, below))

    def drop(self, folder_id: int) -> None:
        """Forget everything about a folder."""
        self._waiting = deque(entry for entry in self._waiting if entry[0].id != folder_id)
        self.missing.discard(folder_id)
        if self._current is not None and self._current.id == folder_id:
            self._running = self._current = None

    def scanning(self, folder: Folder) -> bool:
        """True while the folder is being looked through or waits for it."""
        waiting = (queued for queued, _ in self._waiting)
        return any(one is not None and one.id == folder.id for one in (self._current, *waiting))

    @property
    def busy(self) -> bool:
        return self._running is not None or bool(self._waiting)

    def step(self, store: Store) -> ScanStep | None:
        """Do one step. None where a folder has just been finished or nothing waits.

        Raises `FolderError` where the folder is missing; it is then in `missing`, and its photos stay as
        they are: a drive that is not plugged in has lost nothing.
        """
        if self._running is None:
            if not self._waiting:
                return None
            self._current, below = self._waiting.popleft()
            self._running = scan(store, self._current, below)
        current = self._current
        try:
            step = next(self._running, None)
        except FolderError:
            self._running = self._current = None
            if current is not None:
                self.missing.add(current.id)
            raise
        if step is None:
            self._running = self._current = None
            if current is not None:
                self.missing.discard(current.id)
        return step
