"""Watching folders for changes by the system's announcements, and finding out where there are none."""

import errno
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from watchdog.events import FileSystemEventHandler
from watchdog.observers.api import BaseObserver, ObservedWatch

from maclip_desktop.core.patterns import USUAL, Patterns
from maclip_desktop.errors import FolderError
from maclip_desktop.watching.dirty import EVENTS, DirtyHandler, DirtyPaths
from maclip_desktop.watching.drives import is_silent
from maclip_desktop.watching.native import native_observer
from maclip_desktop.watching.walk import unusable

PROBE = Path(__file__).parent
"""A directory to try whether one more can be watched; in no one's photo folder."""

_LIMITS = {
    errno.ENOSPC: "the system's limit of watched folders is reached (raise fs.inotify.max_user_watches)",
    errno.EMFILE: "the system's limit of watching programs is reached (raise fs.inotify.max_user_instances)",
}
_NETWORK = "its drive does not announce them"


class WatchKind(StrEnum):
    """How changes in a folder come to notice."""

    NATIVE = "native"
    """The system announces them."""
    POLLING = "polling"
    """Nobody does: the caller has to look through the folder now and then."""


@dataclass(frozen=True, slots=True)
class _Watched:
    identity: tuple[int, int]
    """Device and file number: a folder that was moved away and made anew is another one."""
    watch: ObservedWatch | None
    """None where the system announces nothing."""
    problem: str = ""


class FolderWatcher:
    """Notes which paths below the watched folders may have changed. Paths are hints; the caller looks.

    All methods but `take` and `take_lost` belong to one thread. Nothing runs before the first `watch`.

    Args:
        on_dirty: called from another thread when `take` or `take_lost` has something again; may at most signal, and
            not raise.
        native: makes the observer for the system's announcements, given what is to be called when some were lost.
    """

    def __init__(
        self,
        on_dirty: Callable[[], None] | None = None,
        *,
        native: Callable[[Callable[[], None]], BaseObserver] = native_observer,
    ) -> None:
        self._dirty = DirtyPaths(on_dirty)
        self._native = native
        self._observer: BaseObserver | None = None
        self._watched: dict[Path, _Watched] = {}

    def watch(self, folder: Path, recursive: bool = True, patterns: Patterns = USUAL) -> WatchKind:
        """Watch *folder*; a folder watched before is watched anew, which also revives a watch that ended.

        Returns how it is watched; `problems` says why where nothing is announced. With a large folder on a slow
        drive this takes as long as listing it.

        Raises:
            FolderError: the folder is missing, no folder, or cannot be read.
        """
        self.unwatch(folder)
        identity = _identity(folder)
        problem = _NETWORK if is_silent(Path(os.path.realpath(folder))) else ""
        if not problem:
            try:
                self._watched[folder] = _Watched(identity, self._schedule(folder, recursive, patterns))
                self._check_limit(recursive)
            except OSError as error:
                problem = _LIMITS.get(error.errno or 0, f"the system refuses to announce them ({error.strerror})")
                self.unwatch(folder)
        if problem:
            self._watched[folder] = _Watched(identity, None, problem)
        return WatchKind.POLLING if problem else WatchKind.NATIVE

    def has_room(self) -> bool:
        """Whether one more directory could be watched; where not, new ones in the folders are not, without a word."""
        try:
            self._check_limit(any(watched.watch for watched in self._watched.values()))
        except OSError:
            return False
        return True

    def unwatch(self, folder: Path) -> None:
        """Stop watching *folder*; nothing happens where it is not watched."""
        watched = self._watched.pop(folder, None)
        if watched and watched.watch and self._observer:
            self._observer.unschedule(watched.watch)

    def take(self) -> set[Path]:
        """The dirty paths since the last call: photos, and directories whose content is to be walked or dropped.

        May be called from any thread.
        """
        return self._dirty.take()

    def take_whole(self) -> set[Path]:
        """Those dirty paths since the last call that were closed by who wrote them. May be called from any thread."""
        return self._dirty.take_whole()

    def take_lost(self) -> bool:
        """Whether the system has thrown announcements away since the last call. May be called from any thread."""
        return self._dirty.take_lost()

    def is_alive(self, folder: Path) -> bool:
        """Whether *folder* is there and its changes are noticed, or looked for by the caller.

        False once it was deleted, moved away or unmounted.
        """
        watched = self._watched.get(folder)
        if watched is None or (watched.watch is not None and not self._runs(watched.watch)):
            return False
        try:
            return _identity(folder) == watched.identity
        except FolderError:
            return False

    def problems(self) -> dict[Path, str]:
        """For each folder whose changes are not announced, a sentence that says so and why."""
        return {
            folder: f"{folder} is looked through for changes about once a minute, and less often where that takes "
            f"long, because {watched.problem}."
            for folder, watched in self._watched.items()
            if watched.problem
        }

    def stop(self) -> None:
        """Stop watching all folders and wait until every thread has ended; stopping twice is allowed."""
        self._watched.clear()
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join()

    def _runs(self, watch: ObservedWatch) -> bool:
        emitters = self._observer.emitters if self._observer else set()
        return any(one.is_alive() and one.should_keep_running() for one in emitters if one.watch == watch)

    def _schedule(self, folder: Path, recursive: bool, patterns: Patterns) -> ObservedWatch:
        # A symbolic link is watched as the folder it leads to; the handler names paths by the link again.
        real = Path(os.path.realpath(folder))
        handler = DirtyHandler(folder, real, self._dirty, patterns)
        return self._running().schedule(handler, str(real), recursive=recursive, event_filter=EVENTS)

    def _check_limit(self, recursive: bool) -> None:
        """Raise OSError if the system lets no more folders be watched.

        Linux counts every directory, and watchdog keeps silent about those below the first that did not fit.
        """
        if recursive and sys.platform == "linux":
            observer = self._running()
            observer.unschedule(observer.schedule(FileSystemEventHandler(), str(PROBE), event_filter=EVENTS))

    def _running(self) -> BaseObserver:
        if self._observer is None:
            observer = self._native(self._dirty.lose)
            observer.start()
            self._observer = observer
        return self._observer


def _identity(folder: Path) -> tuple[int, int]:
    try:
        # Listing is what watching needs; on Linux a folder without that permission is "watched" in silence.
        with os.scandir(folder):
            status = folder.stat()
    except OSError as error:
        raise unusable(folder, error) from error
    return status.st_dev, status.st_ino
