"""A log file that several programs may write to at one time."""

import logging
from contextlib import AbstractContextManager
from pathlib import Path

from filelock import FileLock, Timeout

MAX_BYTES = 1_000_000
KEPT = 5
"""Files in all: the one that is written to, and those before it."""
PAUSE_S = 0.005
PATIENCE_S = 1.0
"""How long another program that writes is waited for; then the entry is let go."""

# It tells of every lock it takes: an entry about each entry, and so on.
logging.getLogger("filelock").setLevel(logging.CRITICAL)


class SharedRotatingFile(logging.Handler):
    """Writes each entry under a lock into a file that is open for that moment only.

    So the file can be renamed under nobody's hands, on Windows either, and nothing is made before there is something
    to write. What cannot be written is let go: a full disk must cost the log and nothing else.
    """

    def __init__(self, file: Path, max_bytes: int = MAX_BYTES, kept: int = KEPT) -> None:
        super().__init__()
        self._file = file
        self._max_bytes = max_bytes
        self._kept = kept
        self._lock_beside: FileLock | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            entry = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
            with self._locked():
                self._rotate(len(entry))
                with self._file.open("ab") as file:
                    file.write(entry)
        except (OSError, Timeout, NotImplementedError):
            return
        except Exception:  # noqa: BLE001 - as every handler: an entry that cannot be put into words
            self.handleError(record)

    def _locked(self) -> AbstractContextManager[object]:
        """The lock, taken until the ``with`` block ends; its file is made once the folder is."""
        if self._lock_beside is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._lock_beside = FileLock(self._file.with_suffix(".lock"))
        return self._lock_beside.acquire(PATIENCE_S, poll_interval=PAUSE_S)

    def _rotate(self, more: int) -> None:
        """Make room for *more* bytes. Another program may have done it since the last entry."""
        try:
            size = self._file.stat().st_size
        except FileNotFoundError:
            return
        if size and size + more > self._max_bytes:
            for number in range(self._kept - 1, 0, -1):
                older = self._numbered(number - 1)
                if older.exists():
                    older.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self._file if number == 0 else self._file.with_name(f"{self._file.name}.{number}")
