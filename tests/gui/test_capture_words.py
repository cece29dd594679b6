"""How a photo was taken, as a person of the locale would write it."""

import pytest
from PySide6.QtCore import QLocale

from maclip_desktop.core.photo import Capture
from maclip_desktop.ui import capture_words
from maclip_desktop.ui.file_badge import file_badge

NOVEMBER = 1_700_000_000.0
"""2023-11-14 22:13:20 by the camera's clock."""


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("C", "2023-11-14 22:13:20"),
        ("en_US", "11/14/2023 10:13:20 PM"),
        ("en_GB", "14/11/2023 22:13:20"),
        ("de_DE", "14.11.2023 22:13:20"),
        ("fi_FI", "14.11.2023 22.13.20"),
        ("ja_JP", "2023/11/14 22時13分20秒"),
    ],
)
def test_the_time_is_written_as_the_locale_does(locale: str, words: str) -> None:
    assert plain(capture_words.taken(NOVEMBER, None, QLocale(locale))) == words


@pytest.mark.parametrize(
    ("below", "words"), [(0.25, "20,25"), (0.007, "20,007"), (0.1, "20,1"), (0.0, "20"), (0.9996, "21")]
)
def test_what_is_known_below_a_second_is_shown_and_no_more(below: float, words: str) -> None:
    assert capture_words.taken(NOVEMBER + below, None, QLocale("de_DE")) == f"14.11.2023 22:13:{words}"


@pytest.mark.parametrize(
    ("minutes", "words"), [(120, "UTC+2"), (-210, "UTC-3:30"), (0, "UTC"), (345, "UTC+5:45"), (-600, "UTC-10")]
)
def test_the_zone_is_the_camera_s(minutes: int, words: str) -> None:
    assert capture_words.taken(NOVEMBER, minutes, QLocale("C")).endswith(f" {words}")


def test_a_time_before_1970_is_one_too() -> None:
    assert capture_words.taken(-86_400.5, None, QLocale("C")) == "1969-12-30 23:59:59.5"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1 / 8000, "1/8000 s"),
        (0.004, "1/250 s"),
        (0.25, "1/4 s"),
        (1 / 3, "0.3 s"),
        (0.5, "0.5 s"),
        (1.0, "1 s"),
        (2.5, "2.5 s"),
        (30, "30 s"),
    ],
)
def test_exposures_are_written_as_on_a_camera(seconds: float, words: str) -> None:
    assert plain(capture_words.exposure(Capture(exposure_s=seconds), QLocale("C"))) == words


def test_only_what_is_known_is_said() -> None:
    whole = Capture(exposure_s=0.004, f_number=2.8, iso=400, focal_mm=35.0)
    assert plain(capture_words.exposure(whole, QLocale("C"))) == "1/250 s · f/2.8 · ISO 400 · 35 mm"
    assert plain(capture_words.exposure(Capture(f_number=8.0, focal_mm=4.25), QLocale("de_DE"))) == "f/8 · 4,3 mm"
    assert capture_words.exposure(Capture(), QLocale("C")) == ""


@pytest.mark.parametrize(("rating", "words"), [(1, "★☆☆☆☆"), (5, "★★★★★"), (9, "★★★★★"), (-1, "Reject")])
def test_a_rating_is_stars(rating: int, words: str) -> None:
    assert capture_words.stars(rating) == words


@pytest.mark.parametrize(
    ("names", "badge"),
    [
        (["a.jpg"], ""),
        (["a.JPG", "a.CR3"], "RAW+JPG"),
        (["a.jpeg", "a.nef"], "RAW+JPG"),
        (["a.heic", "a.dng"], "RAW+HEIC"),
        (["a.HEIC", "a.MOV"], "Live"),
        (["a.jpg", "a.cr2", "a.mov"], "RAW+JPG+Live"),
        (["a.cr2", "a.mov"], "RAW+Live"),
        (["a.jpg", "a.cr2", "a.dng"], "RAW+JPG"),
    ],
)
def test_files_of_a_photo_are_a_short_word(names: list[str], badge: str) -> None:
    assert file_badge(names) == badge
