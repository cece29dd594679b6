"""Photos are upright, however the camera was held."""

import io
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.imaging.thumbnails import preview

# How the upright picture must be stored so that the orientation turns it back: the inverse of each turn.
STORED_BY = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def stored(path: Path, scene: NDArray[np.uint8], orientation: int) -> Path:
    image, turn = Image.fromarray(scene), STORED_BY[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, Any] = {"lossless": True} if path.suffix == ".webp" else {}
    (image if turn is None else image.transpose(turn)).save(path, exif=exif, **options)
    return path


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
class TestEveryOrientation:
    def test_gives_the_same_upright_picture(
        self, suffix: str, orientation: int, tmp_path: Path, scene: NDArray[np.uint8]
    ) -> None:
        photo = decode(stored(tmp_path / f"a.{suffix}", scene, orientation))
        np.testing.assert_array_equal(photo.pixels, scene)
        assert (photo.width, photo.height) == (64, 48)

    def test_has_its_upright_size_before_decoding(
        self, suffix: str, orientation: int, tmp_path: Path, scene: NDArray[np.uint8]
    ) -> None:
        info = read_info(stored(tmp_path / f"a.{suffix}", scene, orientation))
        assert (info.width, info.height) == (64, 48)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_reduced_jpeg_is_upright_too(orientation: int, tmp_path: Path, scene: NDArray[np.uint8]) -> None:
    large = scene.repeat(8, axis=0).repeat(8, axis=1)
    photo = decode(stored(tmp_path / "a.jpg", large, orientation), min_side=48)
    assert (photo.pixels.shape, photo.width, photo.height) == ((48, 64, 3), 512, 384)
    assert np.abs(photo.pixels.astype(int) - scene).mean() < 6


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_makes_no_sense_turns_nothing(
    orientation: int, tmp_path: Path, scene: NDArray[np.uint8]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(scene).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(decode(tmp_path / "a.png").pixels, scene)


def test_damaged_exif_does_not_lose_the_photo(tmp_path: Path, scene: NDArray[np.uint8]) -> None:
    """And Pillow's warning about it stays inside: the suite turns warnings into errors where this is read."""
    out = io.BytesIO()
    Image.fromarray(scene).save(out, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01")
    (tmp_path / "a.jpg").write_bytes(out.getvalue())
    assert decode(tmp_path / "a.jpg").pixels.shape == (48, 64, 3)
    assert read_info(tmp_path / "a.jpg").width == 64


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["Landscape", "Portrait"])
def test_camera_files_of_every_orientation_agree(kind: str, shared: Path) -> None:
    upright = decode(shared / "photos" / "orientation" / f"{kind}_1.jpg").pixels.astype(int)
    for orientation in range(9):
        photo = decode(shared / "photos" / "orientation" / f"{kind}_{orientation}.jpg")
        assert photo.pixels.shape == upright.shape
        # Each was compressed anew after its turn; a wrong turn differs by far more than that.
        assert np.abs(photo.pixels - upright).mean() < 4.0, orientation


@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["kimono.rotate90.avif", "rot1mir1.avif", "hopper_orientation_6.webp", "g4_orientation_7.tif"]
)
def test_turned_once_and_as_pillow_turns(name: str, shared: Path) -> None:
    path = shared / "photos" / "formats" / name
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    np.testing.assert_array_equal(decode(path).pixels, expected)
    assert (read_info(path).width, read_info(path).height) == (expected.shape[1], expected.shape[0])


@pytest.mark.shared
def test_heic_is_turned_by_its_decoder_only(shared: Path) -> None:
    """A portrait from a phone: the container turns it, and its EXIF says so a second time."""
    path = shared / "photos" / "formats" / "subsec_timezone.heic"
    assert decode(path, min_side=200).pixels.shape[0] > decode(path, min_side=200).pixels.shape[1]
    assert (read_info(path).width, read_info(path).height) == (3024, 4032)


@pytest.mark.shared
def test_raw_files_keep_their_name_whatever_it_is(shared: Path, tmp_path: Path) -> None:
    for name in ("ö 写真.crw", "\udcff.crw"):
        copy = tmp_path / name
        shutil.copy(shared / "photos" / "formats" / "CRW.CRW", copy)
        assert preview(copy, 320)[1:] == (320, 213)
        copy.unlink()
