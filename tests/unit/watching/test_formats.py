"""What counts as a photo by its name."""

from pathlib import Path

import pytest

from maclip_desktop.core.formats import PHOTO_SUFFIXES, PIXEL_SUFFIXES, RAW_SUFFIXES, is_photo


@pytest.mark.parametrize("name", ["a.jpg", "A.JPG", "b.HeIc", "c.tar.png", "/photos/IMG_1.CR3", "d.x3f", "é 写.webp"])
def test_photos_by_name(name: str) -> None:
    assert is_photo(name) and is_photo(Path(name))


@pytest.mark.parametrize("name", ["a.txt", "jpg", ".jpg", "a.jpg.part", "a.xmp", "IMG.CR2.xmp", "a.mp4", "a.", ""])
def test_other_names(name: str) -> None:
    assert not is_photo(name)


def test_raw_and_finished_pictures_are_told_apart() -> None:
    assert not PIXEL_SUFFIXES & RAW_SUFFIXES
    assert PHOTO_SUFFIXES == PIXEL_SUFFIXES | RAW_SUFFIXES
    assert ".dng" in RAW_SUFFIXES and ".jpg" in PIXEL_SUFFIXES
