"""Small pictures for the grid, and larger ones for the inspector."""

import hashlib
import io
import os
from pathlib import Path

from PIL import Image

from maclip_desktop.imaging.apart import asking
from maclip_desktop.imaging.decode import decode_picture
from maclip_desktop.imaging.failures import photo_errors
from maclip_desktop.imaging.picture import Wanted
from maclip_desktop.imaging.room import Room
from maclip_desktop.imaging.thumbnail_files import ThumbnailFiles

USUAL_LIMIT_BYTES = 2_000_000_000

_JPEG_QUALITY = 85
_RECIPE = b"2"
"""Part of every key: to be raised when thumbnails are made in another way, so that old ones are not used."""


class ThumbnailCache:
    """Thumbnails on disk, found by path, size and modification time. Thread-safe."""

    def __init__(self, folder: Path, side: int = 320, limit_bytes: int = USUAL_LIMIT_BYTES) -> None:
        """*folder* is made when the first thumbnail is stored; *side* is the longest side in pixels.

        *limit_bytes*: where the folder holds more, those not looked at for longest are deleted in the background; 0
        keeps nothing.
        """
        self._side = side
        self._files = ThumbnailFiles(folder, limit_bytes)

    def key(self, path: Path, size: int, mtime_ns: int) -> str:
        """The name of a thumbnail: another one for another file, another state of it, or another side."""
        parts = (_RECIPE, str(self._side).encode(), str(size).encode(), str(mtime_ns).encode(), os.fsencode(path))
        return hashlib.blake2b(b"\0".join(parts), digest_size=20).hexdigest()

    def load_or_make(self, path: Path, size: int, mtime_ns: int) -> bytes:
        """The thumbnail as JPEG: upright, in sRGB, within ``side`` x ``side`` pixels, never enlarged.

        *size* (bytes) and *mtime_ns* are the state of the file the caller knows. A cache folder that cannot be
        written is logged once and costs only speed. Raises `PhotoError`.
        """
        key = self.key(path, size, mtime_ns)
        stored = self._files.read(key)
        if stored is not None:
            return stored
        made = thumbnail(path, self._side)
        self._files.write(key, made)
        return made

    def wait(self) -> None:
        """Wait until nothing is deleted in the background."""
        self._files.wait()

    def close(self) -> None:
        """End what is deleted in the background; what is left goes another time."""
        self._files.close()


def thumbnail(path: Path, side: int) -> bytes:
    """A photo as a small JPEG: upright, in sRGB, within *side* x *side* pixels, never enlarged. Raises `PhotoError`."""
    made = asking.thumbnail(path, side)
    return _jpeg(path, side) if made is None else made


def preview(path: Path, side: int) -> tuple[bytes, int, int]:
    """A photo for the inspector: upright, in sRGB, within *side* x *side* pixels, never enlarged.

    Returns RGB bytes, three a pixel, rows without padding, and width and height. Raises `PhotoError`.
    """
    made = asking.preview(path, side)
    return _rgb(path, side) if made is None else made


def _rgb(path: Path, side: int) -> tuple[bytes, int, int]:
    with photo_errors(path):
        image = _fitted(path, side)
        return image.tobytes(), image.width, image.height


def _fitted(path: Path, side: int) -> Image.Image:
    with Room() as room:
        image = decode_picture(path, Wanted(fit=side, colour_managed=True), room).image
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        return image


def _jpeg(path: Path, side: int) -> bytes:
    with photo_errors(path):
        out = io.BytesIO()
        image = _fitted(path, side)
        # What the file said of itself was used above and must not travel along.
        image.info.clear()
        image.save(out, "JPEG", quality=_JPEG_QUALITY)
        return out.getvalue()
