"""Decoding a photo: from a file to upright RGB pixels."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.imaging import raw
from maclip_desktop.imaging.apart import asking
from maclip_desktop.imaging.failures import photo_errors
from maclip_desktop.imaging.opening import opened
from maclip_desktop.imaging.picture import Picture, Wanted, upright_rgb
from maclip_desktop.imaging.quiet import pillow_warnings_logged
from maclip_desktop.imaging.room import Room

_BAND_ROWS = 512


def decode(path: Path, *, min_side: int | None = None, colour_managed: bool = False) -> DecodedPhoto:
    """Decode the first picture of a file: upright, RGB, 8 bits a channel.

    *min_side*: the caller needs a short side of at least this many pixels and no more; large photos are then
    decoded reduced (never below it, and never enlarged). *colour_managed* converts an embedded ICC profile to
    sRGB, which is right for showing; scores are defined on the stored values. Transparent places become grey.

    A RAW file gives its embedded preview where that is large enough, else a half-size development.

    Inside `apart.decoding_apart` another process does this.

    Raises `PhotoError`, and nothing else, for anything that is wrong with the file. Thread-safe.
    """
    with decoded(path, min_side=min_side, colour_managed=colour_managed) as photo:
        return photo


@contextmanager
def decoded(path: Path, *, min_side: int | None = None, colour_managed: bool = False) -> Iterator[DecodedPhoto]:
    """As `decode`, for those who only look at the pixels and let them go: they count as being decoded until then."""
    with Room() as room:
        # Not kept in a variable here: the caller alone holds the pixels.
        yield _photo(path, Wanted(min_side=min_side, colour_managed=colour_managed), room)


def _photo(path: Path, wanted: Wanted, room: Room) -> DecodedPhoto:
    photo = asking.photo(path, wanted, room)
    return _decoded_here(path, wanted, room) if photo is None else photo


def _decoded_here(path: Path, wanted: Wanted, room: Room) -> DecodedPhoto:
    picture = decode_picture(path, wanted, room)
    # Closed at once: what a decoder leaves behind may keep the image alive until the garbage is collected.
    with photo_errors(path), closing(picture.image):
        return DecodedPhoto(pixels=_pixels(picture.image), width=picture.width, height=picture.height)


def decode_picture(path: Path, wanted: Wanted, room: Room) -> Picture:
    """As `decode`, always in this process, the pixels as a Pillow image: for those who go on scaling and encoding.

    Waits until there is *room* for the pixels, which the caller gives back when it is done with them.
    """
    with photo_errors(path), pillow_warnings_logged():
        if raw.is_raw(path):
            return raw.decode_raw(path, wanted, room)
        with opened(path) as image:
            return upright_rgb(image, wanted, room)


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Copy an RGB image into an array of its own, band by band: one whole copy less in memory."""
    pixels = np.empty((image.height, image.width, 3), dtype=np.uint8)
    for top in range(0, image.height, _BAND_ROWS):
        bottom = min(top + _BAND_ROWS, image.height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return pixels
