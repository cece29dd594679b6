"""Photos are told by their names."""

from pathlib import Path

import pytest

from maclip_desktop.core.formats import PIXEL_SUFFIXES, RAW_SUFFIXES, is_photo


@pytest.mark.parametrize(
    "name", ["IMG_1.jpg", "IMG_1.JPG", "a.b.Heic", "x.cr3", "ſ.NEF", "with space.tiff", ".jpg.png"]
)
def test_a_photo_by_its_name(name: str) -> None:
    assert is_photo(name)
    assert is_photo(Path("/photos") / name)


@pytest.mark.parametrize("name", ["", "jpg", ".jpg", "IMG.jpg.xmp", "IMG.xmp", "movie.mp4", "a.jpg~", "IMG.jpg.part"])
def test_no_photo_by_its_name(name: str) -> None:
    assert not is_photo(name)


def test_a_suffix_is_lower_case_with_a_dot_and_of_one_kind() -> None:
    assert not PIXEL_SUFFIXES & RAW_SUFFIXES
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in PIXEL_SUFFIXES | RAW_SUFFIXES)
