"""Photos that a program hands over."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from maclip_desktop.errors import PhotoError, UsageError
from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.given import from_array, from_image

RAMP = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)


def test_rgb_comes_as_it_is() -> None:
    assert np.array_equal(from_image(Image.fromarray(RAMP)).pixels, RAMP)
    assert np.array_equal(from_array(RAMP).pixels, RAMP)


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "CMYK", "1"])
def test_an_image_of_any_mode_is_what_its_file_would_be(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(RAMP).convert(mode)
    file = tmp_path / ("image.tif" if mode == "CMYK" else "image.png")
    image.save(file)
    assert np.array_equal(from_image(image).pixels, decode(file).pixels)


def test_an_image_is_turned_upright() -> None:
    image = Image.fromarray(RAMP)
    image.getexif()[0x0112] = 6
    turned = from_image(image)
    assert (turned.width, turned.height) == (6, 8)
    assert np.array_equal(turned.pixels, np.rot90(RAMP, -1))


def test_the_image_of_the_caller_stays_as_it_is() -> None:
    image = Image.fromarray(RAMP)
    from_image(image)
    assert np.array_equal(np.asarray(image), RAMP)


@pytest.mark.parametrize("values", [RAMP[:, :, 0], RAMP[:, :, :1]])
def test_grey_becomes_rgb(values: NDArray[Any]) -> None:
    pixels = from_array(values).pixels
    assert pixels.shape == (6, 8, 3)
    assert np.array_equal(pixels, np.repeat(RAMP[:, :, :1], 3, axis=2))


def test_floats_of_0_to_1_and_sixteen_bits_become_eight() -> None:
    assert np.array_equal(from_array(RAMP.astype(np.float64) / 255).pixels, RAMP)
    assert np.array_equal(from_array(RAMP.astype(np.uint16) * 257).pixels, RAMP)
    assert np.array_equal(from_array(RAMP.astype(">u2") * 257).pixels, RAMP)


def test_transparent_places_are_laid_on_grey() -> None:
    clear = np.zeros((4, 4, 4), np.uint8)
    assert np.array_equal(from_array(clear).pixels, np.full((4, 4, 3), 128, np.uint8))


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((3,)),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.int64),
        np.full((4, 4, 3), 200.0),
        np.full((4, 4, 3), np.nan),
        np.full((4, 4, 3), -0.1),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(values: NDArray[Any]) -> None:
    with pytest.raises(UsageError, match=r"^An array of .*\.$|^An array of .*; give .*\.$"):
        from_array(values)


def test_an_image_whose_file_is_cut_off_is_named(tmp_path: Path) -> None:
    file = tmp_path / "cut.jpg"
    Image.effect_noise((200, 200), 90).save(file)
    file.write_bytes(file.read_bytes()[:2000])
    with Image.open(file) as image, pytest.raises(PhotoError, match=r"cut\.jpg is cut off or damaged"):
        from_image(image)


def test_an_image_that_is_too_large_is_refused_in_a_sentence() -> None:
    with pytest.raises(PhotoError, match=r"^The image is too large to open safely"):
        from_image(Image.new("1", (100_001, 1)))
    with pytest.raises(PhotoError, match=r"^The image is too large to open safely"):
        from_array(np.zeros((100_001, 1), np.uint8))
