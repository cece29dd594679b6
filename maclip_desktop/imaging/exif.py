"""A picture's EXIF, without decoding its pixels."""

import struct
from typing import IO

from PIL import Image

_PNG_HEAD_BYTES = 8
_EXIF_TEXTS = (b"Raw profile type exif\0", b"XML:com.adobe.xmp\0")
"""Keywords of PNG texts that hold EXIF, or the orientation in XMP."""


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
