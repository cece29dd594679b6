"""A program with a window as a process: what it logs, how an error nobody caught is told, how it is ended."""

import contextlib
import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QThread, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QWidget

from maclip_desktop.jobs.messages import Notice

log = logging.getLogger(__name__)

INTERRUPT_MS = 500


def log_qt_messages() -> None:
    """What Qt says to itself goes to the log, not to the terminal of somebody who wants a list."""
    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
        QtMsgType.QtCriticalMsg: logging.ERROR,
        QtMsgType.QtFatalMsg: logging.CRITICAL,
    }
    qt_log = logging.getLogger("qt")
    qInstallMessageHandler(lambda kind, _context, text: qt_log.log(levels[kind], "%s", text))


def name_threads_in_log() -> None:
    """Let the log call the workers' threads by the names Qt knows; to Python they have none."""
    make: Callable[..., logging.LogRecord] = logging.getLogRecordFactory()

    def named(*arguments: object, **options: object) -> logging.LogRecord:
        record = make(*arguments, **options)
        if (record.threadName or "").startswith("Dummy-"):
            record.threadName = QThread.currentThread().objectName() or record.threadName
        return record

    logging.setLogRecordFactory(named)


def report_exceptions(say: Callable[[Notice], None]) -> None:
    """An exception nobody caught goes to the log and to the person, instead of into the void.

    *say* is called in whatever thread it happened in. What comes again and again (an error in painting does) is
    written out once: a log full of it would hold nothing else.
    """
    known: set[int] = set()

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        if hash(details) in known:
            log.error("Unexpected error, as before: %s: %s", kind.__name__, error)
        else:
            known.add(hash(details))
            log.error("Unexpected error:\n%s", details)
        say(Notice(f"An error inside the program: {kind.__name__}: {error}", report=details))

    sys.excepthook = report
    threading.excepthook = lambda arguments: report(
        arguments.exc_type, arguments.exc_value or arguments.exc_type(), arguments.exc_traceback
    )


def close_on_interrupt(window: QWidget) -> QTimer:
    """Let Ctrl+C in the terminal close the window as its own button does; keep the timer that is returned."""
    signal.signal(signal.SIGINT, lambda *_: window.close())
    # Python handles signals between two of its own instructions, and Qt's loop executes none while it waits.
    timer = QTimer()
    timer.timeout.connect(lambda: None)
    timer.start(INTERRUPT_MS)
    return timer


def leave_if_stuck(ended: bool, code: int = 0) -> None:
    """A decoder stuck in a foreign library must not keep a closed program alive; all that counts is saved."""
    if not ended:
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
                    stream.flush()
        os._exit(code)
