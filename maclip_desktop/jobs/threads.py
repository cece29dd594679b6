"""Workers in threads: how one is started, and how it ends without losing anything."""

import logging
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from maclip_desktop.errors import UserFacingError
from maclip_desktop.jobs.messages import Notice

log = logging.getLogger(__name__)

STACK_BYTES = 16 * 1024 * 1024
"""macOS gives other threads than the first 512 KiB, too little for linear algebra."""


class Worker(QObject):
    """A QObject that lives in a QThread of its own.

    What it owns (connections, timers, pools) is made in `open`, never in ``__init__``: that one still runs
    in the GUI thread. Every slot is wrapped by `guarded`.

    Signals: ``notice`` carries a `Notice`; ``stopped`` says that nothing of the worker runs any more.
    """

    notice = Signal(object)
    stopped = Signal()
    _ended = False

    @Slot()
    def begin(self) -> None:
        """Start the work. The thread's first call."""
        # A slot of its own: PySide runs an overridden slot in the thread of the sender, not of the worker.
        self.open()

    def open(self) -> None:
        """Make what the worker owns. Called in its thread."""
        raise NotImplementedError

    def close(self) -> None:
        """Give back what the worker owns. Called in its thread, also after a failed start."""
        raise NotImplementedError

    @Slot()
    def stop(self) -> None:
        """End the work; ``stopped`` follows whatever happens."""
        # Messages on their way still arrive; a slot that ran after this would wake what was put to rest.
        self._ended = True
        try:
            self.close()
        finally:
            self.stopped.emit()


def guarded(slot: Callable[..., None]) -> Callable[..., None]:
    """Turn an exception in a worker's slot into a notice: a lost exception is a window that waits for ever.

    Once the worker has ended its slots do nothing.
    """

    @wraps(slot)
    def run(self: Worker, *arguments: Any) -> None:
        if self._ended:
            return
        try:
            slot(self, *arguments)
        except UserFacingError as error:
            log.info("%s: %s", slot.__name__, error)
            self.notice.emit(Notice(str(error)))
        except Exception as error:  # noqa: BLE001 - the last boundary of a thread; reported, not swallowed
            details = traceback.format_exc()
            log.error("%s failed:\n%s", slot.__name__, details)
            self.notice.emit(Notice(f"An error inside the program: {type(error).__name__}: {error}", report=details))

    return run


class WorkerThread(QObject):
    """A worker and its thread, with one way to start and one way to end."""

    _stop = Signal()

    def __init__(self, worker: Worker, name: str) -> None:
        super().__init__()
        self.worker = worker
        self._thread = QThread()
        self._thread.setObjectName(name)
        self._thread.setStackSize(STACK_BYTES)
        worker.moveToThread(self._thread)
        self._thread.started.connect(worker.begin)
        self._stop.connect(worker.stop)
        # Direct: the thread's event loop is told to end from within, while the GUI thread waits for it.
        worker.stopped.connect(self._thread.quit, Qt.ConnectionType.DirectConnection)

    def start(self) -> None:
        self._thread.start()

    def request_stop(self) -> None:
        """Ask the worker to end; returns at once."""
        self._stop.emit()

    def wait(self, milliseconds: int) -> bool:
        """True where the thread has ended within the time."""
        return not self._thread.isRunning() or self._thread.wait(milliseconds)
