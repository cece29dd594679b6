"""Thumbnails are small, upright and kept on disk; a bad cache costs only speed."""

import io
import logging
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging import thumbnails
from maclip_desktop.imaging.decode import decode_picture
from maclip_desktop.imaging.picture import Picture, Wanted
from maclip_desktop.imaging.room import Room
from maclip_desktop.imaging.thumbnails import ThumbnailCache, preview


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """600 x 300 pixels, stored on its side; red on the left when upright."""
    path = tmp_path / "large.jpg"
    image = Image.new("RGB", (600, 300), "blue")
    image.paste("red", (0, 0, 300, 300))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=95)
    return path


@pytest.fixture
def cache(tmp_path: Path) -> ThumbnailCache:
    return ThumbnailCache(tmp_path / "cache" / "thumbnails")


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg))
    assert image.format == "JPEG"
    return image


def stored_files(tmp_path: Path) -> list[Path]:
    return [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]


@pytest.fixture
def decodings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every decoding that is done, by path."""
    seen: list[Path] = []

    def counted(path: Path, wanted: Wanted, room: Room) -> Picture:
        seen.append(path)
        return decode_picture(path, wanted, room)

    monkeypatch.setattr(thumbnails, "decode_picture", counted)
    return seen


class TestPicture:
    def test_fits_the_side_upright_with_its_proportions(self, cache: ThumbnailCache, large: Path) -> None:
        image = opened(cache.load_or_make(large, 1, 1))
        assert image.size == (320, 160)
        left, right = image.getpixel((20, 80)), image.getpixel((300, 80))
        assert left == pytest.approx((254, 0, 0), abs=4)
        assert right == pytest.approx((0, 0, 254), abs=4)

    def test_says_nothing_of_orientation_a_second_time(self, cache: ThumbnailCache, large: Path) -> None:
        assert dict(opened(cache.load_or_make(large, 1, 1)).getexif()) == {}

    def test_is_never_enlarged(self, cache: ThumbnailCache, photo: Path) -> None:
        assert opened(cache.load_or_make(photo, 1, 1)).size == (64, 48)

    def test_a_very_long_picture_keeps_a_pixel_of_height(self, cache: ThumbnailCache, tmp_path: Path) -> None:
        Image.new("RGB", (4000, 2)).save(tmp_path / "a.png")
        assert opened(cache.load_or_make(tmp_path / "a.png", 1, 1)).size == (320, 1)

    def test_a_broken_photo_is_told_and_leaves_nothing(self, cache: ThumbnailCache, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").write_text("no picture")
        with pytest.raises(PhotoError):
            cache.load_or_make(tmp_path / "a.jpg", 1, 1)
        assert stored_files(tmp_path) == []


class TestCache:
    def test_the_second_time_nothing_is_decoded(
        self, cache: ThumbnailCache, photo: Path, decodings: list[Path]
    ) -> None:
        first = cache.load_or_make(photo, 1, 1)
        assert cache.load_or_make(photo, 1, 1) == first
        assert decodings == [photo]

    def test_another_program_run_finds_it(self, tmp_path: Path, photo: Path, decodings: list[Path]) -> None:
        for _ in range(2):
            ThumbnailCache(tmp_path / "cache").load_or_make(photo, 1, 1)
        assert decodings == [photo]

    @pytest.mark.parametrize(("size", "mtime_ns"), [(2, 1), (1, 2)])
    def test_a_changed_file_is_decoded_again(
        self, size: int, mtime_ns: int, cache: ThumbnailCache, photo: Path, decodings: list[Path]
    ) -> None:
        cache.load_or_make(photo, 1, 1)
        cache.load_or_make(photo, size, mtime_ns)
        assert len(decodings) == 2

    def test_keys_tell_file_state_and_side_apart(self, tmp_path: Path) -> None:
        small, large = ThumbnailCache(tmp_path, 100), ThumbnailCache(tmp_path, 200)
        keys = [small.key(Path("/a"), 1, 23), small.key(Path("/b"), 1, 23), small.key(Path("/a"), 12, 3)]
        assert len({*keys, large.key(Path("/a"), 1, 23)}) == 4
        assert keys[0] == small.key(Path("/a"), 1, 23)

    @pytest.mark.parametrize(
        "harm",
        [lambda content: b"", lambda content: content[:-40], lambda content: content[:99] + b"\0" + content[100:]],
        ids=["emptied", "torn", "one byte changed"],
    )
    def test_a_damaged_cached_file_is_made_again(
        self, harm: Callable[[bytes], bytes], cache: ThumbnailCache, tmp_path: Path, large: Path, decodings: list[Path]
    ) -> None:
        good = cache.load_or_make(large, 1, 1)
        [stored] = stored_files(tmp_path)
        whole = stored.read_bytes()
        stored.write_bytes(harm(whole))
        assert cache.load_or_make(large, 1, 1) == good
        assert stored.read_bytes() == whole
        assert len(decodings) == 2

    def test_a_cache_that_cannot_be_written_is_told_once_and_costs_only_speed(
        self, tmp_path: Path, photo: Path, large: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "file").touch()
        cache = ThumbnailCache(tmp_path / "file" / "thumbnails")
        with caplog.at_level(logging.WARNING):
            assert opened(cache.load_or_make(photo, 1, 1)).size == (64, 48)
            assert opened(cache.load_or_make(large, 1, 1)).size == (320, 160)
        assert [str(tmp_path / "file") in record.getMessage() for record in caplog.records] == [True]

    def test_a_failed_write_leaves_no_half_file(
        self, cache: ThumbnailCache, tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_args: object) -> NoReturn:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", full)
        cache.load_or_make(photo, 1, 1)
        assert stored_files(tmp_path) == []

    def test_many_threads_may_ask_at_once(self, cache: ThumbnailCache, tmp_path: Path, large: Path) -> None:
        paths = [Path(shutil.copy(large, tmp_path / f"{number}.jpg")) for number in range(4)]
        with ThreadPoolExecutor(8) as pool:
            made = set(pool.map(lambda path: cache.load_or_make(path, 1, 1), paths * 8))
        assert len(made) == 1
        assert len(stored_files(tmp_path)) == 4
        assert all(file.suffix == ".jpg" for file in stored_files(tmp_path))

    @pytest.mark.skipif(os.name == "nt", reason="names on Windows are always text")
    def test_a_name_that_is_no_text_has_a_thumbnail(self, cache: ThumbnailCache, tmp_path: Path, photo: Path) -> None:
        odd = photo.rename(tmp_path / "\udcff.jpg")
        assert opened(cache.load_or_make(odd, 1, 1)).size == (64, 48)


class TestPreview:
    def test_gives_rows_of_rgb_without_padding(self, tmp_path: Path, scene: NDArray[np.uint8]) -> None:
        narrow = scene[:, :63]
        Image.fromarray(narrow).save(tmp_path / "a.png")
        data, width, height = preview(tmp_path / "a.png", 200)
        assert (width, height) == (63, 48)
        np.testing.assert_array_equal(np.frombuffer(data, np.uint8).reshape(48, 63, 3), narrow)

    def test_is_upright_and_fits(self, large: Path) -> None:
        data, width, height = preview(large, 200)
        assert (width, height, len(data)) == (200, 100, 200 * 100 * 3)
        assert tuple(data[:3]) == pytest.approx((254, 0, 0), abs=4)


@pytest.mark.shared
def test_raw_previews_are_large_enough(shared: Path) -> None:
    """Opened as TIFF, which it is inside, this DNG would give 256 x 171 pixels."""
    assert preview(shared / "photos" / "formats" / "canon_eos_6d.dng", 1000)[1:] == (1000, 667)


@pytest.mark.parametrize(("fit", "short_sides"), [(100, range(34, 68)), (5000, range(400, 401))])
def test_no_more_is_decoded_than_the_small_picture_needs(fit: int, short_sides: range, tmp_path: Path) -> None:
    Image.new("RGB", (1200, 400)).save(tmp_path / "a.jpg")
    with Room() as room:
        assert decode_picture(tmp_path / "a.jpg", Wanted(fit=fit), room).image.height in short_sides
