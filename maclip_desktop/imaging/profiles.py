"""Which colours the numbers of an opened picture mean."""

import logging
from collections.abc import Mapping
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD

from maclip_desktop.imaging.exif import exif_of
from maclip_desktop.imaging.matrix_profile import (
    ADOBE_CURVE,
    ADOBE_RGB,
    BT_2020,
    DISPLAY_P3,
    SRGB_CURVE,
    matrix_profile,
)

logger = logging.getLogger(__name__)

_INTEROPERABILITY_INDEX = 1  # EXIF 2.32, 4.6.7
_ADOBE_FILE = "R03"  # DCF 2.0, the option file

# ITU-T H.273: primaries that are not sRGB's, and transfers that everyone shows as sRGB's. The high dynamic range
# of PQ and HLG has no place in 8 bits of sRGB; such pictures are left as their decoder gives them.
_PRIMARIES = {9: BT_2020, 12: DISPLAY_P3}
_SRGB_TRANSFERS = (1, 6, 13, 14, 15)


def profile_or_none(image: Image.Image) -> bytes | None:
    """The ICC profile of a picture: the embedded one, or one made for the colour space that the file names.

    None where it names none, or sRGB.
    """
    try:
        return _profile_of(image)
    except Exception as error:  # noqa: BLE001 - damaged EXIF raises nearly anything and is no reason to lose the photo
        logger.debug("unreadable colour space: %s: %s", type(error).__name__, error)
        return None


def _profile_of(image: Image.Image) -> bytes | None:
    embedded = image.info.get("icc_profile")
    if embedded:
        return bytes(embedded)
    if image.mode not in ("RGB", "RGBA"):
        return None
    if "nclx_profile" in image.info:
        return _of_nclx(image.info["nclx_profile"])
    return matrix_profile(ADOBE_RGB, ADOBE_CURVE) if _is_adobe(image) else None


def _of_nclx(nclx: Mapping[str, Any]) -> bytes | None:
    primaries = _PRIMARIES.get(nclx.get("color_primaries", 0))
    if primaries is None or nclx.get("transfer_characteristics") not in _SRGB_TRANSFERS:
        return None
    return matrix_profile(primaries, SRGB_CURVE)


def _is_adobe(image: Image.Image) -> bool:
    """Whether a JPEG says so in EXIF alone, as cameras do that write file names with a leading underscore."""
    if _ADOBE_FILE.encode() not in image.info.get("exif", b""):
        return False  # without reading directories that most pictures have and few need
    return str(exif_of(image).get_ifd(IFD.Interop).get(_INTEROPERABILITY_INDEX)).strip("\0 ") == _ADOBE_FILE
