"""Watching folders for changes, by the system's announcements or, where there are none, by looking."""

import errno
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch
from watchdog.observers.polling import PollingObserver

from maclip_desktop.errors import FolderError
from maclip_desktop.watching.dirty import EVENTS, DirtyHandler, DirtyPaths
from maclip_desktop.watching.drives import is_silent
from maclip_desktop.watching.walk import unusable

POLLING_INTERVAL_S = 10.0

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
    """The folder is listed again and again."""


@dataclass(frozen=True, slots=True)
class _Watched:
    observer: BaseObserver
    watch: ObservedWatch
    identity: tuple[int, int]
    """Device and file number: a folder that was moved away and made anew is another one."""
    problem: str | None


class FolderWatcher:
    """Notes which paths below the watched folders may have changed. Paths are hints; the caller looks.

    All methods but `take` belong to one thread. Nothing runs before the first `watch`.

    Args:
        on_dirty: called from another thread when `take` has something again; may at most signal, and not raise.
        polling_interval_s: how often a folder is looked at that cannot be watched natively, in seconds.
        native: makes the observer for the system's announcements.
    """

    def __init__(
        self,
        on_dirty: Callable[[], None] | None = None,
        *,
        polling_interval_s: float = POLLING_INTERVAL_S,
        native: Callable[[], BaseObserver] = Observer,
    ) -> None:
        self._dirty = DirtyPaths(on_dirty)
        self._makers: dict[WatchKind, Callable[[], BaseObserver]] = {
            WatchKind.NATIVE: native,
            WatchKind.POLLING: lambda: PollingObserver(timeout=polling_interval_s),
        }
        self._polling_interval_s = polling_interval_s
        self._observers: dict[WatchKind, BaseObserver] = {}
        self._watched: dict[Path, _Watched] = {}

    def watch(self, folder: Path, recursive: bool = True) -> WatchKind:
        """Watch *folder*; a folder watched before is watched anew, which also revives a watch that ended.

        Returns how it is watched; `problems` says why where that is by looking. With a large folder on a slow
        drive this takes as long as listing it.

        Raises:
            FolderError: the folder is missing, no folder, or cannot be read.
        """
        self.unwatch(folder)
        identity = _identity(folder)
        problem = _NETWORK if is_silent(Path(os.path.realpath(folder))) else None
        if problem is None:
            try:
                self._start(folder, recursive, WatchKind.NATIVE, identity, None)
                self._check_limit(recursive)
                return WatchKind.NATIVE
            except OSError as error:
                problem = _LIMITS.get(error.errno or 0, f"the system refuses to announce them ({error.strerror})")
                self.unwatch(folder)
        try:
            self._start(folder, recursive, WatchKind.POLLING, identity, problem)
        except OSError as error:
            raise unusable(folder, error) from error
        return WatchKind.POLLING

    def unwatch(self, folder: Path) -> None:
        """Stop watching *folder*; nothing happens where it is not watched."""
        watched = self._watched.pop(folder, None)
        if watched:
            watched.observer.unschedule(watched.watch)

    def take(self) -> set[Path]:
        """The dirty paths since the last call: photos, and directories whose content is to be walked or dropped.

        May be called from any thread.
        """
        return self._dirty.take()

    def is_alive(self, folder: Path) -> bool:
        """Whether changes in *folder* are noticed; False once it was deleted, moved away or unmounted."""
        watched = self._watched.get(folder)
        if watched is None:
            return False
        emitters = [emitter for emitter in watched.observer.emitters if emitter.watch == watched.watch]
        if not any(emitter.is_alive() and emitter.should_keep_running() for emitter in emitters):
            return False
        try:
            return _identity(folder) == watched.identity
        except FolderError:
            return False

    def problems(self) -> dict[Path, str]:
        """For each folder not watched natively, a sentence that says so and why."""
        return {
            folder: f"Changes in {folder} are looked for every {self._polling_interval_s:g} seconds, "
            f"because {watched.problem}."
            for folder, watched in self._watched.items()
            if watched.problem
        }

    def stop(self) -> None:
        """Stop watching all folders and wait until every thread has ended; stopping twice is allowed."""
        self._watched.clear()
        while self._observers:
            _, observer = self._observers.popitem()
            observer.stop()
            observer.join()

    def _start(
        self, folder: Path, recursive: bool, kind: WatchKind, identity: tuple[int, int], problem: str | None
    ) -> None:
        # A symbolic link is watched as the folder it leads to; the handler names paths by the link again.
        real = Path(os.path.realpath(folder))
        observer = self._observer(kind)
        handler = DirtyHandler(folder, real, self._dirty)
        watch = observer.schedule(handler, str(real), recursive=recursive, event_filter=EVENTS)
        self._watched[folder] = _Watched(observer, watch, identity, problem)

    def _check_limit(self, recursive: bool) -> None:
        """Raise OSError if the system lets no more folders be watched.

        Linux counts every directory, and watchdog keeps silent about those below the first that did not fit.
        """
        if recursive and sys.platform == "linux":
            observer = self._observer(WatchKind.NATIVE)
            observer.unschedule(observer.schedule(FileSystemEventHandler(), str(PROBE), event_filter=EVENTS))

    def _observer(self, kind: WatchKind) -> BaseObserver:
        if kind not in self._observers:
            observer = self._makers[kind]()
            observer.start()
            self._observers[kind] = observer
        return self._observers[kind]


def _identity(folder: Path) -> tuple[int, int]:
    try:
        # Listing is what watching needs; on Linux a folder without that permission is "watched" in silence.
        with os.scandir(folder):
            status = folder.stat()
    except OSError as error:
        raise unusable(folder, error) from error
    return status.st_dev, status.st_ino
