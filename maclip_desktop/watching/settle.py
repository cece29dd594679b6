"""Waiting until a file has stopped changing: a copy onto a slow card is announced when it begins."""

import os
import time
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from pathlib import Path

from maclip_desktop.disk import mtime_ns

EMPTY_LOOKS = 5
"""An empty file must be seen unchanged this many times more: most programs create a file before they write it."""

Look = tuple[int, int]
"""Size in bytes and modification time in nanoseconds."""


@dataclass(slots=True)
class _Waiting:
    due: float
    look: Look | None = None
    unchanged: int = 0
    whole: bool = False


def look_at(path: Path) -> Look | None:
    """Size and modification time of a file; None if it is gone. Raises OSError for anything else."""
    try:
        status = os.stat(path)  # noqa: PTH116 - pathlib's is the slower way round
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_size, mtime_ns(status)


class Settler:
    """Holds dirty paths until two looks at least *interval_s* apart show the same size and time, or they were closed.

    Not thread-safe: it belongs to the thread that takes paths from the watcher.

    Args:
        clock: seconds that only go forward; the computer's date may jump.
        interval_s: the least time between two looks at one file, in seconds.
        look: how a file is looked at; None means gone.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        interval_s: float = 1.0,
        look: Callable[[Path], Look | None] = look_at,
    ) -> None:
        self._clock = clock
        self._interval_s = interval_s
        self._look = look
        self._waiting: dict[Path, _Waiting] = {}
        self._gone: list[Path] = []

    def touch(self, paths: Iterable[Path], whole: Container[Path] = ()) -> None:
        """Note paths as dirty. One that waits already is not put off: its own looks tell whether it changes.

        *whole*: those which the system says were closed by who wrote them; one look is enough, unless they are empty.
        """
        now = self._clock()
        for path in paths:
            waiting = self._waiting.setdefault(path, _Waiting(now))
            waiting.whole = path in whole
            if waiting.whole:
                waiting.due = now

    def settled(self) -> list[Path]:
        """Look at the paths that are due; return those that have settled, in the order they were touched.

        A path that cannot be looked at, for any reason but being gone, counts as settled: whoever opens it next
        finds out why.
        """
        now = self._clock()
        due = [path for path, waiting in self._waiting.items() if waiting.due <= now]
        return [path for path in due if self._has_settled(path, now)]

    def gone(self) -> list[Path]:
        """The paths found missing since the last call."""
        gone, self._gone = self._gone, []
        return gone

    @property
    def pending(self) -> int:
        """How many paths wait."""
        return len(self._waiting)

    def _has_settled(self, path: Path, now: float) -> bool:
        waiting = self._waiting[path]
        try:
            look = self._look(path)
        except OSError:
            del self._waiting[path]
            return True
        if look is None:
            del self._waiting[path]
            self._gone.append(path)
            return False
        waiting.unchanged = waiting.unchanged + 1 if look == waiting.look else 0
        waiting.look = look
        waiting.due = now + self._interval_s
        if waiting.unchanged < _looks_wanted(look, waiting.whole):
            return False
        del self._waiting[path]
        return True


def _looks_wanted(look: Look, is_whole: bool) -> int:
    """How many looks after the first one must show the same."""
    if not look[0]:
        return 1 + EMPTY_LOOKS
    return 0 if is_whole else 1
