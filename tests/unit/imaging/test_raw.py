"""RAW files: the embedded preview where it is good enough, else the sensor data at half size."""

import struct
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import rawpy
from numpy.typing import NDArray

from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging import raw
from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.imaging.thumbnails import preview

WIDTH, HEIGHT = 128, 96


def write_dng(path: Path, sensor: NDArray[np.uint16], orientation: int = 1) -> Path:
    """A DNG without a preview: an uncompressed 16-bit RGGB sensor and the few tags LibRaw asks for (DNG 1.4)."""
    height, width = sensor.shape
    short, long, byte, text, rational = 3, 4, 1, 2, 10
    model = b"Test Camera\0"
    matrix = b"".join(struct.pack("<ii", value, 1) for value in (1, 0, 0, 0, 1, 0, 0, 0, 1))
    tags: list[tuple[int, int, int, bytes]] = [
        (254, long, 1, struct.pack("<I", 0)),
        (256, long, 1, struct.pack("<I", width)),
        (257, long, 1, struct.pack("<I", height)),
        (258, short, 1, struct.pack("<H", 16)),
        (259, short, 1, struct.pack("<H", 1)),
        (262, short, 1, struct.pack("<H", 32803)),
        (271, text, 5, b"Test\0"),
        (272, text, len(model), model),
        (273, long, 1, b""),
        (274, short, 1, struct.pack("<H", orientation)),
        (277, short, 1, struct.pack("<H", 1)),
        (278, long, 1, struct.pack("<I", height)),
        (279, long, 1, struct.pack("<I", sensor.nbytes)),
        (306, text, 20, b"2026:11:21 12:00:00\0"),
        (33421, short, 2, struct.pack("<HH", 2, 2)),
        (33422, byte, 4, bytes((0, 1, 1, 2))),
        (50706, byte, 4, bytes((1, 4, 0, 0))),
        (50708, text, len(model), model),
        (50721, rational, 9, matrix),
    ]
    extra_at = 8 + 2 + 12 * len(tags) + 4
    extra = bytearray()
    pixels_at = extra_at + sum(len(value) + len(value) % 2 for *_, value in tags if len(value) > 4)
    directory = struct.pack("<H", len(tags))
    for number, kind, count, value in tags:
        content = struct.pack("<I", pixels_at) if number == 273 else value
        if len(content) > 4:
            offset = extra_at + len(extra)
            extra += content + b"\0" * (len(content) % 2)
            content = struct.pack("<I", offset)
        directory += struct.pack("<HHI", number, kind, count) + content.ljust(4, b"\0")
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + extra + sensor.astype("<u2").tobytes())
    return path


@pytest.fixture
def sensor() -> NDArray[np.uint16]:
    """Bright on the left, dark on the right."""
    values = np.full((HEIGHT, WIDTH), 4000, dtype=np.uint16)
    values[:, : WIDTH // 2] = 60000
    return values


class TestWithoutPreview:
    def test_the_sensor_is_developed_at_half_size(self, tmp_path: Path, sensor: NDArray[np.uint16]) -> None:
        photo = decode(write_dng(tmp_path / "a.dng", sensor))
        assert photo.pixels.shape == (HEIGHT // 2, WIDTH // 2, 3)
        assert (photo.width, photo.height) == (WIDTH, HEIGHT)
        assert photo.pixels[:, :20].mean() > photo.pixels[:, -20:].mean() + 50

    @pytest.mark.parametrize(("orientation", "bright"), [(3, "right"), (6, "top"), (8, "bottom")])
    def test_it_is_upright(self, orientation: int, bright: str, tmp_path: Path, sensor: NDArray[np.uint16]) -> None:
        path = write_dng(tmp_path / "a.dng", sensor, orientation)
        pixels = decode(path).pixels
        quarter = min(pixels.shape[:2]) // 4
        sides = {
            "left": pixels[:, :quarter].mean(),
            "right": pixels[:, -quarter:].mean(),
            "top": pixels[:quarter].mean(),
            "bottom": pixels[-quarter:].mean(),
        }
        assert max(sides, key=lambda side: sides[side]) == bright
        info = read_info(path)
        assert (info.width, info.height) == (pixels.shape[1] * 2, pixels.shape[0] * 2)

    def test_it_is_no_larger_than_asked_for(self, tmp_path: Path, sensor: NDArray[np.uint16]) -> None:
        assert decode(write_dng(tmp_path / "a.dng", sensor), min_side=12).pixels.shape == (12, 16, 3)

    def test_time_and_camera_are_read(self, tmp_path: Path, sensor: NDArray[np.uint16]) -> None:
        info = read_info(write_dng(tmp_path / "a.dng", sensor))
        assert (info.captured_at, info.camera) == (1795262400.0, "Test Camera")

    def test_missing_sensor_data_is_no_black_photo(self, tmp_path: Path, sensor: NDArray[np.uint16]) -> None:
        """It would get a score, and a place among the worst, that it has not earned."""
        with pytest.raises(PhotoError, match="cut off or damaged"):
            decode(write_dng(tmp_path / "a.dng", np.zeros_like(sensor)))


class TestPreviews:
    """The reader of the file is real; only what it finds as preview is set here."""

    def embed(self, monkeypatch: pytest.MonkeyPatch, pixels: NDArray[np.uint8]) -> None:
        found = SimpleNamespace(format=rawpy.ThumbFormat.BITMAP, data=pixels)
        monkeypatch.setattr(raw, "_thumbnail", lambda _raw: found)

    def test_a_large_one_is_used_and_turned_with_the_camera(
        self, tmp_path: Path, sensor: NDArray[np.uint16], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        embedded = np.zeros((60, 80, 3), np.uint8)
        embedded[0, 0] = 200
        self.embed(monkeypatch, embedded)
        photo = decode(write_dng(tmp_path / "a.dng", sensor, orientation=6))
        assert photo.pixels.shape == (80, 60, 3)
        assert photo.pixels[0, -1].tolist() == [200] * 3
        assert (photo.width, photo.height) == (HEIGHT, WIDTH)

    def test_a_tiny_one_is_not(
        self, tmp_path: Path, sensor: NDArray[np.uint16], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.embed(monkeypatch, np.zeros((12, 16, 3), np.uint8))
        assert decode(write_dng(tmp_path / "a.dng", sensor)).pixels.shape == (48, 64, 3)

    def test_a_tiny_one_will_do_for_a_tiny_picture(
        self, tmp_path: Path, sensor: NDArray[np.uint16], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.embed(monkeypatch, np.full((12, 16, 3), 7, np.uint8))
        assert set(preview(write_dng(tmp_path / "a.dng", sensor), 12)[0]) == {7}

    def test_a_damaged_one_is_passed_over(
        self, tmp_path: Path, sensor: NDArray[np.uint16], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = SimpleNamespace(format=rawpy.ThumbFormat.JPEG, data=b"\xff\xd8\xff no picture")
        monkeypatch.setattr(raw, "_thumbnail", lambda _raw: found)
        assert decode(write_dng(tmp_path / "a.dng", sensor)).pixels.shape == (48, 64, 3)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "shape"), [("CRW.CRW", (960, 1440, 3)), ("canon_eos_6d.dng", (683, 1024, 3))])
def test_previews_of_real_cameras(name: str, shape: tuple[int, int, int], shared: Path) -> None:
    assert decode(shared / "photos" / "formats" / name).pixels.shape == shape
