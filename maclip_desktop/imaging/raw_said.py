"""What a RAW file says of itself: by its own EXIF, its preview's, and LibRaw's reading of both."""

import io
import logging
import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import rawpy
from PIL import Image
from PIL.ExifTags import Base

from maclip_desktop.core.photo import Capture, PhotoInfo
from maclip_desktop.imaging import capture, raw
from maclip_desktop.imaging.exif import NOTHING, Said, said_by, said_by_exif

logger = logging.getLogger(__name__)

# Olympus and Panasonic changed the number that begins a TIFF, and nothing else.
_TIFF_COUSINS = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0")
# Canon's CR3 keeps three directories as TIFF files of their own in boxes near its beginning.
_CR3_BOXES = (b"CMT1", b"CMT2", b"CMT4")
_CR3_BRAND = b"ftypcrx "
_CR3_BOXES_BYTES = 1_000_000

_ENOUGH = (Base.Model, Base.DateTimeOriginal, Base.ExposureTime, Base.FNumber, Base.ISOSpeedRatings, Base.FocalLength)


def said_by_raw(path: Path, file: Any) -> Said:
    """EXIF of the RAW file itself (most are TIFF inside), and of its preview where that is not enough.

    *file* is what `raw.opened_raw` gives. No picture in it needs to be readable.
    """
    with path.open("rb") as stream:
        own = _own(stream)
    if all(tag in own.tags for tag in _ENOUGH):
        return own
    preview = raw.preview_jpeg(file)
    return own.over(_of_jpeg(preview)) if preview else own


def completed(info: PhotoInfo, file: Any) -> PhotoInfo:
    """*info* with LibRaw's own reading of the file, if no EXIF says when and how the photo was taken.

    Only then: rawpy decodes all of the sensor's data before it answers.
    """
    said = info.capture
    if info.captured_at is not None and (said.exposure_s or said.f_number or said.iso):
        return info
    try:
        other, lens = getattr(file, "other", None), getattr(file, "lens", None)
    except rawpy.LibRawError as error:
        logger.debug("nothing to be learned of the capture: %s", error)
        return info
    at = info.captured_at
    return replace(info, captured_at=_clock(other) if at is None else at, capture=_with_reading(said, other, lens))


def _clock(other: Any) -> float | None:
    """Seconds since 1970 of the camera's clock read as UTC."""
    clock = getattr(other, "timestamp", None)
    # A RAW file without a time gives 1970, or the day before it west of Greenwich.
    return clock.replace(tzinfo=UTC).timestamp() if isinstance(clock, datetime) and clock.year > 1970 else None


def _with_reading(said: Capture, other: Any, lens: Any) -> Capture:
    tags: dict[int, Any] = {
        Base.ExposureTime: getattr(other, "shutter_speed", None),
        Base.FNumber: getattr(other, "aperture", None),
        Base.ISOSpeedRatings: _rounded(getattr(other, "iso_speed", None)),
        Base.LensModel: getattr(lens, "model", None),
        Base.LensMake: getattr(lens, "make", None),
    }
    return replace(
        said,
        lens=said.lens or capture.lens_name(tags),
        exposure_s=said.exposure_s or capture.exposure_s(tags),
        f_number=said.f_number or capture.f_number(tags),
        iso=said.iso or capture.iso(tags),
        focal_mm=said.focal_mm or capture.focal_mm(getattr(other, "focal_length", None)),
    )


def _own(file: BinaryIO) -> Said:
    head = file.read(12)
    file.seek(0)
    if head[4:] == _CR3_BRAND:
        return _of_cr3(file.read(_CR3_BOXES_BYTES))
    return said_by_exif(lambda: _tiff(file, head))


def _tiff(file: BinaryIO, head: bytes) -> Image.Exif:
    exif = Image.Exif()
    if head[:4] in _TIFF_COUSINS:
        little = head[:2] == b"II"
        exif.endian = "<" if little else ">"
        exif.load_from_fp(file, int.from_bytes(head[4:8], "little" if little else "big"))
    else:
        exif.load_from_fp(file)
    return exif


def _of_cr3(start: bytes) -> Said:
    main, photo, place = (_box(start, name) for name in _CR3_BOXES)
    return Said({**main.tags, **photo.tags}, place.tags)


def _box(start: bytes, name: bytes) -> Said:
    """The directory in the box called *name*, whose size stands before its name."""
    at = start.find(name)
    if at < 4:
        return NOTHING
    end = at - 4 + int.from_bytes(start[at - 4 : at], "big")
    return said_by_exif(lambda: _loaded(start[at + len(name) : end]))


def _loaded(content: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(content)
    return exif


def _of_jpeg(data: bytes) -> Said:
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            return said_by(image)
    except Exception as error:  # noqa: BLE001 - a damaged preview is no loss: it only had to add to what is known
        logger.debug("unreadable preview: %s: %s", type(error).__name__, error)
        return NOTHING


def _rounded(value: Any) -> int | None:
    return round(value) if isinstance(value, float) and math.isfinite(value) else None
