"""HEIC and HEIF (through pi_heif, which only decodes) and their cousin AVIF (through Pillow itself)."""

import struct
from typing import BinaryIO

import pi_heif

_AVIF_BRANDS = (b"avif", b"avis")
_NCLX = b"colrnclx"
_UNSPECIFIED = 2  # ITU-T H.273, table 2
_BOXES_BYTES = 65_536
"""Where the boxes that describe an AVIF lie, before its pixels."""


def register() -> None:
    """Teach Pillow to open HEIC. pi_heif turns the pixels upright itself and resets the orientation tags."""
    pi_heif.register_heif_opener()


def is_avif(head: bytes) -> bool:
    """Whether the first bytes of a file list an AVIF brand.

    HEIC and AVIF are the same kind of container, and both may call themselves by the brand of the container
    (``mif1``): each decoder would then claim the other's files.
    """
    return head[4:8] == b"ftyp" and any(brand in head[8:] for brand in _AVIF_BRANDS)


def nclx_of_avif(file: BinaryIO) -> dict[str, int]:
    """The colour space that an AVIF names by numbers (ISO/IEC 14496-12, 12.1.5), which Pillow does not tell.

    With the keys that pi_heif uses for HEIC. Empty where there is none, or where the file's pictures (the photo and
    its gain map, perhaps) do not name the same one. The file's position stays as it was.
    """
    place = file.tell()
    file.seek(0)
    boxes = file.read(_BOXES_BYTES).split(_NCLX)[1:]
    file.seek(place)
    named = {struct.unpack(">HH", box[:4]) for box in boxes if len(box) >= 4}
    named = {(primaries, transfer) for primaries, transfer in named if primaries != _UNSPECIFIED}
    if len(named) != 1:
        return {}
    primaries, transfer = named.pop()
    return {"color_primaries": primaries, "transfer_characteristics": transfer}
