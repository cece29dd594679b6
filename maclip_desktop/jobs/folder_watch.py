"""Watching the library's folders: events become settled files, gone paths and directories to look through."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from maclip_desktop.core.formats import is_film, is_photo
from maclip_desktop.core.photo import Folder
from maclip_desktop.disk import is_directory, is_there
from maclip_desktop.errors import FolderError
from maclip_desktop.jobs.bursts import Bursts
from maclip_desktop.watching.identity import identity_of
from maclip_desktop.watching.rounds import Rounds
from maclip_desktop.watching.settle import Settler
from maclip_desktop.watching.watcher import FolderWatcher, WatchKind

SETTLE_MS = 500
WHOLE_MS = 100
"""How long files that were closed are gathered before they are looked at."""
HEALTH_MS = 5000
QUIET_MS = 2000
"""Without an event for so long, a burst is over."""
LOOK_AGAIN_S = 600.0
"""A folder that seems to be there and still cannot be used is tried again after this many seconds."""


@dataclass(frozen=True, slots=True)
class _Absence:
    """A folder that is waited for, and what is at its place meanwhile: an empty mount point, or nothing."""

    identity: str | None
    since: float


class FolderWatch(QObject):
    """Lives in the library worker's thread; watchdog's own threads only put paths into a set.

    Signals: ``settled``, ``gone``, ``directories`` (each a tuple of paths), and, each with a `Folder`: ``lost`` (it has
    vanished), ``returned`` (it is back, or must be watched anew) and ``stale`` (it is to be looked through: its changes
    are not announced, or some announcements may have been lost).
    """

    settled = Signal(object)
    gone = Signal(object)
    directories = Signal(object)
    lost = Signal(object)
    returned = Signal(object)
    stale = Signal(object)
    _dirty = Signal()

    def __init__(self, parent: QObject, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._clock = clock
        self._watcher = FolderWatcher(on_dirty=self._dirty.emit)
        self._settler = Settler(clock)
        self._rounds: Rounds[int] = Rounds(clock)
        self._bursts = Bursts()
        self._folders: dict[int, Folder] = {}
        self._polled: set[int] = set()
        self._absent: dict[int, _Absence] = {}
        self._new_directories = False
        self._stopped = False
        self._dirty.connect(self._take_dirty)
        self._settling = self._timer(SETTLE_MS, self._settle)
        self._soon = self._timer(WHOLE_MS, self._settle, once=True)
        self._health = self._timer(HEALTH_MS, self._look_after)
        self._quiet = self._timer(QUIET_MS, self._when_quiet, once=True)
        self._next_round = self._timer(0, self._begin_round, once=True)

    def watch(self, folder: Folder) -> str | None:
        """Watch a folder; returns a sentence where it can only be looked at now and then."""
        self._folders[folder.id] = folder
        self._health.start()
        try:
            kind = self._watcher.watch(folder.path, folder.recursive, folder.patterns)
        except FolderError:
            # The scan that follows finds the same and says so; here it is only waited for.
            self.wait_for(folder)
            return None
        self._absent.pop(folder.id, None)
        if kind is WatchKind.NATIVE:
            self._end_rounds(folder)
            return None
        self._polled.add(folder.id)
        self._rounds.begin(folder.id)
        self._plan_round()
        return self._watcher.problems()[folder.path]

    def unwatch(self, folder: Folder) -> None:
        """Leave a folder alone. It may lie elsewhere by now: it is known by its id."""
        watched = self._folders.pop(folder.id, folder)
        self._end_rounds(folder)
        self._absent.pop(folder.id, None)
        self._watcher.unwatch(watched.path)

    def wait_for(self, folder: Folder) -> None:
        """It is not there, or not itself: it ``returned`` once something else is at its place."""
        self._absent[folder.id] = _Absence(identity_of(folder.path), self._clock())

    def folders(self) -> list[Folder]:
        """The folders watched, those waited for included."""
        return list(self._folders.values())

    def is_polled(self, folder: Folder) -> bool:
        return folder.id in self._polled

    def is_absent(self, folder: Folder) -> bool:
        """True for a watched folder that is waited for."""
        return folder.id in self._absent

    def looked_through(self, folder: Folder, took_s: float) -> None:
        """A look at the whole folder has ended, after this many seconds of work."""
        self._rounds.looked_through(folder.id, took_s)
        self._plan_round()

    def stop(self) -> None:
        self._stopped = True
        for timer in (self._settling, self._soon, self._health, self._quiet, self._next_round):
            timer.stop()
        self._watcher.stop()

    def _timer(self, milliseconds: int, slot: object, *, once: bool = False) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(milliseconds)
        timer.setSingleShot(once)
        timer.timeout.connect(slot)
        return timer

    # --- what the system announces -------------------------------------------------------------------------

    @Slot()
    def _take_dirty(self) -> None:
        if self._stopped:
            return  # this message was on its way already
        paths, whole = self._watcher.take(), self._watcher.take_whole()
        if self._watcher.take_lost():
            self._bursts.lose()
        self._bursts.note(self._folders.values(), paths)
        self._quiet.start()
        directories = tuple(path for path in paths if self._is_own_directory(path))
        if directories:
            self._new_directories = True
            self.directories.emit(directories)
        others = paths.difference(directories)
        # What is gone may have been a directory of any name; what is there must look like a photo.
        self._settler.touch((one for one in others if is_photo(one) or is_film(one) or not is_there(one)), whole)
        if whole and not self._soon.isActive():
            self._soon.start()
        if self._settler.pending and not self._settling.isActive():
            self._settling.start()

    def _is_own_directory(self, path: Path) -> bool:
        """A link to a directory is none, as for the walk; but a watched folder itself may be one."""
        if not is_directory(path):
            return False
        return not path.is_symlink() or any(path == folder.path for folder in self._folders.values())

    @Slot()
    def _settle(self) -> None:
        ready = self._settler.settled()
        gone = self._settler.gone()
        if gone:
            self.gone.emit(tuple(gone))
        if ready:
            self.settled.emit(tuple(ready))
        if not self._settler.pending:
            self._settling.stop()

    @Slot()
    def _when_quiet(self) -> None:
        if self._settler.pending:
            self._quiet.start()
            return
        for folder in self._bursts.take(self._announced()):
            self.stale.emit(folder)
        if self._new_directories:
            self._new_directories = False
            self._check_room()

    def _check_room(self) -> None:
        """New directories go unwatched, without a word, once the system's limit is reached."""
        for folder in self._announced():
            if self._watcher.has_room():
                return
            self.returned.emit(folder)

    def _announced(self) -> list[Folder]:
        return [one for one in self.folders() if one.id not in self._polled and one.id not in self._absent]

    # --- what it does not announce -------------------------------------------------------------------------

    def _plan_round(self) -> None:
        wait_s = self._rounds.wait_s()
        if wait_s < math.inf:
            self._next_round.start(round(1000 * wait_s))

    @Slot()
    def _begin_round(self) -> None:
        for folder_id in self._rounds.due():
            if folder_id not in self._absent:
                self.stale.emit(self._folders[folder_id])
        self._plan_round()

    def _end_rounds(self, folder: Folder) -> None:
        self._polled.discard(folder.id)
        self._rounds.end(folder.id)

    @Slot()
    def _look_after(self) -> None:
        """A share that drops ends its watch without a word, and a drive that comes back sends no event."""
        for folder in self.folders():
            absence = self._absent.get(folder.id)
            if absence is None and not self._watcher.is_alive(folder.path):
                self._watcher.unwatch(folder.path)
                self.wait_for(folder)
                self.lost.emit(folder)
            elif absence is not None and self._is_back(folder, absence):
                self.returned.emit(folder)

    def _is_back(self, folder: Folder, absence: _Absence) -> bool:
        identity = identity_of(folder.path)
        if identity is None or not is_directory(folder.path):
            return False
        return identity != absence.identity or self._clock() - absence.since >= LOOK_AGAIN_S
