"""Folders within folders, and one folder under two names: no photo twice, no event lost."""

from pathlib import Path

import pytest

from maclip_desktop.core.patterns import Patterns
from maclip_desktop.library.store import Store
from tests.helpers.pictures import write_photo
from tests.helpers.workshop import Open, Workshop


def paths(shop: Workshop) -> list[Path]:
    return sorted(row.path for row in shop.rows.values())


def arrives(shop: Workshop, path: Path) -> None:
    """A photo written now is there, once, under this name."""
    before = len(shop.rows)
    write_photo(path, 200 + before)
    shop.until(lambda: path in paths(shop))
    assert len(shop.rows) == before + 1


@pytest.fixture
def inner(photos: Path) -> Path:
    """A directory in the folder of photos; both have one."""
    write_photo(photos / "a.jpg", 40)
    return write_photo(photos / "inner" / "b.jpg", 80).parent


@pytest.fixture
def empty(workshop: Open) -> Workshop:
    return workshop(folders=())


def watched(shop: Workshop, folder: Path) -> None:
    shop.add_folder.emit(folder)
    shop.until(lambda: shop.folders and all(state.status == "watched" for state in shop.folders))
    shop.until_scored(len(shop.rows))


def test_a_folder_around_one_takes_it_up(empty: Workshop, photos: Path, inner: Path) -> None:
    watched(empty, inner)
    empty.until_scored(1)
    watched(empty, photos)
    empty.until(lambda: [state.path for state in empty.folders] == [photos])
    empty.until_scored(2)
    arrives(empty, inner / "new.jpg")
    arrives(empty, photos / "new.jpg")


def test_a_folder_inside_one_is_part_of_it(empty: Workshop, photos: Path, inner: Path) -> None:
    watched(empty, photos)
    empty.until_scored(2)
    watched(empty, inner)
    assert [state.path for state in empty.folders] == [photos]
    arrives(empty, inner / "new.jpg")
    arrives(empty, photos / "new.jpg")


@pytest.mark.parametrize("link_first", [True, False])
def test_a_folder_and_a_link_to_it_are_one(empty: Workshop, photos: Path, inner: Path, link_first: bool) -> None:
    link = photos.with_name("link")
    link.symlink_to(photos, target_is_directory=True)
    first, second = (link, photos) if link_first else (photos, link)
    watched(empty, first)
    empty.until_scored(2)
    watched(empty, second)
    assert [state.path for state in empty.folders] == [first]
    assert len(empty.rows) == 2
    write_photo(photos / "new.jpg", 220)
    empty.until(lambda: first / "new.jpg" in paths(empty))
    assert len(empty.rows) == 3


def test_a_link_into_a_folder_is_part_of_it(empty: Workshop, photos: Path, inner: Path) -> None:
    link = photos.with_name("link")
    link.symlink_to(inner, target_is_directory=True)
    watched(empty, photos)
    empty.until_scored(2)
    watched(empty, link)
    assert [state.path for state in empty.folders] == [photos]
    assert paths(empty) == [photos / "a.jpg", inner / "b.jpg"]


def test_a_folder_around_what_was_added_by_a_link_takes_it_up(empty: Workshop, photos: Path, inner: Path) -> None:
    link = photos.with_name("link")
    link.symlink_to(inner, target_is_directory=True)
    watched(empty, link)
    empty.until_scored(1)
    watched(empty, photos)
    empty.until(lambda: [state.path for state in empty.folders] == [photos])
    empty.until(lambda: paths(empty) == [photos / "a.jpg", inner / "b.jpg"])
    arrives(empty, inner / "new.jpg")


def test_a_folder_that_goes_with_a_directory_around_it_is_away_and_not_forgotten(
    workshop: Open, library_file: Path, photos: Path
) -> None:
    own = write_photo(photos / "around" / "own" / "a.jpg", 40).parent
    write_photo(photos / "around" / "b.jpg", 80)
    with Store.open(library_file) as store:
        outer = store.add_folder(photos, watched=True)
        store.set_folder_options(outer.id, recursive=True, patterns=Patterns(exclude=("own",)))
        store.add_folder(own, watched=True)
    shop = workshop(folders=())
    shop.until_scored(2)
    (photos / "around").rename(photos.with_name("elsewhere"))
    shop.until(lambda: shop.named("b.jpg") is None and shop.status(own) == "missing")
    assert paths(shop) == [own / "a.jpg"]


def test_a_link_to_a_directory_that_comes_later_is_not_followed(empty: Workshop, photos: Path, inner: Path) -> None:
    watched(empty, photos)
    empty.until_scored(2)
    (photos / "again.jpg").symlink_to(inner, target_is_directory=True)
    (photos / "loop").symlink_to(photos, target_is_directory=True)
    arrives(empty, photos / "new.jpg")


def test_a_path_with_dots_is_the_folder_it_leads_to(empty: Workshop, photos: Path, inner: Path) -> None:
    watched(empty, inner / "..")
    empty.until_scored(2)
    assert [state.path for state in empty.folders] == [photos]
