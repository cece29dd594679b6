"""How long a photo may take, and how much memory."""

import os
from dataclasses import dataclass

_GIGABYTE = 1_000_000_000


def usual_children() -> int:
    """How many decode at a time: one more than there are processors, for they also read and write."""
    return min(8, max(3, (os.cpu_count() or 2) + 1))


@dataclass(frozen=True, slots=True)
class Bounds:
    """What children may take of this machine."""

    children: int = usual_children()
    """At most so many at a time."""
    seconds: float = 10.0
    """For one photo, without the time it waits for room, and with more for a large one:"""
    bytes_a_second: int = 20_000_000
    pixels_a_second: int = 20_000_000
    overtime: float = 60.0
    """Seconds after which a child ends itself that its parent has not ended. By the clock on the wall: a parent that
    lives gives a child more, on a busy machine or one that slept."""
    memory: int = 2 * _GIGABYTE
    """Bytes of one child, with more for a large photo:"""
    bytes_a_pixel: int = 12
    idle_seconds: float = 60.0
    """A child that had nothing to do for so long is ended."""
    start_seconds: float = 60.0
    """A child that is not ready by then will not be."""
    tick: float = 0.1
    """Seconds between two looks at clock and memory."""

    def seconds_for(self, size: int, pixels: int) -> float:
        """What a file of *size* bytes may take whose decoder asked for room for *pixels*."""
        return self.seconds + size / self.bytes_a_second + pixels / self.pixels_a_second

    def memory_for(self, pixels: int) -> int:
        """How many bytes a child may hold that was given room for *pixels*."""
        return self.memory + pixels * self.bytes_a_pixel
