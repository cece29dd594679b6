"""Decoding: whatever a file holds comes out as upright 8-bit RGB."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging.decode import decode

Pixels = NDArray[np.uint8]


def written(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


def one_colour(path: Path, mode: str, colour: Any, **options: Any) -> tuple[int, ...]:
    """The colour that a picture filled with *colour* has after decoding."""
    written(path, Image.new(mode, (8, 6), colour), **options)
    pixels = decode(path).pixels
    assert (pixels == pixels[0, 0]).all()
    return tuple(int(channel) for channel in pixels[0, 0])


def array_as_tiff(path: Path, values: NDArray[Any]) -> Pixels:
    return decode(written(path, Image.fromarray(values))).pixels


class TestFormats:
    @pytest.mark.parametrize(
        ("suffix", "options"),
        [
            ("png", {}),
            ("tif", {}),
            ("bmp", {}),
            ("ppm", {}),
            ("webp", {"lossless": True}),
            ("tiff", {"compression": "tiff_lzw"}),
        ],
    )
    def test_lossless_files_come_back_exactly(
        self, suffix: str, options: dict[str, Any], tmp_path: Path, scene: Pixels
    ) -> None:
        photo = decode(written(tmp_path / f"a.{suffix}", Image.fromarray(scene), **options))
        np.testing.assert_array_equal(photo.pixels, scene)

    @pytest.mark.parametrize(("suffix", "quality"), [("jpg", 95), ("webp", 95), ("avif", 95), ("jp2", None)])
    def test_lossy_files_come_back_nearly(
        self, suffix: str, quality: int | None, tmp_path: Path, scene: Pixels
    ) -> None:
        options = {"quality": quality} if quality else {}
        photo = decode(written(tmp_path / f"a.{suffix}", Image.fromarray(scene), **options))
        assert np.abs(photo.pixels.astype(int) - scene).mean() < 6

    def test_the_array_is_as_promised(self, photo: Path) -> None:
        decoded = decode(photo)
        assert decoded.pixels.shape == (48, 64, 3)
        assert decoded.pixels.dtype == np.uint8
        assert decoded.pixels.flags.c_contiguous
        assert decoded.pixels.flags.writeable, "torch warns of arrays it may not write to"
        assert (decoded.width, decoded.height) == (64, 48)

    def test_a_tall_picture_is_complete(self, tmp_path: Path) -> None:
        """Pixels are copied in bands of rows; the last band is a short one."""
        scene = np.random.default_rng(1).integers(0, 256, (1100, 3, 3), dtype=np.uint8)
        np.testing.assert_array_equal(decode(written(tmp_path / "a.png", Image.fromarray(scene))).pixels, scene)

    @pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "gif", "webp", "avif", "bmp", "ppm"])
    def test_a_single_pixel(self, suffix: str, tmp_path: Path) -> None:
        assert decode(written(tmp_path / f"a.{suffix}", Image.new("RGB", (1, 1)))).pixels.shape == (1, 1, 3)

    def test_the_content_decides_and_not_the_suffix(self, tmp_path: Path, scene: Pixels) -> None:
        path = written(tmp_path / "really_png.jpg", Image.fromarray(scene), format="PNG")
        np.testing.assert_array_equal(decode(path).pixels, scene)

    def test_an_avif_that_names_its_container_first_is_not_taken_for_heic(self, tmp_path: Path) -> None:
        path = written(tmp_path / "a.avif", Image.new("RGB", (8, 6), "white"))
        content = bytearray(path.read_bytes())
        assert content[4:12] == b"ftypavif"
        content[8:12] = b"mif1"
        path.write_bytes(content)
        assert decode(path).pixels.min() > 250

    @pytest.mark.parametrize("suffix", ["gif", "webp", "png", "tif"])
    def test_the_first_of_several_frames_counts(self, suffix: str, tmp_path: Path) -> None:
        frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue", "lime")]
        options = {"lossless": True} if suffix == "webp" else {}
        path = written(tmp_path / f"a.{suffix}", frames[0], save_all=True, append_images=frames[1:], **options)
        np.testing.assert_array_equal(decode(path).pixels[3, 4], [255, 0, 0])

    def test_the_first_picture_of_an_mpo_counts(self, tmp_path: Path) -> None:
        frames = [Image.new("RGB", (16, 16), colour) for colour in ("white", "black")]
        path = written(tmp_path / "a.mpo", frames[0], save_all=True, append_images=frames[1:])
        assert decode(path).pixels.min() > 250


class TestModes:
    @pytest.mark.parametrize(
        ("mode", "colour", "expected"),
        [
            ("1", 1, (255, 255, 255)),
            ("L", 77, (77, 77, 77)),
            ("LA", (200, 255), (200, 200, 200)),
            ("LA", (200, 0), (128, 128, 128)),
            ("P", 0, (0, 0, 0)),
            ("RGB", (1, 2, 3), (1, 2, 3)),
            ("RGBA", (10, 20, 30, 255), (10, 20, 30)),
            ("RGBA", (10, 20, 30, 0), (128, 128, 128)),
            ("RGBA", (255, 0, 0, 128), (192, 64, 64)),
        ],
    )
    def test_png(self, mode: str, colour: Any, expected: tuple[int, ...], tmp_path: Path) -> None:
        assert one_colour(tmp_path / "a.png", mode, colour) == pytest.approx(expected, abs=1)

    @pytest.mark.parametrize(
        ("mode", "colour", "expected"),
        [
            ("CMYK", (0, 255, 255, 0), (255, 0, 0)),
            ("LAB", (255, 128, 128), (255, 255, 255)),
            ("YCbCr", (255, 128, 128), (255,) * 3),
        ],
    )
    def test_tiff(self, mode: str, colour: Any, expected: tuple[int, ...], tmp_path: Path) -> None:
        image = Image.new(mode, (8, 6))
        image.paste(colour, (0, 0, 8, 6))
        pixels = decode(written(tmp_path / "a.tif", image)).pixels
        assert pixels[2, 2].tolist() == pytest.approx(expected, abs=2)

    def test_cmyk_jpeg(self, tmp_path: Path) -> None:
        assert one_colour(tmp_path / "a.jpg", "CMYK", (0, 0, 0, 0)) == (255, 255, 255)

    def test_a_palette_with_a_transparent_colour_shows_the_grey_ground(self, tmp_path: Path) -> None:
        image = Image.new("P", (8, 6), 1)
        image.putpalette([0, 0, 0, 255, 0, 0])
        image.paste(0, (0, 0, 4, 6))
        pixels = decode(written(tmp_path / "a.png", image, transparency=0)).pixels
        assert (pixels[2, 1].tolist(), pixels[2, 6].tolist()) == ([128] * 3, [255, 0, 0])

    def test_a_colour_named_transparent_shows_the_grey_ground(self, tmp_path: Path) -> None:
        path = written(tmp_path / "a.png", Image.new("RGB", (8, 6), (9, 9, 9)), transparency=(9, 9, 9))
        assert decode(path).pixels[2, 2].tolist() == [128] * 3


@pytest.mark.filterwarnings("error")
class TestDeepChannels:
    def test_sixteen_bits_are_scaled_and_not_clipped(self, tmp_path: Path) -> None:
        ramp = np.arange(0, 65536, 256, dtype=np.uint16).reshape(16, 16)
        for suffix in ("png", "tif"):
            pixels = array_as_tiff(tmp_path / f"a.{suffix}", ramp)
            np.testing.assert_array_equal(pixels[..., 0], np.arange(256).reshape(16, 16))

    def test_sixteen_bit_white_is_white(self, tmp_path: Path) -> None:
        assert array_as_tiff(tmp_path / "a.png", np.full((4, 4), 65535, np.uint16)).min() == 255

    @pytest.mark.parametrize(
        ("values", "expected"),
        [
            ([0.0, 0.5, 1.0], [0, 128, 255]),
            ([0.0, 100.0, 255.0], [0, 100, 255]),
            ([0.0, 32768.0, 65535.0], [0, 128, 255]),
            ([0.0, 1e6, 2e6], [0, 128, 255]),
            ([np.nan, 0.5, 1.0], [0, 128, 255]),
            ([-np.inf, 0.5, np.inf], [0, 128, 255]),
            ([-5.0, 0.0, 1.0], [0, 0, 255]),
            ([np.inf, np.inf, np.inf], [255, 255, 255]),
        ],
    )
    def test_floats_of_any_range(self, values: list[float], expected: list[int], tmp_path: Path) -> None:
        pixels = array_as_tiff(tmp_path / "a.tif", np.array([values] * 2, dtype=np.float32))
        assert pixels[0, :, 0].tolist() == pytest.approx(expected, abs=1)

    def test_a_picture_without_a_single_number_is_refused_by_name(self, tmp_path: Path) -> None:
        with pytest.raises(PhotoError, match=r"a\.tif holds no picture, as none of its values is a number"):
            array_as_tiff(tmp_path / "a.tif", np.full((2, 3), np.nan, dtype=np.float32))

    @pytest.mark.parametrize(
        ("values", "expected"),
        [([0, 1, 255], [0, 1, 255]), ([0, 257, 65535], [0, 1, 255]), ([-9, 0, 2**30], [0, 0, 255])],
    )
    def test_whole_numbers_of_any_range(self, values: list[int], expected: list[int], tmp_path: Path) -> None:
        pixels = array_as_tiff(tmp_path / "a.tif", np.array([values] * 2, dtype=np.int32))
        assert pixels[0, :, 0].tolist() == expected


class TestReduced:
    @pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
    @pytest.mark.parametrize(
        ("min_side", "allowed"), [(100, range(100, 200)), (299, range(299, 301)), (1, range(1, 12))]
    )
    def test_never_below_what_is_asked_and_far_below_the_original(
        self, suffix: str, min_side: int, allowed: range, tmp_path: Path
    ) -> None:
        photo = decode(written(tmp_path / f"a.{suffix}", Image.new("RGB", (457, 300), "teal")), min_side=min_side)
        assert min(photo.pixels.shape[:2]) in allowed
        assert (photo.width, photo.height) == (457, 300)

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
    def test_every_mode_can_be_reduced(self, mode: str, tmp_path: Path) -> None:
        path = written(tmp_path / "a.png", Image.new(mode, (64, 32)))
        assert decode(path, min_side=8).pixels.shape == (8, 16, 3)

    def test_a_small_picture_is_not_enlarged(self, photo: Path) -> None:
        assert decode(photo, min_side=5000).pixels.shape == (48, 64, 3)

    def test_looks_like_the_original(self, tmp_path: Path) -> None:
        ramp = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
        path = written(tmp_path / "a.jpg", Image.fromarray(np.stack([ramp] * 3, axis=-1)), quality=95)
        small = decode(path, min_side=32).pixels[:, :, 0]
        np.testing.assert_allclose(small[16], np.arange(32) * 8 + 3.5, atol=3)


class TestColour:
    def test_a_profile_is_only_used_where_asked_for(self, tmp_path: Path) -> None:
        path = written(tmp_path / "a.png", Image.new("RGB", (8, 6), (128, 128, 128)), icc_profile=linear_profile())
        assert decode(path).pixels[0, 0].tolist() == [128] * 3
        # Linear 0.5 is 188 in sRGB.
        assert decode(path, colour_managed=True).pixels[0, 0].tolist() == pytest.approx([188] * 3, abs=2)

    def test_the_transparency_of_a_converted_picture_stays(self, tmp_path: Path) -> None:
        path = written(tmp_path / "a.png", Image.new("RGBA", (8, 6), (255, 0, 0, 0)), icc_profile=linear_profile())
        assert decode(path, colour_managed=True).pixels[0, 0].tolist() == [128] * 3

    def test_srgb_stays_as_it_is(self, tmp_path: Path, scene: Pixels) -> None:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        path = written(tmp_path / "a.png", Image.fromarray(scene), icc_profile=profile)
        assert np.abs(decode(path, colour_managed=True).pixels.astype(int) - scene).max() <= 1

    @pytest.mark.parametrize("profile", [b"no profile at all", b"\0" * 200])
    def test_a_broken_profile_is_ignored(self, profile: bytes, tmp_path: Path, scene: Pixels) -> None:
        path = written(tmp_path / "a.png", Image.fromarray(scene), icc_profile=profile)
        np.testing.assert_array_equal(decode(path, colour_managed=True).pixels, scene)

    @pytest.mark.parametrize("mode", ["CMYK", "L"])
    def test_a_profile_for_other_channels_never_loses_the_photo(self, mode: str, tmp_path: Path) -> None:
        path = written(tmp_path / "a.jpg", Image.new(mode, (8, 6)), icc_profile=linear_profile())
        assert decode(path, colour_managed=True).pixels.shape == (6, 8, 3)


def linear_profile() -> bytes:
    """sRGB's primaries with a straight line in place of its curves."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    out = io.BytesIO(profile)
    count = int.from_bytes(profile[128:132], "big")
    for at in range(132, 132 + 12 * count, 12):
        if profile[at + 1 : at + 4] == b"TRC":
            offset = int.from_bytes(profile[at + 4 : at + 8], "big")
            out.seek(offset)
            # ICC.1:2010 10.5, a curve of no points: the identity.
            out.write(b"curv" + bytes(8))
            out.seek(at + 8)
            out.write((12).to_bytes(4, "big"))
    return out.getvalue()
