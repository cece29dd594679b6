"""Where the log of a run goes: a file in the log folder, the last lines in memory, and what the terminal is told."""

import faulthandler
import logging
import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from maclip_desktop import __version__
from maclip_desktop.logs.private import as_entry
from maclip_desktop.logs.rotating import MAX_BYTES, SharedRotatingFile

WINDOW_LOG, COMMANDS_LOG = "maclip-desktop.log", "commands.log"
CRASH_LOG = "crashes.log"
RECENT = 60
"""How many of the last lines a report brings."""

_LINE = "%(asctime)s %(levelname)s [%(process)d %(threadName)s] %(name)s: %(message)s"


class _Entries(logging.Formatter):
    """Time with its zone, level, process, thread, module and message; nothing that names the person."""

    def __init__(self) -> None:
        super().__init__(_LINE)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        return as_entry(super().format(record))


class RecentLines(logging.Handler):
    """The last entries, in memory: a report needs them also where no file can be written."""

    def __init__(self, count: int = RECENT) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(_Entries())
        self._entries: deque[str] = deque(maxlen=count)

    def emit(self, record: logging.LogRecord) -> None:
        self._entries.append(self.format(record))

    def text(self) -> str:
        return "\n".join(self._entries)


recent_lines = RecentLines()
"""Those of this program."""


@contextmanager
def logging_into(folder: Path, name: str, verbose: bool = False) -> Iterator[None]:
    """Keep the log of what happens inside the ``with`` block in *folder*, in a file called *name*.

    Levels from info on go into the file; the terminal is told of errors, or of everything where *verbose*.
    """
    root = logging.getLogger()
    level = root.level
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.DEBUG if verbose else logging.ERROR)
    logging.basicConfig(handlers=[terminal], format="%(name)s: %(message)s")
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    file = SharedRotatingFile(folder / name)
    file.setLevel(logging.INFO)
    file.setFormatter(_Entries())
    kept = (file, recent_lines)
    for handler in kept:
        root.addHandler(handler)
    try:
        yield
    finally:
        for handler in kept:
            root.removeHandler(handler)
        root.removeHandler(terminal)
        root.setLevel(level)


@contextmanager
def crash_stacks(folder: Path) -> Iterator[None]:
    """Where the program is ended by a fault of a library, its stacks are written into *folder*.

    Nothing happens where somebody else has asked Python for them already.
    """
    if faulthandler.is_enabled():
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = _shortened(folder / CRASH_LOG).open("a", encoding="utf-8")
    except OSError:
        # No place for stacks: the program runs without.
        yield
        return
    with file:
        file.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} process {os.getpid()}, version {__version__}\n")
        file.flush()
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.disable()


def _shortened(file: Path) -> Path:
    """*file*, after it was put aside where it has grown too long."""
    with suppress(OSError):
        if file.stat().st_size > MAX_BYTES:
            file.replace(file.with_name(f"{file.name}.1"))
    return file
