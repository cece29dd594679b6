"""From an opened Pillow image to upright RGB."""

import math
from dataclasses import dataclass

from PIL import Image

from maclip_desktop.imaging import colour
from maclip_desktop.imaging.limits import check_size
from maclip_desktop.imaging.orientation import orientation_of, turned, turned_size
from maclip_desktop.imaging.profiles import profile_or_none
from maclip_desktop.imaging.room import Room


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture, upright and RGB, with the size of its original."""

    image: Image.Image
    width: int
    """Pixels of the original, upright."""
    height: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller will do with a picture, and so how much of it must be decoded."""

    min_side: int | None = None
    """It needs a short side of at least this many pixels; None for all of them."""
    fit: int | None = None
    """It will be shrunk to fit into a square of this many pixels; None for no such plan."""
    colour_managed: bool = False
    """Whether colours are converted from the embedded profile to sRGB."""

    def short_side(self, size: tuple[int, int]) -> int | None:
        """Pixels of the short side that a picture of *size* must keep; None for all of them."""
        return math.ceil(self.fit * min(size) / max(size)) if self.fit else self.min_side


def upright_rgb(image: Image.Image, wanted: Wanted, room: Room, orientation: int | None = None) -> Picture:
    """Decode an opened image, no larger than wanted, and bring it to upright RGB, once there is *room* for it.

    *orientation* (1 to 8) is used in place of what the image says itself.
    """
    stored_size = image.size
    short = wanted.short_side(stored_size)
    # Decoders of JPEG can leave out detail while they decode: the one step that saves most of the time.
    drafted = short is not None and image.draft(None, (short, short)) is not None
    room.take(image.width * image.height)
    orientation = orientation or orientation_of(image)
    image.load()
    if not drafted:
        # Some containers only know the true size once they are decoded.
        stored_size = image.size
        check_size(*stored_size)
    width, height = turned_size(stored_size, orientation)
    result = turned(_rgb(image, short, wanted.colour_managed), orientation)
    if result is not image:
        image.close()  # else its pixels would live as long as the file is open
    return Picture(result, width, height)


def _rgb(image: Image.Image, short: int | None, colour_managed: bool) -> Image.Image:
    profile = profile_or_none(image) if colour_managed else None
    return colour.to_rgb(colour.to_srgb(reduced(colour.plain(image), short), profile))


def reduced(image: Image.Image, short: int | None) -> Image.Image:
    """Shrink by the largest whole factor that keeps the short side at *short* pixels or more."""
    factor = min(image.size) // short if short else 1
    return image.reduce(factor) if factor > 1 else image
