"""What the command line says: results on standard output, everything else on standard error."""

import io
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from maclip_desktop.errors import ExportError

PLAIN_SECONDS = 10.0
"""Seconds between two progress lines where there is no terminal."""
TERMINAL_SECONDS = 0.1

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))} | {0x0A: "\\n"}


class Console:
    """Writes results, messages and progress.

    On a terminal progress rewrites one line; elsewhere it is a plain line now and then.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = out or sys.stdout or _nowhere()
        self._err = err or sys.stderr or _nowhere()
        self._terminal = self._err.isatty()
        self._last = time.monotonic()
        self._open_line = 0

    def result(self, text: str) -> None:
        """A line of what was asked for."""
        self.end_progress()
        with self._losing_output():
            print(_encodable(text, self._out), file=self._out)

    def say(self, text: str) -> None:
        """A message to the person."""
        self.end_progress()
        print(_encodable(text, self._err), file=self._err, flush=True)

    def progress(self, text: str) -> None:
        """How far the work is; may be called as often as one likes."""
        now = time.monotonic()
        if now - self._last < (TERMINAL_SECONDS if self._terminal else PLAIN_SECONDS):
            return
        self._last = now
        text = _encodable(text, self._err)
        if self._terminal:
            padding = " " * max(0, self._open_line - len(text))
            print(f"\r{text}{padding}", end="", file=self._err, flush=True)
            self._open_line = len(text)
        else:
            print(text, file=self._err, flush=True)

    @property
    def can_ask(self) -> bool:
        """Whether somebody sits there who could answer."""
        return self._terminal and sys.stdin is not None and sys.stdin.isatty()

    def ask(self, question: str) -> bool:
        """A question that is answered with yes or no, and no where nothing is said; for where one `can_ask`."""
        self.end_progress()
        print(_encodable(f"{question} [y/N] ", self._err), end="", file=self._err, flush=True)
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def flush(self) -> None:
        """Hand over every result now, while somebody can still react to what goes wrong."""
        with self._losing_output():
            self._out.flush()

    @contextmanager
    def _losing_output(self) -> Iterator[None]:
        """Raises `BrokenPipeError` where the reader has gone, and `ExportError` where the place has no room."""
        try:
            yield
        except OSError as error:
            # What could not be written waits in the stream, and Python would try and complain again at exit.
            if self._out is sys.stdout:
                sys.stdout = None
            if isinstance(error, BrokenPipeError):
                raise
            reason = error.strerror or error
            raise ExportError(f"Standard output cannot be written ({reason}); write to another place.") from error

    def download(self, what: str, done: int, total: int | None) -> None:
        """How far a download is: what is downloaded, bytes so far, bytes in all or None."""
        self.progress(f"{what}: {done / 1e6:.0f}" + (f" of {total / 1e6:.0f} MB" if total else " MB"))

    def end_progress(self) -> None:
        if self._open_line:
            print(file=self._err)
            self._open_line = 0


def _encodable(text: str, stream: TextIO) -> str:
    """One line that can be shown: names may hold what the terminal has no letter for, or takes for a command."""
    encoding = stream.encoding or "utf-8"
    return text.translate(_CONTROLS).encode(encoding, "backslashreplace").decode(encoding)


def _nowhere() -> TextIO:
    """Where output goes that nobody sees: started without a console, Windows gives a program no streams at all."""
    return io.TextIOWrapper(io.BufferedWriter(_Nothing()), encoding="utf-8")


class _Nothing(io.RawIOBase):
    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        return len(memoryview(data))  # type: ignore[arg-type]
