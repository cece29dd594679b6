"""RAW files of cameras, through rawpy (LibRaw)."""

import io
import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import rawpy
from PIL import Image, UnidentifiedImageError
from PIL.ExifTags import Base

from maclip_desktop.core.formats import RAW_SUFFIXES
from maclip_desktop.imaging.failures import regular_file_size
from maclip_desktop.imaging.limits import check_size
from maclip_desktop.imaging.opening import opened, opened_stream
from maclip_desktop.imaging.orientation import orientation_of, turned, turned_size
from maclip_desktop.imaging.picture import Picture, Wanted, reduced, upright_rgb
from maclip_desktop.imaging.room import Room

logger = logging.getLogger(__name__)

_GOOD_PREVIEW_SIDE = 1000
"""Short side in pixels from which an embedded preview will do where the caller asks for no size."""

# LibRaw's ``flip`` (how to turn the developed picture) as EXIF orientation: bits that mirror rows, mirror columns
# and exchange the two.
_ORIENTATION_OF_FLIP = {1: 2, 2: 4, 3: 3, 4: 5, 5: 8, 6: 6, 7: 7}

_UPRIGHT = 1
_FINISHED_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8")
"""How files begin that were only named like RAW files."""

_TIFF_SUFFIXES = (".tif", ".tiff")
_GREY, _SENSOR = 1, 32803
"""What a TIFF's numbers are (TIFF 6.0, TIFF/EP): from black up to white, or a camera's sensor data."""


def is_raw(path: Path) -> bool:
    """Whether a file is opened as RAW. Its suffix decides: many RAW files are TIFF files inside, and opened as such
    they would give a tiny thumbnail. Only a JPEG, PNG or GIF that was given such a name is known for what it is.
    A TIFF is one where LibRaw alone can read it.

    Raises what `regular_file_size` raises, and for a TIFF what `opening.opened` does.
    """
    if path.suffix.lower() in _TIFF_SUFFIXES:
        return _only_libraw_reads(path)
    if path.suffix.lower() not in RAW_SUFFIXES:
        return False
    regular_file_size(path)
    with path.open("rb") as file:
        return not file.read(8).startswith(_FINISHED_PICTURES)


def _only_libraw_reads(path: Path) -> bool:
    """Whether a TIFF is none that Pillow knows, as grey of 12 bits in one order of the bytes, but one for LibRaw."""
    try:
        with opened(path):
            return False
    except UnidentifiedImageError:
        pass
    try:
        with opened_raw(path):
            return _photometric(path) in (_GREY, _SENSOR)
    except rawpy.LibRawError:
        return False


def _photometric(path: Path) -> Any:
    exif = Image.Exif()
    with path.open("rb") as file:
        exif.load_from_fp(file)
    return exif.get(Base.PhotometricInterpretation)


@contextmanager
def opened_raw(path: Path) -> Iterator[Any]:
    """A RAW file, its header read. Raises `PhotoError`, `OSError` and rawpy's errors."""
    regular_file_size(path)
    # By name, never as a stream: rawpy lets go of the bytes of a stream while LibRaw still reads them, which
    # ends the process. A name that is no UTF-8 cannot be passed on; the open file has a second name.
    with path.open("rb") as file:
        name = str(path) if _is_utf8(path) else f"/dev/fd/{file.fileno()}"
        with rawpy.imread(name) as raw:
            check_size(*upright_raw_size(raw))
            yield raw


def upright_raw_size(raw: Any) -> tuple[int, int]:
    """Width and height of the developed picture in pixels, upright."""
    return turned_size((raw.sizes.width, raw.sizes.height), orientation_of_raw(raw))


def orientation_of_raw(raw: Any) -> int | None:
    """The EXIF orientation that turns what is stored in a RAW file upright."""
    return _ORIENTATION_OF_FLIP.get(raw.sizes.flip)


def decode_raw(path: Path, wanted: Wanted, room: Room) -> Picture:
    """The embedded preview where it is large enough for what is wanted, else the sensor data at half size."""
    with opened_raw(path) as raw:
        width, height = upright_raw_size(raw)
        short = wanted.short_side((width, height))
        image = _from_preview(raw, wanted, room, short)
        if image is None:
            room.take(width * height)
            is_grey = path.suffix.lower() in _TIFF_SUFFIXES and _photometric(path) == _GREY
            image = _grey(raw, short) if is_grey else _developed(raw, short)
        return Picture(image, width, height)


def preview_jpeg(raw: Any) -> bytes | None:
    """The embedded preview as JPEG, or None."""
    thumbnail = _thumbnail(raw)
    return bytes(thumbnail.data) if thumbnail and thumbnail.format == rawpy.ThumbFormat.JPEG else None


def _from_preview(raw: Any, wanted: Wanted, room: Room, short: int | None) -> Image.Image | None:
    thumbnail = _thumbnail(raw)
    if thumbnail is None:
        return None
    needed = min(short or _GOOD_PREVIEW_SIDE, min(raw.sizes.width, raw.sizes.height) // 2)
    try:
        with _opened_preview(thumbnail) as image:
            if min(image.size) < needed:
                return None
            return upright_rgb(image, wanted, room, orientation=_turn_of_preview(image, raw)).image
    except Exception as error:  # noqa: BLE001 - a damaged preview is no loss while the sensor data can be developed
        logger.debug("unusable preview: %s: %s", type(error).__name__, error)
        return None


def _turn_of_preview(image: Image.Image, raw: Any) -> int:
    """The orientation that turns a preview upright: its own where it has one, else the RAW file's.

    Programs that write RAW files also store previews that are turned already and keep the orientation of those that
    are not, or say that a picture is upright which lies on its side. The shape of the whole picture tells.
    """
    named = (orientation_of(image), orientation_of_raw(raw), _UPRIGHT)
    said = [orientation for orientation in named if orientation is not None]
    width, height = upright_raw_size(raw)

    def fits(orientation: int) -> bool:
        across, down = turned_size(image.size, orientation)
        return (across - down) * (width - height) >= 0

    return next(filter(fits, said), said[0])


def _opened_preview(thumbnail: Any) -> AbstractContextManager[Image.Image]:
    if thumbnail.format == rawpy.ThumbFormat.JPEG:
        return opened_stream(io.BytesIO(thumbnail.data))
    return nullcontext(Image.fromarray(thumbnail.data))


def _thumbnail(raw: Any) -> Any | None:
    try:
        return raw.extract_thumb()
    except rawpy.LibRawError as error:
        logger.debug("no preview: %s", error)
        return None


def _developed(raw: Any, short: int | None) -> Image.Image:
    pixels = raw.postprocess(half_size=True, use_camera_wb=True, output_bps=8)
    if not pixels.any():
        # LibRaw fills what is missing with zeros; a sensor's own noise never gives pure black everywhere.
        raise ValueError("no sensor data")
    return reduced(Image.fromarray(pixels), short)


def _grey(raw: Any, short: int | None) -> Image.Image:
    """A finished grey picture that LibRaw takes for a sensor: as it is stored, brought to 8 bits."""
    depth = int(raw.white_level).bit_length()
    values = np.asarray(raw.raw_image_visible >> max(0, depth - 8), dtype=np.uint8)
    return turned(reduced(Image.fromarray(values), short), orientation_of_raw(raw)).convert("RGB")


def _is_utf8(path: Path) -> bool:
    return os.fsencode(path) == str(path).encode("utf-8", "replace")
