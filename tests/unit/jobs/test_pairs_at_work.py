"""Files of one name are one photo, also while they come and go."""

from pathlib import Path

import pytest

from maclip_desktop.core.flags import Flag
from tests.helpers.pictures import write_photo
from tests.helpers.workshop import Open, Workshop


def shown(shop: Workshop) -> dict[str, tuple[str, ...]]:
    return {row.path.name: row.beside for row in shop.rows.values()}


def write_raw(path: Path) -> Path:
    """Something that is a RAW file by its name; whether it can be decoded does not matter here."""
    path.write_bytes(b"raw " * 400 + path.name.encode())
    return path


@pytest.fixture
def shop(workshop: Open, photos: Path) -> Workshop:
    write_photo(photos / "a.jpg", 90)
    shop = workshop()
    shop.until_scored(1)
    shop.until(lambda: shop.status(photos) == "watched")
    return shop


def test_a_raw_file_that_comes_joins_its_jpeg(shop: Workshop, photos: Path) -> None:
    write_raw(photos / "a.dng")
    shop.until(lambda: shown(shop) == {"a.jpg": ("a.dng",)})


def test_a_jpeg_that_comes_takes_its_raw_file_off_the_grid(shop: Workshop, photos: Path) -> None:
    write_raw(photos / "b.dng")
    shop.until(lambda: "b.dng" in shown(shop))
    write_photo(photos / "b.jpg", 200)
    shop.until(lambda: shown(shop) == {"a.jpg": (), "b.jpg": ("b.dng",)})


def test_a_raw_file_is_a_photo_again_when_its_jpeg_is_gone(shop: Workshop, photos: Path) -> None:
    write_raw(photos / "a.dng")
    shop.until(lambda: shown(shop) == {"a.jpg": ("a.dng",)})
    (photos / "a.jpg").unlink()
    shop.until(lambda: shown(shop) == {"a.dng": ()})


def test_a_raw_file_that_goes_leaves_its_jpeg(shop: Workshop, photos: Path) -> None:
    write_raw(photos / "a.dng")
    shop.until(lambda: shown(shop) == {"a.jpg": ("a.dng",)})
    (photos / "a.dng").unlink()
    shop.until(lambda: shown(shop) == {"a.jpg": ()})


def test_a_film_joins_its_photo_and_is_none_of_its_own(shop: Workshop, photos: Path) -> None:
    for name in ("a.mov", "holiday.mov"):
        (photos / name).write_bytes(b"film")
    shop.until(lambda: shown(shop) == {"a.jpg": ("a.mov",)})
    (photos / "a.mov").unlink()
    shop.until(lambda: shown(shop) == {"a.jpg": ()})


def test_they_can_be_shown_apart_and_together_again(shop: Workshop, photos: Path) -> None:
    write_raw(photos / "a.dng")
    shop.until(lambda: shown(shop) == {"a.jpg": ("a.dng",)})
    shop.set_pairs.emit(False)
    shop.until(lambda: shown(shop) == {"a.jpg": (), "a.dng": ()})
    shop.set_pairs.emit(True)
    shop.until(lambda: shown(shop) == {"a.jpg": ("a.dng",)})
    assert shop.pairs == [True, False, True]


def test_a_copy_says_how_many_there_are_now(shop: Workshop, photos: Path) -> None:
    shop.mark("a.jpg", Flag.PICK)
    (photos / "copy.jpg").write_bytes((photos / "a.jpg").read_bytes())
    shop.until(lambda: [row.copies for row in shop.rows.values()] == [2, 2])
    shop.until(lambda: all(row.flag is Flag.PICK for row in shop.rows.values()))
    (photos / "copy.jpg").unlink()
    shop.until(lambda: [row.copies for row in shop.rows.values()] == [1])
