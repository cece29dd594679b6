"""Files of the thumbnail cache: written whole or not at all, and no more of them than a limit allows."""

import contextlib
import hashlib
import logging
import os
import tempfile
import threading
import time
from pathlib import Path

from maclip_desktop.imaging.thumbnail_limit import SizeLimit

logger = logging.getLogger(__name__)

_SEAL_BYTES = 16
_DAY_S = 24 * 3600.0


class ThumbnailFiles:
    """Small files by key (hexadecimal), each followed by a hash of it, so that a torn or damaged one is noticed.

    The modification time of a file says when it was last looked at, to the day. Thread-safe, and safe with other
    programs on the same folder. A folder that cannot be written is logged once and costs only speed.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        """*folder* is made when the first file is stored. *limit_bytes*: 0 keeps nothing, and deletes what is there."""
        self._folder = folder
        self._keeps = limit_bytes > 0
        self._limit = SizeLimit(folder, limit_bytes)
        self._complain_lock = threading.Lock()
        self._complained = False

    def read(self, key: str) -> bytes | None:
        """What is stored; None if it is not there, torn or damaged."""
        if not self._keeps:
            return None
        try:
            with _place(self._folder, key).open("rb") as file:
                looked_at = os.fstat(file.fileno()).st_mtime
                stored = file.read()
        except OSError:
            return None
        content, seal = stored[:-_SEAL_BYTES], stored[-_SEAL_BYTES:]
        if seal != _seal(content):
            return None
        self._note_look(key, looked_at)
        return content

    def write(self, key: str, content: bytes) -> None:
        """Store it, if the folder and the limit allow."""
        if not self._keeps:
            self._limit.grown(0)
            return
        target = _place(self._folder, key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target, content + _seal(content))
        except OSError as error:
            self._complain(error)
        else:
            self._limit.grown(len(content) + _SEAL_BYTES)

    def close(self) -> None:
        """End what runs in the background."""
        self._limit.close()

    def wait(self) -> None:
        """Wait for what runs in the background."""
        self._limit.wait()

    def _note_look(self, key: str, looked_at: float) -> None:
        # Also where the time lies ahead: the clock has been put right since.
        if abs(time.time() - looked_at) > _DAY_S:
            with contextlib.suppress(OSError):  # gone meanwhile, or not ours to change: it only goes earlier then
                os.utime(_place(self._folder, key))

    def _complain(self, error: OSError) -> None:
        with self._complain_lock:
            first, self._complained = not self._complained, True
        if first:
            logger.warning("thumbnails cannot be kept in %s: %s", self._folder, error)


def _place(folder: Path, key: str) -> Path:
    return folder / key[:2] / f"{key}.jpg"


def _seal(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_SEAL_BYTES).digest()


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
