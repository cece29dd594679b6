"""Photos that a program hands over, rather than a file."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.errors import UsageError
from maclip_desktop.imaging import colour, profiles
from maclip_desktop.imaging.failures import photo_errors
from maclip_desktop.imaging.limits import check_size

_CHANNELS = (1, 3, 4)


def from_image(image: Image.Image, *, colour_managed: bool = False) -> DecodedPhoto:
    """A Pillow image as it would come from a file: upright by its EXIF orientation, RGB, transparency laid on grey.

    *colour_managed*: as in `decode.decode`. *image* stays as it is. Raises `PhotoError` where it is too large or its
    pixels cannot be read.
    """
    with photo_errors(Path(getattr(image, "filename", "") or "The image")):
        check_size(*image.size)
        profile = profiles.profile_or_none(image) if colour_managed else None
        # A picture of our own, whatever there is to turn: the conversion may change it in place.
        upright = ImageOps.exif_transpose(image)
        return _photo(np.asarray(colour.to_rgb(colour.to_srgb(colour.plain(upright), profile))))


def from_array(values: NDArray[Any]) -> DecodedPhoto:
    """An array as a photo: (height, width), or (height, width, channels) with 1, 3 (RGB) or 4 (RGBA) channels.

    uint8 is taken as it is, uint16 is brought to 8 bits, floats must lie in 0..1. Raises `UsageError` for other
    shapes, types and ranges, and `PhotoError` for an array that is too large.
    """
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    if not (values.ndim == 2 or (values.ndim == 3 and values.shape[2] in _CHANNELS)) or 0 in values.shape:
        raise UsageError(f"An array of shape {values.shape} is no picture; give (height, width) or (height, width, 3).")
    return from_image(Image.fromarray(_eight_bit(values)))


def _eight_bit(values: NDArray[Any]) -> NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return np.ascontiguousarray(values)
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:  # in either order of the bytes
        return np.asarray(values >> 8, dtype=np.uint8)
    if values.dtype.kind != "f":
        raise UsageError(f"An array of {values.dtype} is no picture; give uint8, uint16, or floats in 0..1.")
    if not (np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1):
        raise UsageError("An array of floats must lie in 0..1, without nan.")
    return np.rint(values * 255).astype(np.uint8)


def _photo(pixels: NDArray[np.uint8]) -> DecodedPhoto:
    height, width = pixels.shape[:2]
    return DecodedPhoto(np.ascontiguousarray(pixels), width, height)
