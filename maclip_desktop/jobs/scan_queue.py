"""Folders waiting to be scanned, one step at a time."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from maclip_desktop.core.photo import Folder
from maclip_desktop.errors import FolderError, LibraryError
from maclip_desktop.jobs.scan import ScanStep, scan
from maclip_desktop.library.store import Store

_Entry = tuple[Folder, Path | None]
"""A folder, and the directory in it that alone is to be looked through."""


@dataclass(frozen=True, slots=True)
class ScanEnded:
    """A folder, or the directory *below* in it, has been looked through."""

    folder: Folder
    below: Path | None
    took_s: float
    """Seconds spent on it, without what was done between its steps."""
    was_missing: bool
    """True where the folder was not there when it was looked for last."""


class ScanQueue:
    """Which folders are still to be looked through. Plain data: the caller decides when a step is done.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._took_s = 0.0
        self.ended: ScanEnded | None = None
        """What the last step has finished; None where it has finished nothing."""
        self._waiting: deque[_Entry] = deque()
        self._running: Iterator[ScanStep] | None = None
        self._current: _Entry | None = None
        self._broken: _Entry | None = None
        self.missing: set[int] = set()
        """Ids of folders that were not there when they were looked for."""

    def add(self, folder: Folder, below: Path | None = None) -> None:
        """Queue a folder, or the directory *below* in it; once is enough, also where it is part of what waits."""
        entry = (folder, below)
        if not any(_covers(queued, entry) for queued in self._waiting):
            self._waiting = deque(queued for queued in self._waiting if not _covers(entry, queued))
            self._waiting.append(entry)

    def drop(self, folder_id: int) -> None:
        """Forget everything about a folder."""
        self._waiting = deque(entry for entry in self._waiting if entry[0].id != folder_id)
        self.missing.discard(folder_id)
        if self._current is not None and self._current[0].id == folder_id:
            self._running = self._current = None

    def scanning(self, folder: Folder) -> bool:
        """True while the folder is being looked through or waits for it."""
        return any(entry is not None and entry[0].id == folder.id for entry in (self._current, *self._waiting))

    @property
    def busy(self) -> bool:
        return self._running is not None or bool(self._waiting)

    @property
    def in_part(self) -> bool:
        """True while only a directory of a folder is looked through: something has just happened there."""
        return self._current is not None and self._current[1] is not None

    def step(self, store: Store) -> ScanStep | None:
        """Do one step. None where a folder has just been finished or nothing waits.

        Raises `FolderError` where the folder is missing; it is then in `missing`, and its photos stay as
        they are: a drive that is not plugged in has lost nothing. After any other error the scan waits again, in
        front: for as long as the library cannot be written to, and once where the program is at fault.
        """
        self.ended = None
        if self._running is None and self._waiting:
            self._begin(store)
        entry, running = self._current, self._running
        if entry is None or running is None:
            return None
        began = self._clock()
        try:
            step = next(running, None)
        except FolderError:
            self._running = self._current = None
            self.missing.add(entry[0].id)
            raise
        except Exception as error:
            self._running = self._current = None
            self._put_back(entry, error)
            raise
        self._took_s += self._clock() - began
        if step is None:
            self._end(entry)
        return step

    def _begin(self, store: Store) -> None:
        """Begin with what waits first, as the library knows it now; with nothing where it knows the folder no more."""
        waited, below = self._waiting[0]
        folder = next((one for one in store.folders() if one.id == waited.id), None)
        self._waiting.popleft()
        if folder is not None:
            self._current = folder, below
            self._running = scan(store, folder, below)
            self._took_s = 0.0

    def _end(self, entry: _Entry) -> None:
        folder, below = entry
        self._running = self._current = self._broken = None
        # A directory that was not there either tells nothing of the folder.
        was_missing = below is None and folder.id in self.missing
        self.ended = ScanEnded(folder, below, self._took_s, was_missing)
        if was_missing:
            self.missing.discard(folder.id)

    def _put_back(self, entry: _Entry, error: Exception) -> None:
        if isinstance(error, LibraryError) or entry != self._broken:
            self._waiting.appendleft(entry)
        self._broken = None if isinstance(error, LibraryError) else entry


def _covers(outer: _Entry, inner: _Entry) -> bool:
    """Whether looking through *outer* looks through all of *inner*."""
    if outer[0].id != inner[0].id:
        return False
    return outer[1] is None or (inner[1] is not None and inner[1].is_relative_to(outer[1]))
