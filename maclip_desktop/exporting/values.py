"""How single values appear in lists."""

import math
import os
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

_EPOCH = datetime(1970, 1, 1)
"""Without a zone, as the camera's clock is."""


def absolute(path: Path) -> str:
    """The absolute path as text; symbolic links in it are left as they are."""
    return os.path.abspath(path)  # noqa: PTH100 - Path.absolute would leave ".." in it


def finite(value: float | None) -> float | None:
    """None also for NaN and infinity, which are no numbers in JSON and mislead in a table."""
    return value if value is not None and math.isfinite(value) else None


def iso_time(seconds: float | None, zone_minutes: int | None = None) -> str | None:
    """Capture time as ISO 8601, to the millisecond where the camera gave fractions, with the zone where it is known.

    *seconds* since 1970 of the camera's clock, which is *zone_minutes* ahead of UTC. None for None and for what no
    calendar holds.
    """
    if finite(seconds) is None:
        return None
    assert seconds is not None
    try:
        # Not `fromtimestamp`: on Windows it refuses times before 1970.
        clock = _EPOCH + timedelta(milliseconds=round(seconds * 1000))
        if zone_minutes is not None:
            clock = clock.replace(tzinfo=timezone(timedelta(minutes=zone_minutes)))
    except (OverflowError, ValueError):
        return None
    return clock.isoformat(timespec="milliseconds" if clock.microsecond else "seconds")


def encoded(text: str) -> bytes:
    """UTF-8, in which a file name that is no UTF-8 gets back the very bytes it has on disk."""
    return text.encode("utf-8", sys.getfilesystemencodeerrors())
