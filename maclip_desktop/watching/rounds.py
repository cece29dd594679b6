"""When folders whose changes nobody announces are looked through again."""

import math
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

FIRST_S = 60.0
"""How long after the first look the second one comes, and the least time between two, in seconds."""
REST = 50
"""A look is followed by at least this many times its duration of rest: two per cent of a drive's time at most."""
LONGEST_S = 900.0
"""However long a look takes, the next one begins after this many seconds."""

Key = TypeVar("Key", bound=Hashable)


class Rounds(Generic[Key]):
    """Tells which of some folders are due. Not thread-safe.

    Args:
        clock: seconds that only go forward.
        first_s, rest, longest_s: see `FIRST_S`, `REST` and `LONGEST_S`.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        first_s: float = FIRST_S,
        rest: float = REST,
        longest_s: float = LONGEST_S,
    ) -> None:
        self._clock = clock
        self._first_s = first_s
        self._rest = rest
        self._longest_s = longest_s
        self._due: dict[Key, float] = {}

    def begin(self, folder: Key) -> None:
        """Look through *folder* from now on."""
        self._due[folder] = self._clock() + self._first_s

    def end(self, folder: Key) -> None:
        """Leave *folder* alone; nothing happens where it was left alone before."""
        self._due.pop(folder, None)

    def looked_through(self, folder: Key, took_s: float) -> None:
        """A look has just ended that took so many seconds; nothing happens with a folder that is left alone."""
        if folder in self._due:
            rest = min(self._longest_s, max(self._first_s, self._rest * took_s))
            self._due[folder] = self._clock() + rest

    def due(self) -> list[Key]:
        """The folders to look through now. Each is due again when that look has ended, or seems never to end."""
        now = self._clock()
        due = [folder for folder, at in self._due.items() if at <= now]
        self._due.update(dict.fromkeys(due, now + self._longest_s))
        return due

    def wait_s(self) -> float:
        """Seconds until a folder is due; infinite where there is none."""
        return max(0.0, min(self._due.values(), default=math.inf) - self._clock())
