"""Which files of one name are one photo."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maclip_desktop.core.pairs import mains, stem_of


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("IMG_1.JPG", "IMG_1"),
        ("2024/may/IMG_1.CR2", "2024/may/IMG_1"),
        ("IMG.1.JPG", "IMG.1"),
        ("v1.2/IMG", "v1.2/IMG"),
        (".hidden", ".hidden"),
        ("dot.", "dot."),
    ],
)
def test_a_stem_is_the_name_without_its_suffix(name: str, stem: str) -> None:
    assert stem_of(name) == stem


_NAMES = st.lists(st.text("ab./", min_size=1), min_size=1).map("".join).filter(lambda name: "//" not in name)


@given(name=_NAMES.map(lambda name: name.strip("/")).filter(lambda name: name and "/./" not in f"/{name}/"))
def test_a_stem_is_what_pathlib_says(name: str) -> None:
    assert stem_of(name) == name[: len(name) - len(PurePosixPath(name).suffix)]


def test_a_raw_file_belongs_to_the_jpeg_beside_it() -> None:
    assert mains(["a.CR2", "a.JPG"]) == {"a.CR2": "a.JPG", "a.JPG": None}


def test_a_film_belongs_to_the_picture_beside_it() -> None:
    assert mains(["a.HEIC", "a.MOV"]) == {"a.HEIC": None, "a.MOV": "a.HEIC"}
    assert mains(["a.DNG", "a.MOV"]) == {"a.DNG": None, "a.MOV": "a.DNG"}


def test_a_film_without_a_photo_is_no_photo() -> None:
    assert mains(["a.mov"]) == {"a.mov": "a.mov"}


def test_a_jpeg_is_shown_rather_than_a_heic() -> None:
    assert mains(["a.heic", "a.jpg", "a.nef"]) == {"a.heic": None, "a.jpg": None, "a.nef": "a.jpg"}


def test_what_is_ambiguous_stays_visible() -> None:
    assert mains(["a.cr2", "a.dng"]) == {"a.cr2": None, "a.dng": None}
    assert mains(["a.jpg", "a.jpeg"]) == {"a.jpg": None, "a.jpeg": None}


@pytest.mark.parametrize("edited", ["a.tif", "a.png", "a.webp"])
def test_an_edited_copy_is_a_photo_of_its_own(edited: str) -> None:
    assert mains(["a.cr2", edited]) == {"a.cr2": None, edited: None}


_SUFFIXES = st.sets(st.sampled_from([".jpg", ".JPEG", ".heic", ".cr2", ".DNG", ".mov", ".tif"]), min_size=1)


@given(suffixes=_SUFFIXES)
def test_every_picture_stays_visible_or_belongs_to_one_that_is(suffixes: set[str]) -> None:
    found = mains(f"a{suffix}" for suffix in suffixes)
    assert set(found) == {f"a{suffix}" for suffix in suffixes}
    for name, main in found.items():
        assert main is None or found[main] is None or (main == name and name.endswith(".mov"))
