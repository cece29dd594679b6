"""The system's own announcements, and that it has lost some."""

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

_EAR = Path(__file__).parent.parent
"""A directory to be told through that announcements were lost; in no one's photo folder, and tried by nobody else."""


def native_observer(on_lost: Callable[[], None]) -> BaseObserver:
    """What passes the system's announcements on.

    *on_lost* is called, in another thread, when the system has thrown announcements away because there were too many.
    Only Linux says so. Raises OSError where the system gives no more.
    """
    if sys.platform == "linux":
        # Releases before 7 of watchdog have no such thing.
        with contextlib.suppress(ImportError):
            return _linux_observer(on_lost)
    return Observer()


def _linux_observer(on_lost: Callable[[], None]) -> BaseObserver:
    from watchdog.observers.inotify import InotifyObserver
    from watchdog.observers.inotify_c import CallbackId, InotifyConstants, InotifyEvent, InotifyFD, WatchDescriptor

    class Ear:
        """One of those whom watchdog tells of everything; it listens to one thing."""

        def on_event(self, event: InotifyEvent) -> None:
            """Nothing of interest happens in a directory of the program."""

        def on_watch_deleted(self, wd: WatchDescriptor) -> None:
            """The program's directory is gone, or the observer ends."""

        def on_queue_overflow(self) -> None:
            on_lost()

    class HearingObserver(InotifyObserver):
        _inotify_fd: InotifyFD

        def on_thread_start(self) -> None:
            # Where not even one more directory can be watched, no folder can be, and that is found out elsewhere.
            with contextlib.suppress(OSError):
                ear = Ear()
                mask = InotifyConstants.IN_DELETE_SELF
                self._inotify_fd.add_callback(os.fsencode(_EAR), mask, ear, CallbackId(id(ear)))
            super().on_thread_start()

    return HearingObserver()
