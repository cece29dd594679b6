"""What a photo says of itself: size, capture time, camera."""

import io
import logging
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image
from PIL.ExifTags import IFD, Base

from maclip_desktop.core.photo import PhotoInfo
from maclip_desktop.imaging import raw
from maclip_desktop.imaging.exif import exif_of, needs_pixels
from maclip_desktop.imaging.failures import photo_errors
from maclip_desktop.imaging.opening import opened
from maclip_desktop.imaging.orientation import upright_size
from maclip_desktop.imaging.quiet import pillow_warnings_logged
from maclip_desktop.imaging.room import Room

logger = logging.getLogger(__name__)

# Best first: when the shutter opened, when it became a file, when the file was changed.
_TIME_TAGS = (
    (Base.DateTimeOriginal, Base.SubsecTimeOriginal),
    (Base.DateTimeDigitized, Base.SubsecTimeDigitized),
    (Base.DateTime, Base.SubsecTime),
)
# EXIF 2.32 writes "2026:11:21 20:34:05"; some programs use other separators.
_TIME = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})[ T]+(\d{1,2}):(\d{1,2}):(\d{1,2})")
_LONGEST_NAME = 100


def read_info(path: Path) -> PhotoInfo:
    """Read a photo's upright size, capture time and camera.

    Damaged EXIF only leaves fields empty. Raises `PhotoError` if the file is no picture or cannot be read.
    """
    with photo_errors(path), pillow_warnings_logged():
        if raw.is_raw(path):
            return _raw_info(path)
        with Room() as room, opened(path) as image:
            if needs_pixels(image):
                room.take(image.width * image.height)
            return _info(upright_size(image), _tags(lambda: exif_of(image)))


def captured_at(tags: Mapping[int, Any]) -> float | None:
    """Capture time from EXIF tags: seconds since 1970 of the camera's clock read as UTC, or None."""
    for time_tag, fraction_tag in _TIME_TAGS:
        seconds = _seconds(_text(tags.get(time_tag)))
        if seconds is not None:
            digits = re.match(r"\d{1,9}", _text(tags.get(fraction_tag)))
            return seconds + (float(f"0.{digits.group()}") if digits else 0.0)
    return None


def camera_name(tags: Mapping[int, Any]) -> str | None:
    """Make and model as one name, the make not said twice; None where the file names neither."""
    make, model = _text(tags.get(Base.Make)), _text(tags.get(Base.Model))
    first_word = make.split(" ")[0].lower()
    # "Canon" + "Canon EOS 6D", but also "NIKON CORPORATION" + "NIKON D70".
    name = model if model.lower().split(" ")[0] == first_word else f"{make} {model}"
    return name.strip()[:_LONGEST_NAME].strip() or None


def _info(size: tuple[int, int], tags: Mapping[int, Any]) -> PhotoInfo:
    return PhotoInfo(width=size[0], height=size[1], captured_at=captured_at(tags), camera=camera_name(tags))


def _raw_info(path: Path) -> PhotoInfo:
    with raw.opened_raw(path) as file:
        size = raw.upright_raw_size(file)
        preview = raw.preview_jpeg(file)
        tags = _tags_of_tiff(path) or (_tags_of_jpeg(preview) if preview else {})
        info = _info(size, tags)
        if info.captured_at is None:
            info = PhotoInfo(*size, captured_at=_clock_of_raw(file), camera=info.camera)
        return info


def _clock_of_raw(file: Any) -> float | None:
    """LibRaw's own reading of the clock, for RAW files that are no TIFF inside."""
    clock = getattr(getattr(file, "other", None), "timestamp", None)
    # A RAW file without a time gives 1970, or the day before it west of Greenwich.
    return clock.replace(tzinfo=UTC).timestamp() if isinstance(clock, datetime) and clock.year > 1970 else None


def _tags_of_tiff(path: Path) -> dict[int, Any]:
    """EXIF of a RAW file that is a TIFF inside (most are), else nothing. No picture in it needs to be readable."""

    def read(file: BinaryIO) -> Image.Exif:
        exif = Image.Exif()
        exif.load_from_fp(file)
        return exif

    with path.open("rb") as file:
        return _tags(lambda: read(file))


def _tags_of_jpeg(data: bytes) -> dict[int, Any]:
    return _tags(lambda: Image.open(io.BytesIO(data), formats=("JPEG",)).getexif())


def _tags(read: Callable[[], Image.Exif]) -> dict[int, Any]:
    """The main and the EXIF directory in one; what is readable of them."""
    tags: dict[int, Any] = {}
    try:
        exif = read()
        tags.update(exif)
        tags.update(exif.get_ifd(IFD.Exif))
    except Exception as error:  # noqa: BLE001 - damaged EXIF raises nearly anything and is no reason to lose the photo
        logger.debug("unreadable EXIF: %s: %s", type(error).__name__, error)
    return tags


def _text(value: Any) -> str:
    """An EXIF text in one line, without the zero bytes, control characters and spaces that cameras pad with."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    first = value.partition("\0")[0]
    return " ".join("".join(sign if sign.isprintable() else " " for sign in first).split())


def _seconds(text: str) -> float | None:
    found = _TIME.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return None
