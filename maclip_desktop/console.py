"""What the command line says: results on standard output, everything else on standard error."""

import sys
import time
from typing import TextIO

PLAIN_SECONDS = 10.0
"""Seconds between two progress lines where there is no terminal."""
TERMINAL_SECONDS = 0.1


class Console:
    """Writes results, messages and progress.

    On a terminal progress rewrites one line; elsewhere it is a plain line now and then.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self._terminal = self._err.isatty()
        self._last = time.monotonic()
        self._open_line = 0

    def result(self, text: str) -> None:
        """A line of what was asked for."""
        self.end_progress()
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
        if self._terminal:
            padding = " " * max(0, self._open_line - len(text))
            print(f"\r{text}{padding}", end="", file=self._err, flush=True)
            self._open_line = len(text)
        else:
            print(text, file=self._err, flush=True)

    def end_progress(self) -> None:
        if self._open_line:
            print(file=self._err)
            self._open_line = 0


def _encodable(text: str, stream: TextIO) -> str:
    """File names may hold what the terminal cannot show; an escape is better than no list at all."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
