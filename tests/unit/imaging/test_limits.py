"""How large a picture may be, and who may say otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging import limits
from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.metadata import read_info


@pytest.fixture(autouse=True)
def usual_limit() -> Iterator[None]:
    yield
    limits.set_max_pixels(limits.USUAL_MAX_PIXELS)


def test_the_limit_can_be_raised_and_lowered(photo: Path) -> None:
    limits.set_max_pixels(64 * 48 - 1)
    assert limits.max_pixels() == 64 * 48 - 1
    for entrance in (decode, read_info):
        with pytest.raises(PhotoError, match="is too large to open safely"):
            entrance(photo)
    limits.set_max_pixels(64 * 48)
    assert decode(photo).pixels.shape == (48, 64, 3)


def test_pillow_refuses_at_the_same_number() -> None:
    limits.set_max_pixels(10_000_000)
    assert Image.MAX_IMAGE_PIXELS == 5_000_000


def test_the_sentence_names_the_limit_and_how_to_raise_it(photo: Path) -> None:
    limits.set_max_pixels(2_500)
    with pytest.raises(PhotoError) as caught:
        decode(photo)
    assert str(caught.value) == (
        f"{photo} is too large to open safely (3,072 pixels; the limit is 0.0025 million pixels, 100,000 on one "
        "side); raise the limit in the settings or with --max-megapixels N, or open a smaller copy."
    )


def test_the_longest_side_is_a_limit_of_its_own() -> None:
    limits.set_max_pixels(10**12)
    with pytest.raises(limits.TooLargeError):
        limits.check_size(100_001, 1)


@pytest.mark.parametrize("pixels", [0, -1])
def test_a_limit_below_one_pixel_is_a_mistake(pixels: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        limits.set_max_pixels(pixels)
    assert limits.max_pixels() == limits.USUAL_MAX_PIXELS
