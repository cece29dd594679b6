"""The identity of a photo: a hash of its bytes."""

import hashlib
from pathlib import Path

from maclip_desktop.imaging.failures import openable_size, photo_errors

_DIGEST_BYTES = 16


def content_hash(path: Path) -> str:
    """BLAKE2b of the whole file, 128 bits as 32 hexadecimal digits. Raises `PhotoError`.

    An empty file has a hash as well, so that it can be rejected; all empty files share it, and so one decision.
    """
    with photo_errors(path):
        openable_size(path)
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES)).hexdigest()
