"""TIFFs that Pillow does not know: grey of 12 bits is read all the same, and what nobody knows is refused as before."""

import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging import limits
from maclip_desktop.imaging.apart import decoding_apart
from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.imaging.thumbnails import preview

GREY, NEGATIVE = 1, 0
WIDTH, HEIGHT = 96, 64


def write_twelve_bits(path: Path, values: NDArray[np.uint16], photometric: int = GREY, orientation: int = 1) -> Path:
    """A TIFF of 12 bits a pixel, two pixels in three bytes, the high bits first, as are the high bytes of its tags."""
    height, width = values.shape
    left, right = values[:, ::2], values[:, 1::2]
    packed = np.stack([left >> 4, (left & 15) << 4 | right >> 8, right & 255], axis=-1).astype(np.uint8).tobytes()
    shorts = {258: 12, 259: 1, 262: photometric, 274: orientation, 277: 1}
    longs = {256: width, 257: height, 273: 8 + 2 + 12 * 10 + 4, 278: height, 279: len(packed)}
    entries = [struct.pack(">HHIHH", number, 3, 1, value, 0) for number, value in shorts.items()]
    entries += [struct.pack(">HHII", number, 4, 1, value) for number, value in longs.items()]
    directory = struct.pack(">H", len(entries)) + b"".join(sorted(entries)) + bytes(4)
    path.write_bytes(b"MM\0*" + struct.pack(">I", 8) + directory + packed)
    return path


@pytest.fixture
def values() -> NDArray[np.uint16]:
    """Darker to the right, and the whole range in it."""
    return np.tile(np.linspace(4095, 0, WIDTH).astype(np.uint16), (HEIGHT, 1))


class TestGreyOfTwelveBits:
    def test_is_shown_as_it_is_stored(self, tmp_path: Path, values: NDArray[np.uint16]) -> None:
        photo = decode(write_twelve_bits(tmp_path / "a.tif", values))
        assert (photo.width, photo.height) == (WIDTH, HEIGHT)
        for channel in range(3):
            np.testing.assert_array_equal(photo.pixels[:, :, channel], values >> 4)

    def test_is_turned_upright(self, tmp_path: Path, values: NDArray[np.uint16]) -> None:
        path = write_twelve_bits(tmp_path / "a.tiff", values, orientation=6)
        np.testing.assert_array_equal(decode(path).pixels[0, 0], [255] * 3)
        np.testing.assert_array_equal(decode(path).pixels[-1, 0], [0] * 3)
        assert (read_info(path).width, read_info(path).height) == (HEIGHT, WIDTH)

    def test_is_no_larger_than_asked_for(self, tmp_path: Path, values: NDArray[np.uint16]) -> None:
        path = write_twelve_bits(tmp_path / "a.tif", values)
        assert decode(path, min_side=30).pixels.shape == (32, 48, 3)
        assert preview(path, 48)[1:] == (48, 32)

    def test_is_read_apart_as_well(self, tmp_path: Path, values: NDArray[np.uint16]) -> None:
        path = write_twelve_bits(tmp_path / "a.tif", values)
        here = decode(path).pixels
        with decoding_apart():
            np.testing.assert_array_equal(decode(path).pixels, here)
            assert read_info(path).width == WIDTH

    def test_has_a_limit_of_size(
        self, tmp_path: Path, values: NDArray[np.uint16], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write_twelve_bits(tmp_path / "a.tif", values)
        monkeypatch.setattr(limits, "_max_pixels", WIDTH * HEIGHT - 1)
        with pytest.raises(PhotoError, match="too large"):
            decode(path)


class TestRefused:
    def test_what_would_come_out_as_a_negative(self, tmp_path: Path, values: NDArray[np.uint16]) -> None:
        path = write_twelve_bits(tmp_path / "a.tif", values, photometric=NEGATIVE)
        for read in (decode, read_info):
            with pytest.raises(PhotoError, match="is no picture this program can read"):
                read(path)

    def test_what_nobody_knows(self, tmp_path: Path) -> None:
        (tmp_path / "a.tif").write_text("no picture")
        with pytest.raises(PhotoError, match="is no picture this program can read"):
            decode(tmp_path / "a.tif")


@pytest.mark.shared
def test_a_real_one_is_read(shared: Path) -> None:
    path = shared / "photos/broken/broken_twelvemonkeys/flower-minisblack-12.tif"
    photo = decode(path)
    assert (photo.width, photo.height) == (73, 43)
    assert photo.pixels.shape == (43, 73, 3)
    assert abs(float(photo.pixels.mean()) - 115.5) < 1
