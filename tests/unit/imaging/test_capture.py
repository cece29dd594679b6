"""Camera, lens, exposure, sensitivity, place and rating, from tags that may hold anything."""

from typing import Any

import pytest
from PIL.ExifTags import Base
from PIL.TiffImagePlugin import IFDRational

from maclip_desktop.imaging.capture import (
    camera_name,
    capture_of,
    exposure_s,
    f_number,
    focal_mm,
    has_place,
    iso,
    lens_name,
)
from maclip_desktop.imaging.exif import Said

NO_NUMBERS = [None, "1/60", b"\1", (), IFDRational(1, 0), IFDRational(0, 0), float("nan"), float("inf"), 0, -1, 1e9]


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


class TestLens:
    @pytest.mark.parametrize(
        ("make", "model", "name"),
        [
            (None, "EF24-105mm f/4L IS USM", "EF24-105mm f/4L IS USM"),
            ("SIGMA", "35mm F1.4 DG HSM | Art 012", "SIGMA 35mm F1.4 DG HSM | Art 012"),
            ("Tamron", "TAMRON 28-75mm F/2.8", "TAMRON 28-75mm F/2.8"),
            ("----", "EF50mm f/1.8", "EF50mm f/1.8"),
            ("NIKON", "70-300 mm f/4-5.6", "70-300 mm f/4-5.6"),
            ("SIGMA", None, None),
            (b"SIGMA\0", b"56mm\0\0", "SIGMA 56mm"),
            (None, "x" * 500, "x" * 100),
        ],
    )
    def test_is_named_with_its_maker_if_that_is_not_the_cameras(self, make: Any, model: Any, name: str | None) -> None:
        assert lens_name({Base.Make: "NIKON CORPORATION", Base.LensMake: make, Base.LensModel: model}) == name

    @pytest.mark.parametrize(
        "words",
        ["----", "", "\0\0\0", "  ", "Unknown", "none", "N/A", "NO-LENS", "0.0 mm f/0.0", "DT 0mm F0 SAM", "65535"],
    )
    def test_words_for_no_lens_are_none(self, words: str) -> None:
        assert lens_name({Base.LensModel: words}) is None


class TestExposure:
    @pytest.mark.parametrize(("value", "seconds"), [(IFDRational(1, 250), 0.004), (30, 30.0), ((0.5,), 0.5)])
    def test_is_a_time_in_seconds(self, value: Any, seconds: float) -> None:
        assert exposure_s({Base.ExposureTime: value}) == seconds

    @pytest.mark.parametrize("value", NO_NUMBERS)
    def test_what_is_no_time_gives_way_to_the_apex_value(self, value: Any) -> None:
        assert exposure_s({Base.ExposureTime: value}) is None
        assert exposure_s({Base.ExposureTime: value, Base.ShutterSpeedValue: IFDRational(3, 1)}) == 0.125

    @pytest.mark.parametrize("apex", [29.9, -29.9, 1e300, -1e300, float("nan"), IFDRational(1, 0)])
    def test_an_impossible_apex_value_is_none(self, apex: Any) -> None:
        assert exposure_s({Base.ShutterSpeedValue: apex}) is None


class TestAperture:
    @pytest.mark.parametrize(("value", "number"), [(IFDRational(18, 10), 1.8), (1.7799999713, 1.78), (22, 22.0)])
    def test_is_an_f_number(self, value: Any, number: float) -> None:
        assert f_number({Base.FNumber: value}) == number

    @pytest.mark.parametrize("value", NO_NUMBERS)
    def test_what_is_none_gives_way_to_the_apex_value(self, value: Any) -> None:
        assert f_number({Base.FNumber: value}) is None
        assert f_number({Base.FNumber: value, Base.ApertureValue: IFDRational(4970854, 1000000)}) == 5.6

    @pytest.mark.parametrize("apex", [-20, 29, 1e300, float("inf")])
    def test_an_impossible_apex_value_is_none(self, apex: Any) -> None:
        assert f_number({Base.ApertureValue: apex}) is None


class TestIso:
    @pytest.mark.parametrize(
        ("value", "number"), [(100, 100), ((200, 0), 200), ((0, 400), 400), (IFDRational(64, 1), 64)]
    )
    def test_is_the_sensitivity(self, value: Any, number: int) -> None:
        assert iso({Base.ISOSpeedRatings: value}) == number

    def test_what_does_not_fit_its_tag_stands_in_another(self) -> None:
        assert iso({Base.ISOSpeedRatings: 65535, Base.RecommendedExposureIndex: 102400}) == 102400
        assert iso({Base.ISOSpeedRatings: 65535}) is None

    @pytest.mark.parametrize(
        "tag", [Base.RecommendedExposureIndex, Base.StandardOutputSensitivity, Base.ISOSpeed, Base.ExposureIndex]
    )
    def test_any_of_its_tags_will_do(self, tag: int) -> None:
        assert iso({Base.ISOSpeedRatings: 0, tag: 160}) == 160

    @pytest.mark.parametrize("value", [*NO_NUMBERS, 1e300])
    def test_what_is_no_sensitivity_is_none(self, value: Any) -> None:
        assert iso({Base.ISOSpeedRatings: value}) is None


@pytest.mark.parametrize(("value", "length"), [(IFDRational(399, 100), 3.99), (2.220000028611935, 2.22), (600, 600.0)])
def test_focal_length(value: Any, length: float) -> None:
    assert focal_mm(value) == length


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_no_focal_length(value: Any) -> None:
    assert focal_mm(value) is None


class TestPlace:
    @pytest.mark.parametrize(
        "gps",
        [
            {1: "N", 2: (51.0, 30.0, 2.5), 3: "W", 4: (0.0, 7.0, 28.0)},
            {1: "N", 2: (51.0, 30.5, IFDRational(0, 0)), 3: "W", 4: (0.0, 7.0, 28.0)},
            {2: 51.5, 4: 0.1},
            {1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (6.0, 30.0, 0.0)},
        ],
    )
    def test_latitude_and_longitude_make_one(self, gps: dict[int, Any]) -> None:
        assert has_place(gps)

    @pytest.mark.parametrize(
        "gps",
        [
            {},
            {0: b"\2\3\0\0"},
            {1: "N", 3: "E", 29: "2026:01:07"},
            {2: (51.0, 30.0, 2.5)},
            {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
            {1: "", 2: (IFDRational(0, 0),) * 3, 3: "", 4: (IFDRational(0, 0),) * 3},
            {1: "N", 2: (251.0, 0.0, 0.0), 3: "E", 4: (6.0, 0.0, 0.0)},
            {2: "51", 4: b"6"},
            {2: (), 4: ()},
        ],
    )
    def test_less_makes_none(self, gps: dict[int, Any]) -> None:
        assert not has_place(gps)


class TestRating:
    RDF = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="%s"/></rdf:RDF>'
    )

    @pytest.mark.parametrize(
        ("value", "stars"), [(0, 0), (5, 5), (-1, -1), (6, None), (99, None), ("4", None), ((3,), 3)]
    )
    def test_in_exif(self, value: Any, stars: int | None) -> None:
        assert capture_of(Said({Base.Rating: value}, {}), None).rating == stars

    def test_in_xmp_comes_first(self) -> None:
        assert capture_of(Said({Base.Rating: 4}, {}, self.RDF % b"-1"), None).rating == -1

    def test_in_exif_counts_where_xmp_says_nothing_sensible(self) -> None:
        assert capture_of(Said({Base.Rating: 4}, {}, self.RDF % b"77"), None).rating == 4
