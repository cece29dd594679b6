"""When a photo was taken, by EXIF: the camera's clock, and what it was ahead of UTC."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from PIL.ExifTags import Base

from maclip_desktop.imaging.values import text, whole


@dataclass(frozen=True, slots=True)
class Moment:
    """A reading of a camera's clock."""

    seconds: float
    """Since 1970, the clock read as UTC."""
    zone_minutes: int | None
    """What the clock was ahead of UTC, where the file says so."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """The tags of one time."""

    time: int
    fraction: int
    zone: int


# Best first: when the shutter opened, when it became a file, when the file was changed.
_CLOCKS = (
    _Clock(Base.DateTimeOriginal, Base.SubsecTimeOriginal, Base.OffsetTimeOriginal),
    _Clock(Base.DateTimeDigitized, Base.SubsecTimeDigitized, Base.OffsetTimeDigitized),
    _Clock(Base.DateTime, Base.SubsecTime, Base.OffsetTime),
)
# EXIF 2.32 writes "2026:11:21 20:34:05"; some programs use other separators, and some write the zone behind.
_TIME = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})[ T]+(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d*)?(.*)")
_ZONE = re.compile(r"(?:UTC|GMT)?\s*([+\-\u2212])\s*(\d{1,2})(?::?(\d{2}))?(?::?00)?\s*$", re.IGNORECASE)
_GREENWICH = ("Z", "UTC", "GMT")
_ZONES = range(-12 * 60, 14 * 60 + 1)


def moment_of(tags: Mapping[int, Any]) -> Moment | None:
    """The best time that EXIF tags name, or None."""
    for clock in _CLOCKS:
        found = _TIME.match(text(tags.get(clock.time)))
        seconds = _seconds(found) if found else None
        if found and seconds is not None:
            zone = zone_minutes(found.group(7))
            return Moment(seconds + _fraction(tags, clock), _zone_of(tags, clock) if zone is None else zone)
    return None


def zone_minutes(words: str) -> int | None:
    """Minutes ahead of UTC of "+02:00", "-0330", "+2", "Z", "UTC" and the like; None where it is nothing like it."""
    if words.strip().upper() in _GREENWICH:
        return 0
    found = _ZONE.match(words.strip())
    if not found:
        return None
    sign, hours, minutes = found.groups()
    ahead = int(hours) * 60 + int(minutes or 0)
    ahead = ahead if sign == "+" else -ahead
    return ahead if ahead in _ZONES and int(minutes or 0) < 60 else None


def _zone_of(tags: Mapping[int, Any], clock: _Clock) -> int | None:
    """The zone of a time; another time's where both are the same second, and so were written by the same clock."""
    same = [one for one in _CLOCKS if text(tags.get(one.time)) == text(tags.get(clock.time))]
    for one in (clock, *same):
        zone = zone_minutes(text(tags.get(one.zone)))
        if zone is not None:
            return zone
    # TIFF/EP, whole hours: of the shutter first.
    hours = whole(tags.get(Base.TimeZoneOffset))
    return hours * 60 if hours is not None and hours * 60 in _ZONES and clock is _CLOCKS[0] else None


def _fraction(tags: Mapping[int, Any], clock: _Clock) -> float:
    digits = re.match(r"\d{1,9}", text(tags.get(clock.fraction)))
    return float(f"0.{digits.group()}") if digits else 0.0


def _seconds(found: re.Match[str]) -> float | None:
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return None
