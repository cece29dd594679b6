"""From whatever a file holds to 8-bit RGB."""

import logging
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from maclip_desktop.imaging.transforms import Transforms

logger = logging.getLogger(__name__)

GROUND = (128, 128, 128)
"""What shows through transparent places: neutral, neither bright nor dark."""

_BITS_PER_SAMPLE = 258  # TIFF 6.0
_PLAIN = ("L", "LA", "RGB", "RGBA", "CMYK")
_SPACE = slice(16, 20)
"""Where a profile names the channels it is made for (ICC.1:2010, 7.2.8)."""

_transforms = Transforms()


class NoNumbersError(ValueError):
    """A picture of floating point values that holds none."""


def plain(image: Image.Image) -> Image.Image:
    """The picture in one of the modes L, LA, RGB, RGBA or CMYK, 8 bits a channel, no palette."""
    image = _eight_bit(image)
    if image.mode == "LAB":
        return _converted(image, _from_lab())
    if image.mode != "CMYK" and image.has_transparency_data:
        return image if image.mode in ("LA", "RGBA") else image.convert("LA" if image.mode == "La" else "RGBA")
    if image.mode in _PLAIN:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """A `plain` picture converted from its ICC profile to sRGB (perceptual intent).

    *image* may be changed itself: to convert a photo in place takes three quarters of the time and half the memory.
    Without a profile, with sRGB's own, or with one that is broken or made for other channels, it comes back as it was.
    """
    if not profile:
        return image
    try:
        return _from_profile(image, profile)
    except Exception as error:  # noqa: BLE001 - a profile comes out of the file and may hold anything
        logger.debug("unusable colour profile: %s: %s", type(error).__name__, error)
        return image


def to_rgb(image: Image.Image) -> Image.Image:
    """A `plain` picture as RGB; what is transparent is laid on the neutral `GROUND`."""
    if image.mode == "RGB":
        return image  # where Pillow's own conversion would make a copy
    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB")
    picture = image.convert("RGBA")
    ground = Image.new("RGB", picture.size, GROUND)
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _from_profile(image: Image.Image, profile: bytes) -> Image.Image:
    if image.mode in ("L", "LA") and profile[_SPACE] == b"RGB ":
        image = image.convert("RGBA" if image.mode == "LA" else "RGB")
    if image.mode == "LA":
        # The colour library knows no grey with transparency.
        return _with_alpha(_from_profile(image.getchannel("L"), profile), image.getchannel("A"))
    transform = _transforms.get(profile, image.mode)
    return image if transform is None else _converted(image, transform)


def _with_alpha(image: Image.Image, alpha: Image.Image) -> Image.Image:
    image.putalpha(alpha)
    return image


def _converted(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    if image.mode not in ("RGB", "RGBA"):
        result = ImageCms.applyTransform(image, transform)
        assert result is not None  # None is only returned for inPlace=True
        return result
    if image.readonly:
        image = image.copy()  # its pixels are the file's, mapped into memory
    ImageCms.applyTransform(image, transform, inPlace=True)
    return image


@cache
def _from_lab() -> ImageCms.ImageCmsTransform:
    lab, srgb = (ImageCms.createProfile(name) for name in ("LAB", "sRGB"))
    return ImageCms.buildTransform(lab, srgb, "LAB", "RGB", flags=ImageCms.Flags.NOCACHE)


def _eight_bit(image: Image.Image) -> Image.Image:
    """Scale deeper channels to 8 bits; Pillow's own conversion would clip them."""
    if image.mode.startswith("I;16"):
        return Image.fromarray(_from_sixteen(np.asarray(image), _depth(image)))
    if image.mode in ("I", "F"):
        return Image.fromarray(_from_any(np.asarray(image)))
    return image


def _depth(image: Image.Image) -> int:
    """Bits a grey TIFF really uses of its 16; other formats use them all."""
    tags: Any = getattr(image, "tag_v2", {})
    return int(tags.get(_BITS_PER_SAMPLE, (16,))[0])


def _from_sixteen(values: NDArray[np.uint16], depth: int) -> NDArray[np.uint8]:
    # The high byte, which is also what Pillow keeps of 16-bit colour: grey and colour then agree.
    return np.asarray(values >> max(0, depth - 8), dtype=np.uint8)


def _from_any(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Integers or floats of unknown range as 0..255.

    The white point is the first of 1 (floats only), 255 and 65535 that holds the brightest finite value, else
    that value itself: the ranges in which programs store pictures. Negative values and NaN are black. Raises
    `NoNumbersError` where there is nothing else.
    """
    numbers = values.astype(np.float32)
    if np.isnan(numbers).all():
        raise NoNumbersError("all pixels are NaN")
    peak = float(np.max(numbers, where=np.isfinite(numbers), initial=0.0))
    usual = (1.0, 255.0, 65535.0) if values.dtype.kind == "f" else (255.0, 65535.0)
    white = next((limit for limit in usual if peak <= limit), peak)
    np.nan_to_num(numbers, copy=False, nan=0.0, posinf=white, neginf=0.0)
    np.clip(numbers, 0.0, white, out=numbers)
    numbers /= white
    numbers *= 255.0
    return np.rint(numbers, out=numbers).astype(np.uint8)
