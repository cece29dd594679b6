"""Patterns that say which files of a folder are taken."""

import pytest

from maclip_desktop.core.patterns import USUAL, Patterns


@pytest.mark.parametrize("name", ["a.jpg", "2024/may/a.jpg", "app/a.jpg", "my.apples/a.jpg"])
def test_photos_are_taken(name: str) -> None:
    assert USUAL.takes(name)


@pytest.mark.parametrize(
    "name",
    [
        ".a.jpg",
        ".trash/a.jpg",
        "2024/@eaDir/a.jpg",
        "#recycle/a.jpg",
        "$recycle.bin/a.jpg",
        "Thumbs.db",
        "Pictures/Photos Library.photoslibrary/originals/a.heic",
        "Preview.app/Contents/icon.png",
    ],
)
def test_what_is_hidden_or_another_programs_is_left_out(name: str) -> None:
    assert not USUAL.takes(name)


def test_what_matches_no_include_pattern_is_left_out_and_is_no_folder_to_pass_by() -> None:
    patterns = Patterns(include=("*.jpg",))
    assert patterns.takes("may/A.JPG")
    assert not patterns.takes("may/a.png")
    assert not patterns.leaves_out("may")


def test_a_pattern_with_a_slash_is_compared_with_the_whole_name() -> None:
    patterns = Patterns(exclude=("2024/raw",))
    assert patterns.leaves_out("2024/raw/deep/a.cr2")
    assert patterns.takes("2023/raw/a.cr2")
    assert patterns.takes("old/2024/raw/a.cr2")


def test_a_pattern_without_a_slash_is_compared_with_each_part() -> None:
    patterns = Patterns(exclude=("raw",))
    assert patterns.leaves_out("2024/RAW/a.cr2")
    assert patterns.leaves_out("raw")
    assert patterns.takes("rawfiles/a.cr2")


def test_excluding_beats_including() -> None:
    assert not Patterns(include=("*.jpg",), exclude=("private",)).takes("private/a.jpg")


def test_without_patterns_everything_is_taken() -> None:
    assert Patterns(exclude=()).takes(".hidden/a.jpg")


def test_an_empty_pattern_matches_nothing() -> None:
    assert Patterns(exclude=("", "/")).takes("a.jpg")


@pytest.mark.parametrize("name", ["a.jpg", "deep/a.jpg", "deep/.a.jpg", "deep/a.png"])
def test_below_a_directory_that_is_taken_both_ways_of_asking_agree(name: str) -> None:
    for patterns in (USUAL, Patterns(include=("*.jpg",)), Patterns(exclude=("deep/a.*",))):
        assert patterns.takes_here(name) == patterns.takes(name)
