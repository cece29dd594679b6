"""Many small photographs, made quickly: a few dozen pictures, each file with words of its own in it."""

import io
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from PIL.ExifTags import IFD, Base

SIDE = 96
"""Pixels of the longer side."""
PICTURES = 48
PER_FOLDER = 250
BYTES_EACH = 4096
"""What one file takes on most drives: a block, although it holds less."""
SPARE_BYTES = 1_000_000_000
"""What must be left on the drive."""

_SHUTTER = b"2001:01:01 00:00:00"
_FIRST = datetime(2004, 1, 1, tzinfo=UTC)
_START = b"\xff\xd8"
"""What every JPEG begins with; a comment may follow at once."""


def require_room(folder: Path, count: int) -> None:
    """Raise OSError where *count* small photos do not fit beside what must be left free."""
    free = shutil.disk_usage(folder).free
    needed = count * BYTES_EACH + SPARE_BYTES
    if free < needed:
        raise OSError(f"{folder}: {needed / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free")


def write_small_photos(folder: Path, count: int, first: int = 0) -> None:
    """Write *count* JPEG files, no two alike, into years and days below *folder*; *first* is the first one's number.

    The same numbers give the same files.
    """
    made: set[Path] = set()
    for name, content in numbered(first, count):
        path = folder / name
        if path.parent not in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            made.add(path.parent)
        path.write_bytes(content)


def small_photo_name(number: int) -> str:
    """The name of a photo below its folder: ``2004/0003/IMG_000751.jpg``."""
    day = number // PER_FOLDER
    return f"{2004 + day // 40}/{day:04}/IMG_{number:06}.jpg"


def _small_photo(pictures: list[bytes], number: int) -> bytes:
    """The file of this number: one of *pictures* with a shutter time and a comment of its own."""
    shutter = (_FIRST + timedelta(minutes=number)).strftime("%Y:%m:%d %H:%M:%S").encode()
    comment = f"photo {number}".encode()
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    picture = pictures[number % len(pictures)].replace(_SHUTTER, shutter)
    return _START + segment + picture[len(_START) :]


def numbered(first: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Name and content of *count* photos."""
    pictures = [_encoded(number) for number in range(PICTURES)]
    for number in range(first, first + count):
        yield small_photo_name(number), _small_photo(pictures, number)


def _encoded(number: int) -> bytes:
    rng = np.random.default_rng([7, number])
    width, height = (SIDE, SIDE * 3 // 4) if number % 3 else (SIDE * 3 // 4, SIDE)
    coarse = Image.fromarray(rng.integers(30, 220, (6, 8, 3), dtype=np.uint8))
    picture = coarse.resize((width, height), Image.Resampling.BICUBIC)
    picture = picture.filter(ImageFilter.GaussianBlur(0.2 * (number % 7)))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70 + number % 20, exif=_exif(number))
    return out.getvalue()


def _exif(number: int) -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Make] = "Generated"
    exif[Base.Model] = f"Camera {number % 5}"
    shot = exif.get_ifd(IFD.Exif)
    shot[Base.DateTimeOriginal] = _SHUTTER.decode()
    shot[Base.ISOSpeedRatings] = 100 << number % 5
    shot[Base.FNumber] = 2.8
    shot[Base.ExposureTime] = 0.008
    return exif
