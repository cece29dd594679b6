"""Colours of every kind of file come out as sRGB."""

import io
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL.ExifTags import IFD

from maclip_desktop.imaging.colour import to_srgb
from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.given import from_image
from maclip_desktop.imaging.matrix_profile import (
    ADOBE_CURVE,
    ADOBE_RGB,
    BT_2020,
    DISPLAY_P3,
    SRGB_CURVE,
    Curve,
    Primaries,
    matrix_profile,
)
from maclip_desktop.imaging.profiles import profile_or_none
from maclip_desktop.imaging.transforms import Transforms, to_srgb_transform

P3 = matrix_profile(DISPLAY_P3, SRGB_CURVE)
ADOBE = matrix_profile(ADOBE_RGB, ADOBE_CURVE)
SRGB_PRIMARIES = Primaries((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
STRAIGHT = Curve(0, (1.0,))
LINEAR = matrix_profile(SRGB_PRIMARIES, STRAIGHT)


def converted(colour: Any, profile: bytes, mode: str = "RGB") -> list[int]:
    return np.asarray(to_srgb(Image.new(mode, (1, 1), colour), profile))[0, 0].tolist()


def builtin(name: str) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()  # type: ignore[arg-type]


def grey_profile(curve: Curve) -> bytes:
    """A profile of one channel, ICC.1:2010 version 4: a curve and the white of D50."""
    profile = bytearray(matrix_profile(SRGB_PRIMARIES, curve))
    profile[16:20] = b"GRAY"
    return bytes(profile.replace(b"rTRC", b"kTRC", 1))


class TestConversion:
    """Expected values by the published matrices: the colour in light, sRGB's matrix, sRGB's curve."""

    @pytest.mark.parametrize(
        ("profile", "colour", "expected"),
        [
            (P3, (128, 128, 128), (128, 128, 128)),
            (P3, (200, 100, 100), (214, 93, 97)),
            (P3, (255, 0, 0), (255, 0, 0)),
            (ADOBE, (128, 128, 128), (128, 128, 128)),
            (ADOBE, (150, 120, 100), (160, 120, 98)),
            (LINEAR, (55, 55, 55), (128, 128, 128)),
        ],
    )
    def test_of_colours(self, profile: bytes, colour: tuple[int, ...], expected: tuple[int, ...]) -> None:
        assert converted(colour, profile) == pytest.approx(expected, abs=2)

    def test_transparency_stays(self) -> None:
        assert converted((55, 55, 55, 77), LINEAR, "RGBA") == pytest.approx([128, 128, 128, 77], abs=1)
        assert converted((55, 77), LINEAR, "LA") == pytest.approx([128, 128, 128, 77], abs=1)

    def test_of_grey_by_a_profile_for_grey_or_for_colour(self) -> None:
        for profile in (LINEAR, grey_profile(STRAIGHT)):
            assert converted(55, profile, "L") == pytest.approx([128] * 3, abs=1)
        assert converted((55, 77), grey_profile(STRAIGHT), "LA") == pytest.approx([128, 128, 128, 77], abs=1)

    def test_of_a_palette(self, tmp_path: Path) -> None:
        image = Image.new("P", (4, 4), 0)
        image.putpalette([55, 55, 55])
        image.save(tmp_path / "a.png", icc_profile=LINEAR)
        assert decode(tmp_path / "a.png", colour_managed=True).pixels[0, 0].tolist() == pytest.approx([128] * 3, abs=1)

    @pytest.mark.parametrize("suffix", ["png", "tif"])
    def test_of_sixteen_bits(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / f"a.{suffix}"
        Image.fromarray(np.full((4, 4), 55 * 257, np.uint16)).save(path, icc_profile=grey_profile(STRAIGHT))
        assert decode(path, colour_managed=True).pixels[0, 0].tolist() == pytest.approx([128] * 3, abs=1)

    def test_of_lab(self, tmp_path: Path) -> None:
        image = Image.new("LAB", (4, 4))
        image.paste((137, 128, 128), (0, 0, 4, 4))
        image.save(tmp_path / "a.tif", icc_profile=builtin("LAB"))
        assert decode(tmp_path / "a.tif", colour_managed=True).pixels[0, 0].tolist() == pytest.approx([128] * 3, abs=2)

    @pytest.mark.parametrize("profile", [P3, builtin("LAB"), builtin("XYZ"), grey_profile(STRAIGHT)])
    def test_a_profile_for_other_channels_is_passed_over(self, profile: bytes) -> None:
        assert to_srgb(Image.new("CMYK", (1, 1), (1, 2, 3, 4)), profile).getpixel((0, 0)) == (1, 2, 3, 4)

    @pytest.mark.parametrize("share", [0.1, 0.4, 0.9])
    def test_a_broken_profile_is_passed_over(self, share: float) -> None:
        assert converted((200, 100, 100), P3[: int(len(P3) * share)]) == [200, 100, 100]

    def test_an_image_in_memory_that_is_not_ours_stays_as_it_is(self) -> None:
        image = Image.new("RGB", (2, 2), (200, 100, 100))
        image.info["icc_profile"] = P3
        assert from_image(image, colour_managed=True).pixels[0, 0].tolist() == converted((200, 100, 100), P3)
        assert image.getpixel((0, 0)) == (200, 100, 100)
        assert from_image(image).pixels[0, 0].tolist() == [200, 100, 100]

    def test_pixels_that_belong_to_a_file_are_not_written_to(self, tmp_path: Path) -> None:
        Image.new("RGBA", (4, 4), (200, 100, 100, 255)).save(tmp_path / "a.tif")
        with Image.open(tmp_path / "a.tif") as image:
            image.load()
            assert image.readonly, "Pillow maps a file like this one into memory"
            assert to_srgb(image, P3).getpixel((0, 0)) == tuple(converted((200, 100, 100, 255), P3, "RGBA"))


class TestSrgb:
    """Is known by what it does, and costs nothing then."""

    @pytest.mark.parametrize("mode", ["RGB", "RGBA"])
    @pytest.mark.parametrize("profile", [builtin("sRGB"), matrix_profile(SRGB_PRIMARIES, SRGB_CURVE)])
    def test_its_own_profile_needs_no_conversion(self, profile: bytes, mode: str) -> None:
        assert to_srgb_transform(profile, mode) is None

    def test_nor_does_grey_with_its_curve(self) -> None:
        assert to_srgb_transform(grey_profile(SRGB_CURVE), "L") is None

    @pytest.mark.parametrize("profile", [P3, ADOBE, LINEAR, matrix_profile(SRGB_PRIMARIES, Curve(0, (2.2,)))])
    def test_what_is_only_near_it_needs_one(self, profile: bytes) -> None:
        assert to_srgb_transform(profile, "RGB") is not None

    def test_four_inks_always_do(self) -> None:
        with pytest.raises(ImageCms.PyCMSError):
            to_srgb_transform(builtin("sRGB"), "CMYK")


class TestTransforms:
    def test_each_is_built_once(self) -> None:
        built: list[tuple[bytes, str]] = []

        def build(profile: bytes, mode: str) -> None:
            built.append((profile, mode))

        transforms = Transforms(build, most=2)
        for profile, mode in ((P3, "RGB"), (P3, "RGB"), (P3, "RGBA"), (P3, "RGB")):
            assert transforms.get(profile, mode) is None
        assert built == [(P3, "RGB"), (P3, "RGBA")]

    def test_the_one_not_used_for_longest_goes(self) -> None:
        built: list[bytes] = []

        def build(profile: bytes, mode: str) -> None:
            built.append(profile)

        transforms = Transforms(build, most=2)
        for profile in (b"a", b"b", b"a", b"c", b"a", b"b"):
            transforms.get(profile, "RGB")
        assert built == [b"a", b"b", b"c", b"b"]

    def test_threads_may_share_one(self) -> None:
        pixels = np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)
        expected = np.asarray(to_srgb(Image.fromarray(pixels), P3))
        same: list[bool] = []

        def convert() -> None:
            for _ in range(5):
                same.append(np.array_equal(np.asarray(to_srgb(Image.fromarray(pixels), P3)), expected))

        threads = [threading.Thread(target=convert) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert same == [True] * 20


class TestNamedSpaces:
    """Files that name their colours without a profile."""

    def jpeg(self, index: str, **options: Any) -> Image.Image:
        exif = Image.Exif()
        exif.get_ifd(IFD.Exif)[IFD.Interop] = {1: index}
        out = io.BytesIO()
        Image.new("RGB", (8, 8), (150, 120, 100)).save(out, "JPEG", exif=exif, quality=100, **options)
        return Image.open(io.BytesIO(out.getvalue()))

    def test_a_camera_that_writes_adobe_rgb_says_so_in_exif(self) -> None:
        assert profile_or_none(self.jpeg("R03")) == ADOBE
        assert profile_or_none(self.jpeg("R98")) is None

    def test_an_embedded_profile_comes_first(self) -> None:
        assert profile_or_none(self.jpeg("R03", icc_profile=P3)) == P3

    def test_words_in_other_places_do_not_count(self) -> None:
        image = self.jpeg("R98")
        image.getexif()[0x010E] = "R03"
        out = io.BytesIO()
        image.save(out, "JPEG", exif=image.getexif())
        assert profile_or_none(Image.open(out)) is None

    def test_grey_is_no_adobe_rgb(self) -> None:
        assert profile_or_none(self.jpeg("R03").convert("L")) is None

    @pytest.mark.parametrize(
        ("primaries", "transfer", "expected"),
        [
            (1, 13, None),
            (12, 13, P3),
            (12, 1, P3),
            (9, 13, matrix_profile(BT_2020, SRGB_CURVE)),
            (9, 16, None),
            (12, 18, None),
            (2, 2, None),
        ],
    )
    def test_numbers_in_avif(self, primaries: int, transfer: int, expected: bytes | None, tmp_path: Path) -> None:
        path = tmp_path / "a.avif"
        Image.new("RGB", (16, 16), (200, 100, 100)).save(path, quality=100)
        plain = decode(path).pixels[0, 0]
        content = path.read_bytes()
        at = content.index(b"colrnclx") + 8
        numbers = primaries.to_bytes(2, "big") + transfer.to_bytes(2, "big")
        path.write_bytes(content[:at] + numbers + content[at + 4 :])
        shown = decode(path, colour_managed=True).pixels[0, 0]
        assert shown.tolist() == (converted(tuple(plain.tolist()), expected) if expected else plain.tolist())

    def test_numbers_in_heic(self) -> None:
        image = Image.new("RGB", (1, 1))
        image.info["nclx_profile"] = {"color_primaries": 12, "transfer_characteristics": 13, "full_range_flag": 1}
        assert profile_or_none(image) == P3

    @pytest.mark.parametrize("nclx", [None, {}, {"color_primaries": []}, b"nclx"])
    def test_nonsense_is_passed_over(self, nclx: Any) -> None:
        image = Image.new("RGB", (1, 1))
        image.info["nclx_profile"] = nclx
        assert profile_or_none(image) is None


@pytest.mark.shared
class TestRealProfiles:
    def samples(self) -> NDArray[np.uint8]:
        return np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)

    @pytest.mark.parametrize(
        ("name", "made"),
        [("exif_gps/example.tif", ADOBE), ("camera/IMG_1044.JPG", P3), ("exif_gps/Iceland-P3.jpg", P3)],
    )
    def test_those_made_here_agree_with_those_of_cameras(self, name: str, made: bytes, shared: Path) -> None:
        with Image.open(shared / "photos" / name) as image:
            embedded = image.info["icc_profile"]
        theirs, ours = (np.asarray(to_srgb(Image.fromarray(self.samples()), one), int) for one in (embedded, made))
        assert np.abs(theirs - ours).max() <= 1

    @pytest.mark.parametrize("name", ["clowns_colorful.jpg", "Issue 614.jpg", "denali.webp", "bitcoin_gold.jpg"])
    def test_profiles_of_srgb_cost_nothing(self, name: str, shared: Path) -> None:
        with Image.open(shared / "photos" / "formats" / name) as image:
            assert to_srgb_transform(image.info["icc_profile"], "RGB") is None

    def test_inks_are_converted_by_their_profile(self, shared: Path) -> None:
        path = shared / "photos" / "formats" / "Multiple ICC segments.jpg"
        assert (decode(path).pixels != decode(path, colour_managed=True).pixels).any()
