"""RAW files: the embedded preview where it is good enough, else the sensor data at half size."""

import io
import struct
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest
import rawpy
from numpy.typing import NDArray
from PIL import Image
from PIL.ExifTags import Base

from maclip_desktop.core.photo import Capture, PhotoInfo
from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging import raw
from maclip_desktop.imaging.capture import has_place
from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.imaging.raw_said import completed, said_by_raw
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

    @pytest.mark.parametrize(
        ("orientation", "bright"),
        [(2, "right"), (3, "right"), (4, "left"), (5, "top"), (6, "top"), (7, "bottom"), (8, "bottom")],
    )
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


class TestTurnOfPreviews:
    """A preview on its side is turned, one that is upright already is not; the size of the whole picture tells."""

    def embed(self, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], orientation: int | None) -> None:
        exif = Image.Exif()
        if orientation:
            exif[0x0112] = orientation
        image = Image.new("RGB", size, "black")
        image.paste("white", (0, 0, size[0] // 2, size[1] // 2))
        out = io.BytesIO()
        image.save(out, "JPEG", exif=exif, quality=95)
        found = SimpleNamespace(format=rawpy.ThumbFormat.JPEG, data=out.getvalue())
        monkeypatch.setattr(raw, "_thumbnail", lambda _raw: found)

    @pytest.mark.parametrize(
        ("size", "own", "of_raw", "bright"),
        [
            ((80, 60), None, 1, "top left"),
            ((80, 60), None, 6, "top right"),
            ((80, 60), 6, 6, "top right"),
            ((80, 60), 8, 6, "bottom left"),
            ((60, 80), None, 6, "top left"),
            ((60, 80), 6, 6, "top left"),
            ((60, 80), 1, 6, "top left"),
            ((80, 60), 1, 6, "top right"),
            ((80, 60), 3, 1, "bottom right"),
            ((80, 60), 1, 3, "top left"),
            ((80, 60), 6, 1, "top left"),
        ],
    )
    def test_is_right(
        self,
        size: tuple[int, int],
        own: int | None,
        of_raw: int,
        bright: str,
        tmp_path: Path,
        sensor: NDArray[np.uint16],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.embed(monkeypatch, size, own)
        photo = decode(write_dng(tmp_path / "a.dng", sensor, of_raw))
        height, width = photo.pixels.shape[:2]
        assert (width > height) == (photo.width > photo.height)
        corners = {
            "top left": photo.pixels[5, 5],
            "top right": photo.pixels[5, -5],
            "bottom left": photo.pixels[-5, 5],
            "bottom right": photo.pixels[-5, -5],
        }
        assert max(corners, key=lambda name: int(corners[name].sum())) == bright


class TestNames:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
    def test_a_finished_picture_called_raw_is_opened_as_what_it_is(self, kind: str, tmp_path: Path) -> None:
        path = tmp_path / "a.nef"
        Image.new("RGB", (40, 30), "teal").save(path, kind)
        assert decode(path).pixels.shape == (30, 40, 3)
        assert (read_info(path).width, read_info(path).height) == (40, 30)


def directory(tags: dict[int, Any], *, first: bytes = b"II*\0") -> bytes:
    """A TIFF of one directory, whose first four bytes are *first*."""
    exif = Image.Exif()
    exif.endian = "<"
    exif.update(tags)
    return first + exif.tobytes()[10:]


class TestWhatItSays:
    """Directories are real; LibRaw's side of the file is set here."""

    SILENT = SimpleNamespace(other=None, lens=None)

    @pytest.fixture(autouse=True)
    def no_preview(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(raw, "preview_jpeg", lambda _file: None)

    @pytest.mark.parametrize("first", [b"II*\0", b"IIRO", b"IIRS", b"IIU\0"])
    def test_tiffs_of_all_makers_are_read(self, first: bytes, tmp_path: Path) -> None:
        path = tmp_path / "a.orf"
        path.write_bytes(directory({Base.Model: "E-M1", Base.Rating: 4}, first=first))
        said = said_by_raw(path, self.SILENT)
        assert (said.tags[Base.Model], said.tags[Base.Rating]) == ("E-M1", 4)

    def test_the_boxes_of_a_cr3_are_read(self, tmp_path: Path) -> None:
        boxes = {
            b"CMT1": directory({Base.Model: "Canon EOS R5"}),
            b"CMT2": directory({Base.ISOSpeedRatings: 200, Base.OffsetTimeOriginal: "+02:00"}),
            b"CMT3": b"makernotes",
            b"CMT4": directory({2: (51.0, 30.0, 0.0), 4: (7.0, 0.0, 0.0)}),
        }
        content = b"".join((8 + len(body)).to_bytes(4, "big") + name + body for name, body in boxes.items())
        path = tmp_path / "a.cr3"
        path.write_bytes(b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + content + bytes(100))
        said = said_by_raw(path, self.SILENT)
        assert said.tags[Base.Model] == "Canon EOS R5"
        assert said.tags[Base.ISOSpeedRatings] == 200
        assert has_place(said.gps)

    @pytest.mark.parametrize("content", [b"", b"II*\0\xff\xff\xff\x7f", b"\0\0\0\x18ftypcrx CMT1", b"CMT1" * 9])
    def test_nonsense_says_nothing(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "a.raf").write_bytes(content)
        said = said_by_raw(tmp_path / "a.raf", self.SILENT)
        assert (said.tags, said.gps, said.xmp) == ({}, {}, None)

    def test_a_preview_adds_what_the_file_itself_does_not_say(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        exif = Image.Exif()
        exif.update({Base.Model: "of the preview", Base.Make: "Olympus"})
        out = io.BytesIO()
        Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif)
        monkeypatch.setattr(raw, "preview_jpeg", lambda _file: out.getvalue())
        (tmp_path / "a.orf").write_bytes(directory({Base.Model: "E-M1"}))
        said = said_by_raw(tmp_path / "a.orf", self.SILENT)
        assert (said.tags[Base.Make], said.tags[Base.Model]) == ("Olympus", "E-M1")

    def test_a_damaged_preview_adds_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(raw, "preview_jpeg", lambda _file: b"\xff\xd8\xff\xe1\0\x08Exif")
        (tmp_path / "a.orf").write_bytes(directory({Base.Model: "E-M1"}))
        assert said_by_raw(tmp_path / "a.orf", self.SILENT).tags[Base.Model] == "E-M1"

    def test_the_reader_is_asked_where_nobody_else_says_how_it_was_taken(self) -> None:
        other = SimpleNamespace(
            shutter_speed=0.005,
            aperture=5.5959,
            iso_speed=200.4,
            focal_length=31.0,
            timestamp=datetime(2026, 11, 21, 12),
        )
        file = SimpleNamespace(other=other, lens=SimpleNamespace(model="RF 50mm", make="Canon"))
        info = PhotoInfo(30, 20, None, "X", Capture(has_gps=True))
        read = Capture(None, "Canon RF 50mm", 0.005, 5.6, 200, 31.0, True)
        assert completed(info, file) == PhotoInfo(30, 20, 1795262400.0, "X", read)
        earlier = replace(info, captured_at=5.0)
        assert completed(earlier, file) == PhotoInfo(30, 20, 5.0, "X", read)

    def test_the_reader_is_not_asked_otherwise(self) -> None:
        """It decodes the whole sensor before it answers."""

        class Silent:
            @property
            def other(self) -> NoReturn:
                raise AssertionError("asked")

        info = PhotoInfo(30, 20, 5.0, None, Capture(iso=100))
        assert completed(info, Silent()) == info

    def test_a_reader_that_knows_nothing_adds_nothing(self) -> None:
        nothing = float("nan")
        other = SimpleNamespace(shutter_speed=0.0, aperture=nothing, iso_speed=nothing, focal_length=float("inf"))
        info = PhotoInfo(30, 20)
        for file in (self.SILENT, SimpleNamespace(other=other, lens=SimpleNamespace(model="", make=""))):
            assert completed(info, file) == info

    def test_a_reader_that_fails_costs_nothing(self) -> None:
        class Damaged:
            @property
            def other(self) -> NoReturn:
                raise rawpy.LibRawDataError

        assert completed(PhotoInfo(30, 20), Damaged()) == PhotoInfo(30, 20)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "shape"), [("CRW.CRW", (960, 1440, 3)), ("canon_eos_6d.dng", (683, 1024, 3))])
def test_previews_of_real_cameras(name: str, shape: tuple[int, int, int], shared: Path) -> None:
    assert decode(shared / "photos" / "formats" / name).pixels.shape == shape
