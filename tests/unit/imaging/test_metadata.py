"""Size, capture time and camera, read without decoding the pixels."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base

from maclip_desktop.core.photo import PhotoInfo
from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging.metadata import camera_name, captured_at, read_info

NOON = 1795262400.0
"""2026-11-21 12:00:00 read as UTC."""


def jpeg(path: Path, main: dict[int, Any], sub: dict[int, Any]) -> Path:
    exif = Image.Exif()
    exif.update(main)
    exif.get_ifd(IFD.Exif).update(sub)
    Image.new("RGB", (40, 30)).save(path, exif=exif)
    return path


class TestCaptureTime:
    def test_the_moment_of_the_shutter_comes_first(self) -> None:
        tags: dict[int, Any] = {
            Base.DateTime: "2026:11:21 14:00:00",
            Base.DateTimeDigitized: "2026:11:21 13:00:00",
            Base.DateTimeOriginal: "2026:11:21 12:00:00",
        }
        assert captured_at(tags) == NOON

    @pytest.mark.parametrize("tag", [Base.DateTimeOriginal, Base.DateTimeDigitized, Base.DateTime])
    def test_any_of_the_three_will_do(self, tag: int) -> None:
        assert captured_at({tag: "2026:11:21 12:00:00"}) == NOON

    @pytest.mark.parametrize(
        "text", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2026:13:45 12:00:00", "", "garbage"]
    )
    def test_an_empty_or_impossible_time_gives_way_to_the_next(self, text: str) -> None:
        assert captured_at({Base.DateTimeOriginal: text, Base.DateTime: "2026:11:21 12:00:00"}) == NOON
        assert captured_at({Base.DateTimeOriginal: text}) is None

    @pytest.mark.parametrize(
        "text", ["2026:11:21 12:00:00\0", "2026-11-21 12:00:00", "2026-11-21T12:00:00+02:00", "2026/11/21 12:00:00.5"]
    )
    def test_other_ways_of_writing_are_understood(self, text: str) -> None:
        assert captured_at({Base.DateTimeOriginal: text}) == NOON

    @pytest.mark.parametrize(("digits", "fraction"), [("5", 0.5), ("05", 0.05), ("123 ", 0.123), ("", 0.0), ("x", 0.0)])
    def test_fractions_of_a_second_count(self, digits: str, fraction: float) -> None:
        tags: dict[int, Any] = {Base.DateTimeOriginal: "2026:11:21 12:00:00", Base.SubsecTimeOriginal: digits}
        assert captured_at(tags) == pytest.approx(NOON + fraction, abs=1e-6)

    def test_a_fraction_belongs_to_its_own_time(self) -> None:
        tags: dict[int, Any] = {Base.DateTime: "2026:11:21 12:00:00", Base.SubsecTimeOriginal: "5"}
        assert captured_at(tags) == NOON

    def test_times_before_1970_are_negative(self) -> None:
        assert captured_at({Base.DateTimeOriginal: "1969:12:31 23:59:59"}) == -1.0


@pytest.mark.parametrize(
    ("make", "model", "name"),
    [
        ("Canon", "Canon EOS 6D", "Canon EOS 6D"),
        ("NIKON CORPORATION", "NIKON D70", "NIKON D70"),
        ("Apple", "iPhone X", "Apple iPhone X"),
        ("SONY\0\0\0", "ILCE-7RM3 \0junk", "SONY ILCE-7RM3"),
        (b"FUJIFILM\0", b"X-T5\0", "FUJIFILM X-T5"),
        ("A\x01B\ud800\n C", "", "A B C"),
        ("", "E-M1", "E-M1"),
        ("Leica", None, "Leica"),
        (None, None, None),
        (7, (1, 2), None),
        ("", "x" * 5000, "x" * 100),
    ],
)
def test_camera_name(make: Any, model: Any, name: str | None) -> None:
    assert camera_name({Base.Make: make, Base.Model: model}) == name


class TestReadInfo:
    def test_reads_both_directories(self, tmp_path: Path) -> None:
        path = jpeg(
            tmp_path / "a.jpg",
            {Base.Make: "Canon", Base.Model: "Canon EOS 6D", Base.Orientation: 6},
            {Base.DateTimeOriginal: "2026:11:21 12:00:00", Base.SubsecTimeOriginal: "25"},
        )
        assert read_info(path) == PhotoInfo(width=30, height=40, captured_at=NOON + 0.25, camera="Canon EOS 6D")

    def test_a_photo_without_exif(self, tmp_path: Path) -> None:
        Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
        assert read_info(tmp_path / "a.png") == PhotoInfo(width=40, height=30)

    def test_decodes_no_pixels(self, photo: Path) -> None:
        """A photo whose header is whole says who it is, even if the rest was cut off."""
        photo.write_bytes(photo.read_bytes()[:700])
        assert (read_info(photo).width, read_info(photo).height) == (64, 48)

    def test_what_is_no_picture_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").write_text("no picture")
        with pytest.raises(PhotoError, match="no picture"):
            read_info(tmp_path / "a.jpg")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "info"),
    [
        ("formats/CRW.CRW", PhotoInfo(2176, 1448, 1514811812.0, "Canon EOS D30")),
        ("formats/IMG_1361.dng", PhotoInfo(3024, 4032, 1609251885.7, "Apple iPhone 12 Pro")),
        ("formats/subsec_timezone.heic", PhotoInfo(3024, 4032, 1761661222.164, "Apple iPhone 15 Pro")),
        ("formats/Irvine_CA.avif", PhotoInfo(480, 640, 1273575105.87, "Apple iPhone 3GS")),
        ("exif_gps/Issue 473 (Java).webp", PhotoInfo(240, 320, 1535372423.738, "Apple iPhone X")),
        ("exif_gps/example.tif", PhotoInfo(100, 67, 1447996830.0, "Canon EOS 6D")),
        ("exif_gps/DSCN0021.jpg", PhotoInfo(640, 480, 1224693500.0, "NIKON COOLPIX P6000")),
    ],
)
def test_files_of_real_cameras(name: str, info: PhotoInfo, shared: Path) -> None:
    assert read_info(shared / "photos" / name) == info
