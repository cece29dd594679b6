"""Small pictures for the grid, and larger ones for the inspector."""

import hashlib
import io
import logging
import os
import tempfile
import threading
from pathlib import Path

from PIL import Image

from maclip_desktop.imaging.decode import decode_picture
from maclip_desktop.imaging.failures import photo_errors
from maclip_desktop.imaging.picture import Wanted
from maclip_desktop.imaging.room import Room

logger = logging.getLogger(__name__)

_JPEG_QUALITY = 85
_SEAL_BYTES = 16
_RECIPE = b"1"
"""Part of every key: to be raised when thumbnails are made in another way, so that old ones are not used."""


class ThumbnailCache:
    """Thumbnails on disk, found by path, size and modification time. Thread-safe.

    A cached file is a JPEG followed by a hash of it, so that a torn or damaged one is noticed and made again.
    """

    def __init__(self, folder: Path, side: int = 320) -> None:
        """*folder* is made when the first thumbnail is stored; *side* is the longest side in pixels."""
        self._folder = folder
        self._side = side
        self._complain_lock = threading.Lock()
        self._complained = False

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
        stored = self._folder / key[:2] / f"{key}.jpg"
        thumbnail = _unsealed(stored)
        if thumbnail is None:
            thumbnail = _jpeg(path, self._side)
            self._store(stored, thumbnail)
        return thumbnail

    def _store(self, target: Path, thumbnail: bytes) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, thumbnail + _seal(thumbnail))
        except OSError as error:
            with self._complain_lock:
                first, self._complained = not self._complained, True
            if first:
                logger.warning("thumbnails cannot be kept in %s: %s", self._folder, error)


def preview(path: Path, side: int) -> tuple[bytes, int, int]:
    """A photo for the inspector: upright, in sRGB, within *side* x *side* pixels, never enlarged.

    Returns RGB bytes, three a pixel, rows without padding, and width and height. Raises `PhotoError`.
    """
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


def _seal(thumbnail: bytes) -> bytes:
    return hashlib.blake2b(thumbnail, digest_size=_SEAL_BYTES).digest()


def _unsealed(stored: Path) -> bytes | None:
    """The thumbnail in a cached file; None if it is not there, torn or damaged."""
    try:
        content = stored.read_bytes()
    except OSError:
        return None
    thumbnail, seal = content[:-_SEAL_BYTES], content[-_SEAL_BYTES:]
    return thumbnail if seal == _seal(thumbnail) else None


def _replace(target: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.replace(target)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
