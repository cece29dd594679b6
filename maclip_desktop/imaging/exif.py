"""A picture's EXIF and XMP, without decoding its pixels."""

import logging
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from PIL import Image
from PIL.ExifTags import IFD

logger = logging.getLogger(__name__)

_PNG_HEAD_BYTES = 8
_EXIF_TEXTS = (b"Raw profile type exif\0", b"XML:com.adobe.xmp\0")
"""Keywords of PNG texts that hold EXIF, or the orientation in XMP."""


_XMP = 700  # XMP specification part 3, 1.1.2: in TIFF


@dataclass(frozen=True, slots=True)
class Said:
    """What a file says of itself, as it stands there: any value may be of any type."""

    tags: Mapping[int, Any]
    """The main and the EXIF directory in one."""
    gps: Mapping[int, Any]
    xmp: Any = None
    """The packet, where there is one."""

    def over(self, other: "Said") -> "Said":
        """Both, what this one says coming first."""
        return Said({**other.tags, **self.tags}, self.gps or other.gps, self.xmp or other.xmp)


NOTHING = Said({}, {})


def said_by(image: Image.Image) -> Said:
    """What an opened picture says; what is readable of it."""
    said = said_by_exif(lambda: exif_of(image))
    return Said(said.tags, said.gps, image.info.get("xmp") or said.xmp)


def said_by_exif(read: Callable[[], Image.Exif]) -> Said:
    """What is readable of the EXIF that *read* gives."""
    tags: dict[int, Any] = {}
    gps: dict[int, Any] = {}
    try:
        exif = read()
        tags.update(exif)
        tags.update(exif.get_ifd(IFD.Exif))
        gps.update(exif.get_ifd(IFD.GPSInfo))
    except Exception as error:  # noqa: BLE001 - damaged EXIF raises nearly anything and is no reason to lose the photo
        logger.debug("unreadable EXIF: %s: %s", type(error).__name__, error)
    return Said(tags, gps, tags.get(_XMP))


def exif_of(image: Image.Image) -> Image.Exif:
    """The EXIF of an opened picture. Raises nearly anything where it is damaged."""
    if image.format == "PNG" and not needs_pixels(image):
        # Pillow would decode a whole PNG first, to see whether EXIF follows the pixels.
        return Image.Image.getexif(image)
    return image.getexif()


def needs_pixels(image: Image.Image) -> bool:
    """Whether `exif_of` has to decode the pixels: of a PNG whose EXIF, or what stands for it, follows them."""
    file: IO[bytes] | None = getattr(image, "fp", None)
    if image.format != "PNG" or "exif" in image.info or file is None:
        return False
    place = file.tell()
    try:
        return _has_late_exif(file)
    finally:
        file.seek(place)


def _has_late_exif(file: IO[bytes]) -> bool:
    """Walk over the chunks of a PNG (PNG specification, 5.3): length, kind, content, checksum."""
    file.seek(_PNG_HEAD_BYTES)
    seen_pixels = False
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        after = file.tell() + length + 4
        seen_pixels |= kind == b"IDAT"
        if seen_pixels and kind == b"eXIf":
            return True
        if seen_pixels and kind in (b"tEXt", b"zTXt", b"iTXt"):
            start = file.read(min(length, max(map(len, _EXIF_TEXTS))))
            if start.startswith(_EXIF_TEXTS):
                return True
        file.seek(after)
    return False
