"""Decoding in another process gives what decoding here gives, pixel by pixel and word by word."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging import limits
from maclip_desktop.imaging.apart import asking, decoding_apart
from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.imaging.thumbnails import ThumbnailCache, preview, thumbnail

Read = Callable[[Path], Any]

READS: dict[str, Read] = {
    "whole": decode,
    "reduced": lambda path: decode(path, min_side=20, colour_managed=True),
    "info": read_info,
    "thumbnail": lambda path: thumbnail(path, 32),
    "preview": lambda path: preview(path, 50),
}


def outcome(read: Read, path: Path) -> Any:
    """What reading gives, or the error's kind and sentence."""
    try:
        return read(path)
    except PhotoError as error:
        return type(error), str(error)


def assert_same(here: Any, apart: Any) -> None:
    if isinstance(here, DecodedPhoto):
        assert isinstance(apart, DecodedPhoto)
        assert (apart.width, apart.height) == (here.width, here.height)
        assert apart.pixels.flags.c_contiguous
        np.testing.assert_array_equal(apart.pixels, here.pixels)
    else:
        assert apart == here


def assert_both_ways_agree(paths: list[Path]) -> None:
    here = [outcome(read, path) for path in paths for read in READS.values()]
    with decoding_apart() as decoders:
        apart = [outcome(read, path) for path in paths for read in READS.values()]
        assert len(decoders.pids()) == 1, "one child did it all"
    for one, other in zip(here, apart, strict=True):
        assert_same(one, other)


@pytest.fixture
def apart() -> Iterator[None]:
    with decoding_apart():
        yield


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp", "gif", "avif"])
def test_formats_decode_alike(suffix: str, tmp_path: Path, scene: NDArray[np.uint8]) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "Camera"
    Image.fromarray(scene).save(tmp_path / f"a.{suffix}", exif=exif)  # which a GIF has no place for
    assert_both_ways_agree([tmp_path / f"a.{suffix}"])


def test_a_photo_of_many_bands_arrives_whole(tmp_path: Path) -> None:
    pixels = np.random.default_rng(4).integers(0, 256, (1500, 1001, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.bmp")
    with decoding_apart():
        np.testing.assert_array_equal(decode(tmp_path / "a.bmp").pixels, pixels)


def test_failures_are_said_alike(tmp_path: Path, photo: Path) -> None:
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "cut.jpg").write_bytes(photo.read_bytes()[:700])
    (tmp_path / "sensor.dng").write_bytes(photo.read_bytes())
    missing = tmp_path / "missing.jpg"
    assert_both_ways_agree([tmp_path, missing, *sorted(tmp_path.glob("*.*"))])


@pytest.mark.shared
def test_real_files_agree(shared: Path) -> None:
    photos = shared / "photos"
    names = ("canon_eos_6d.dng", "CRW.CRW", "wrong.heic", "cheers_1440x960.heic", "IMG_1361.dng", "pil_sample_cmyk.jpg")
    broken = sorted(file for file in (photos / "broken").rglob("*") if file.is_file())
    assert_both_ways_agree([*(photos / "formats" / name for name in names), *broken[::9]])


def test_thumbnails_are_made_there_and_kept_here(apart: None, tmp_path: Path, photo: Path) -> None:
    cache = ThumbnailCache(tmp_path / "cache")
    made = cache.load_or_make(photo, 1, 1)
    asking.end()
    assert cache.load_or_make(photo, 1, 1) == made == thumbnail(photo, 320)


def test_a_relative_path_is_one_of_the_parents_folder(
    apart: None, tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode(photo)
    monkeypatch.chdir(tmp_path)
    assert decode(Path(photo.name)).width == 64


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names are always text there")
def test_a_name_that_is_no_text_can_be_sent(apart: None, tmp_path: Path, photo: Path) -> None:
    assert decode(photo.rename(tmp_path / "\udcff.jpg")).width == 64


def test_the_limit_of_pixels_is_the_parents(apart: None, photo: Path) -> None:
    assert decode(photo).width == 64
    before = limits.max_pixels()
    limits.set_max_pixels(64 * 48 - 1)
    try:
        with pytest.raises(PhotoError, match="too large"):
            decode(photo)
    finally:
        limits.set_max_pixels(before)
    assert decode(photo).width == 64
