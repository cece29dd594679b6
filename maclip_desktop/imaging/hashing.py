"""The identity of a photo: a hash of its bytes."""

import hashlib
from pathlib import Path

from maclip_desktop.imaging.failures import photo_errors, regular_file_size

_DIGEST_BYTES = 16


def content_hash(path: Path) -> str:
    """BLAKE2b of the whole file, 128 bits as 32 hexadecimal digits. Raises `PhotoError`."""
    with photo_errors(path):
        regular_file_size(path)
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=_DIGEST_BYTES)).hexdigest()
