"""When photos that could not be reached are tried again without anybody asking."""

import math
import time
from collections.abc import Callable, Iterable

DELAYS_S = (30.0, 120.0, 600.0, 3600.0)
"""Seconds from a failure to the next try, one for each failure in a row; the last one from then on."""


class Retries:
    """Remembers who failed how often. Plain data: the caller does the trying.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[int, int] = {}
        self._due: dict[int, float] = {}

    def failed(self, photo_ids: Iterable[int]) -> None:
        """These could not be reached, once more."""
        for photo_id in photo_ids:
            before = self._failures.get(photo_id, 0)
            self._failures[photo_id] = before + 1
            self._due[photo_id] = self._clock() + DELAYS_S[min(before, len(DELAYS_S) - 1)]

    def forget(self, photo_ids: Iterable[int]) -> None:
        """These could be reached, are gone, or are tried at once: their next failure is their first."""
        for photo_id in photo_ids:
            self._failures.pop(photo_id, None)
            self._due.pop(photo_id, None)

    def due(self) -> list[int]:
        """The photos to try now; each is asked for once until it fails again."""
        now = self._clock()
        due = [photo_id for photo_id, at in self._due.items() if at <= now]
        for photo_id in due:
            del self._due[photo_id]
        return due

    def wait_s(self) -> float:
        """Seconds until a photo is due; infinite where there is none."""
        return max(0.0, min(self._due.values(), default=math.inf) - self._clock())
