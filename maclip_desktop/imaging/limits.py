"""How large a picture may be before this program refuses to open it."""

from PIL import Image

USUAL_MAX_PIXELS = 300_000_000
"""Pixels of one picture: about twice the largest camera sensor, and 0.9 GB as RGB."""

MAX_SIDE = 100_000
"""Pixels of one side; JPEG itself ends at 65,535."""

_max_pixels = USUAL_MAX_PIXELS


def max_pixels() -> int:
    """Pixels of the largest picture that is opened in this process."""
    return _max_pixels


def set_max_pixels(pixels: int) -> None:
    """Open pictures of up to *pixels* pixels from now on, in this process. Raises `ValueError` below 1."""
    global _max_pixels
    if pixels < 1:
        raise ValueError(f"a limit of {pixels} pixels")
    _max_pixels = pixels
    # Pillow looks at frames inside a file (of a GIF, an icon, a tiled TIFF) that no header check of ours can see. It
    # warns from this number on and refuses beyond twice of it, so its refusal falls together with ours.
    Image.MAX_IMAGE_PIXELS = max(1, pixels // 2)


set_max_pixels(USUAL_MAX_PIXELS)

# Pillow asks the system for memory in blocks. From 32 MiB on glibc always gives a block of its own, which goes back
# when the picture does; smaller ones it keeps for the thread, and each decoding thread would sit on a whole picture.
Image.core.set_block_size(64 * 1024 * 1024)  # type: ignore[attr-defined]


class TooLargeError(ValueError):
    """A picture claims a size beyond the limits."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width:,} x {height:,} pixels")


def check_size(width: int, height: int) -> None:
    """Refuse a picture of *width* x *height* pixels that is too large to decode, or has no area at all.

    To be called with what the header says, before any pixel is decoded. Raises `TooLargeError` or `ValueError`.
    """
    if width < 1 or height < 1:
        raise ValueError(f"a picture of {width} x {height} pixels")
    if width * height > max_pixels() or max(width, height) > MAX_SIDE:
        raise TooLargeError(width, height)
