"""How many pixels may be decoded at one time by this program: pictures take turns, so that memory has a bound."""

import threading
from collections import deque
from types import TracebackType

MAX_PIXELS_AT_ONCE = 120_000_000
"""About 0.5 GB in Pillow and 0.4 GB more as an array; two photos of a large camera, four of a usual one."""


class PixelBudget:
    """A semaphore that counts pixels. Thread-safe and fair: who comes first is served first, however much he wants."""

    def __init__(self, pixels: int) -> None:
        self._limit = pixels
        self._free = pixels
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    def take(self, pixels: int) -> int:
        """Wait until *pixels* are free; returns what was taken and must be given back.

        A picture larger than the whole budget takes all of it, and so is decoded alone.
        """
        wanted = min(max(pixels, 1), self._limit)
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                self._changed.wait_for(lambda: self._queue[0] is ticket and self._free >= wanted)
                self._free -= wanted
            finally:
                # Also where the wait was broken off: nobody may stand in line behind one who has gone.
                self._queue.remove(ticket)
                self._changed.notify_all()
        return wanted

    def give_back(self, pixels: int) -> None:
        """Free what `take` returned."""
        with self._changed:
            self._free += pixels
            self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        with self._changed:
            return len(self._queue)


BUDGET = PixelBudget(MAX_PIXELS_AT_ONCE)
"""The one of this program: a process that decodes for another one asks that one."""


class Room:
    """What one decoding holds of the budget, until the ``with`` block ends: also while its pixels are looked at."""

    def __init__(self, budget: PixelBudget | None = None) -> None:
        self._budget = budget or BUDGET
        self._held = 0

    def take(self, pixels: int) -> None:
        """Hold *pixels* and nothing else. What was held is given back first: who waits must hold nothing."""
        self._give_back()
        self._held = self._budget.take(pixels)

    def _give_back(self) -> None:
        held, self._held = self._held, 0
        if held:
            self._budget.give_back(held)

    def __enter__(self) -> "Room":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_back()
