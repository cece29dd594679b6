"""How fast the scoring goes and how long it will take."""

import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 20.0
"""Long enough to be steady, short enough to follow a change of machine load."""


class RateMeter:
    """Photos per second over the last `WINDOW_SECONDS`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: deque[tuple[float, int]] = deque()
        self._started: float | None = None

    def begin(self) -> None:
        """The work goes on (or begins): time spent waiting before does not count."""
        self._counts.clear()
        self._started = self._clock()

    def add(self, photos: int) -> None:
        """So many photos were finished just now."""
        if self._started is None:
            self.begin()
        self._counts.append((self._clock(), photos))

    def per_second(self) -> float | None:
        """Photos per second, or None until something is known."""
        if self._started is None:
            return None
        now = self._clock()
        while self._counts and self._counts[0][0] < now - WINDOW_SECONDS:
            self._counts.popleft()
        seconds = min(WINDOW_SECONDS, now - self._started)
        photos = sum(count for _, count in self._counts)
        return photos / seconds if photos and seconds > 0 else None

    def seconds_left(self, photos: int) -> float | None:
        """How long *photos* more will take at this rate, or None while the rate is unknown."""
        rate = self.per_second()
        return photos / rate if rate else None
