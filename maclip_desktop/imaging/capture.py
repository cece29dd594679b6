"""How a photo was taken: lens, exposure, sensitivity, place and rating, from what EXIF and XMP say."""

import re
from collections.abc import Mapping
from typing import Any

from PIL.ExifTags import GPS, Base

from maclip_desktop.core.photo import Capture
from maclip_desktop.imaging.exif import Said
from maclip_desktop.imaging.values import between, number, text, whole
from maclip_desktop.imaging.xmp import read_xmp

_LONGEST_NAME = 100

# Beyond these, a camera did not mean what it wrote.
_EXPOSURES = (1e-7, 86_400.0)
_F_NUMBERS = (0.5, 1000.0)
_FOCALS = (0.1, 20_000.0)
_MOST_APEX = 30.0
_ISOS = range(1, 10_000_001)

_ISO_OVERFLOW = 65_535
"""EXIF 2.32, 4.6.5: what its 16 bits say of every larger number, which then stands in another tag."""
_ISO_TAGS = (
    Base.ISOSpeedRatings,
    Base.RecommendedExposureIndex,
    Base.StandardOutputSensitivity,
    Base.ISOSpeed,
    Base.ExposureIndex,
)

_NO_LENSES = ("unknown", "none", "n/a", "na", "no lens", "no-lens", "null", "undefined", "manual lens")
_NO_FOCAL = re.compile(r"\b0+(\.0+)?\s*mm", re.IGNORECASE)


def camera_name(tags: Mapping[int, Any]) -> str | None:
    """Make and model as one name, the make not said twice; None where the file names neither."""
    make, model = text(tags.get(Base.Make)), text(tags.get(Base.Model))
    return _short(model if _same_maker(make, model) else f"{make} {model}")


def lens_name(tags: Mapping[int, Any]) -> str | None:
    """The lens, with its maker where that is not the camera's; None where the file names none.

    Words that stand for "no lens" or "one that I cannot talk to" are none.
    """
    name = text(tags.get(Base.LensModel))
    if not _is_lens(name):
        return None
    maker = text(tags.get(Base.LensMake))
    known = not any(sign.isalnum() for sign in maker) or _same_maker(maker, name)
    return _short(name if known or _same_maker(maker, text(tags.get(Base.Make))) else f"{maker} {name}")


def capture_of(said: Said, zone: int | None) -> Capture:
    """All that is *said* of the capture, by a clock in *zone*."""
    xmp = read_xmp(said.xmp)
    return Capture(
        zone_minutes=zone,
        lens=lens_name(said.tags),
        exposure_s=exposure_s(said.tags),
        f_number=f_number(said.tags),
        iso=iso(said.tags),
        focal_mm=focal_mm(said.tags.get(Base.FocalLength)),
        has_gps=has_place(said.gps) or xmp.has_gps,
        # XMP first: it is where programs write, and the one that can say "rejected". EXIF's is what a program
        # that knows no XMP left, or what was there before the rating was changed.
        rating=_stars(said.tags) if xmp.rating is None else xmp.rating,
    )


def exposure_s(tags: Mapping[int, Any]) -> float | None:
    """Exposure time in seconds: as such, else from the APEX value."""
    found = between(_EXPOSURES[0], tags.get(Base.ExposureTime), _EXPOSURES[1])
    if found is not None:
        return found
    apex = between(-_MOST_APEX, tags.get(Base.ShutterSpeedValue), _MOST_APEX)
    return None if apex is None else between(_EXPOSURES[0], 2.0**-apex, _EXPOSURES[1])


def f_number(tags: Mapping[int, Any]) -> float | None:
    """The f-number: as such, with two digits after the point, else from the APEX value, with one."""
    found = between(_F_NUMBERS[0], tags.get(Base.FNumber), _F_NUMBERS[1])
    if found is not None:
        return round(found, 2)
    apex = between(-_MOST_APEX, tags.get(Base.ApertureValue), _MOST_APEX)
    found = None if apex is None else between(_F_NUMBERS[0], 2.0 ** (apex / 2), _F_NUMBERS[1])
    return None if found is None else round(found, 1)


def iso(tags: Mapping[int, Any]) -> int | None:
    """Sensitivity by the first tag that says it."""
    found = (value for tag in _ISO_TAGS for value in _many(tags.get(tag)) if tag != _ISO_TAGS[0] or _is_told(value))
    return next((number for value in found if (number := whole(value)) is not None and number in _ISOS), None)


def focal_mm(value: Any) -> float | None:
    """A focal length in millimetres, with two digits after the point."""
    found = between(_FOCALS[0], value, _FOCALS[1])
    return None if found is None else round(found, 2)


def has_place(gps: Mapping[int, Any]) -> bool:
    """Whether a GPS directory says where: a latitude and a longitude.

    Cameras that found no satellites leave a version number, directions without numbers, or zeros.
    """
    latitude, longitude = _degrees(gps.get(GPS.GPSLatitude)), _degrees(gps.get(GPS.GPSLongitude))
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
        return False
    return abs(latitude) <= 90 and abs(longitude) <= 180


def _degrees(value: Any) -> float | None:
    parts = [number(part) for part in _many(value)[:3]]
    if not parts or parts[0] is None:
        return None
    return sum((part or 0.0) / 60**place for place, part in enumerate(parts))


def _stars(tags: Mapping[int, Any]) -> int | None:
    stars = whole(tags.get(Base.Rating))
    return stars if stars is not None and -1 <= stars <= 5 else None


def _is_told(value: Any) -> bool:
    return whole(value) != _ISO_OVERFLOW


def _is_lens(name: str) -> bool:
    if name.lower() in _NO_LENSES or _NO_FOCAL.search(name):
        return False
    return any(sign.isalnum() for sign in name) and not name.isdigit()


def _same_maker(make: str, name: str) -> bool:
    """Whether a name begins with its maker: "Canon" and "Canon EOS 6D", "NIKON CORPORATION" and "NIKON D70"."""
    return name.lower().split(" ")[0] == make.split(" ")[0].lower()


def _short(name: str) -> str | None:
    return name.strip()[:_LONGEST_NAME].strip() or None


def _many(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)
