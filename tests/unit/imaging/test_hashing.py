"""The content hash names the bytes of a file and nothing else."""

import hashlib
import shutil
from pathlib import Path

import pytest

from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging.hashing import content_hash


def test_is_blake2b_of_the_bytes(tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    (tmp_path / "a.jpg").write_bytes(content)
    assert content_hash(tmp_path / "a.jpg") == hashlib.blake2b(content, digest_size=16).hexdigest()


def test_a_copy_has_the_same_and_a_changed_byte_another(photo: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(photo, tmp_path / "elsewhere.jpg"))
    assert content_hash(copy) == content_hash(photo)
    content = bytearray(copy.read_bytes())
    content[-1] ^= 1
    copy.write_bytes(content)
    assert content_hash(copy) != content_hash(photo)


def test_needs_no_readable_picture(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no picture")
    assert len(content_hash(tmp_path / "a.jpg")) == 32


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="no longer there"):
        content_hash(tmp_path / "gone.jpg")
