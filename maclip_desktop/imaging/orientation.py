"""Turning pictures upright by their EXIF orientation."""

import logging

from PIL import Image
from PIL.ExifTags import Base

from maclip_desktop.imaging.exif import exif_of

logger = logging.getLogger(__name__)

# EXIF 2.32, tag 0x0112: where row 0 and column 0 of the stored picture lie; what turns it upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)

# Their decoders hand out pixels (TIFF: and sizes) that are already upright.
_TURNED_BY_DECODER = ("HEIF", "TIFF")


def orientation_of(image: Image.Image) -> int | None:
    """The EXIF (or XMP) orientation of a picture, 1 to 8; None where there is none or it makes no sense."""
    if image.format in _TURNED_BY_DECODER:
        return None
    try:
        value = exif_of(image).get(Base.Orientation)
    except Exception as error:  # noqa: BLE001 - damaged EXIF raises nearly anything and is no reason to lose the photo
        logger.debug("unreadable EXIF: %s: %s", type(error).__name__, error)
        return None
    return value if isinstance(value, int) and 1 <= value <= 8 else None


def upright_size(image: Image.Image) -> tuple[int, int]:
    """Width and height of a picture after it is turned, in pixels; no pixel is decoded."""
    return turned_size(image.size, orientation_of(image))


def turned_size(size: tuple[int, int], orientation: int | None) -> tuple[int, int]:
    """*size* (width, height) after a turn by *orientation*."""
    width, height = size
    return (height, width) if orientation in _SIDEWAYS else (width, height)


def turned(image: Image.Image, orientation: int | None) -> Image.Image:
    """The pixels turned upright; the same picture where *orientation* asks for no turn."""
    turn = _TURNS.get(orientation or 1)
    return image if turn is None else image.transpose(turn)
