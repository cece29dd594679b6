"""What of a folder belongs to the library is the person's choice, and can be changed at any time."""

from pathlib import Path

import pytest

from maclip_desktop.core.flags import Flag
from maclip_desktop.core.patterns import USUAL, Patterns
from maclip_desktop.jobs.messages import FolderOptions
from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open, Workshop


def names(shop: Workshop) -> list[str]:
    return sorted(row.path.name for row in shop.rows.values())


def choose(shop: Workshop, *, recursive: bool = True, patterns: Patterns = USUAL) -> None:
    shop.set_options.emit(FolderOptions(shop.folders[0].id, recursive, patterns))
    shop.until(lambda: (shop.folders[0].recursive, shop.folders[0].patterns) == (recursive, patterns))


@pytest.fixture
def scorer() -> FakeScorer:
    return FakeScorer()


@pytest.fixture
def shop(workshop: Open, photos: Path, scorer: FakeScorer) -> Workshop:
    for number, name in enumerate(("a.jpg", "raw/b.jpg", "raw/deep/c.jpg", ".hidden/d.jpg")):
        write_photo(photos / name, 40 + 40 * number)
    shop = workshop(scorer)
    shop.until_scored(3)
    shop.until(lambda: shop.status(photos) == "watched")
    return shop


def test_what_is_left_out_from_now_on_goes_and_its_marks_stay(shop: Workshop, scorer: FakeScorer) -> None:
    shop.mark("b.jpg", Flag.REJECT)
    choose(shop, patterns=Patterns(exclude=("raw",)))
    shop.until(lambda: names(shop) == ["a.jpg", "d.jpg"])
    choose(shop)
    shop.until(lambda: names(shop) == ["a.jpg", "b.jpg", "c.jpg"])
    shop.until_scored(3)
    row = shop.named("b.jpg")
    assert row is not None
    assert row.flag is Flag.REJECT
    assert scorer.call_count == 4  # each content once, whatever came and went


def test_only_what_is_included_stays(shop: Workshop, photos: Path) -> None:
    choose(shop, patterns=Patterns(include=("raw/*",)))
    shop.until(lambda: names(shop) == ["b.jpg", "c.jpg"])


def test_a_folder_alone_and_with_all_that_is_in_it(shop: Workshop) -> None:
    choose(shop, recursive=False)
    shop.until(lambda: names(shop) == ["a.jpg"])
    choose(shop, recursive=True)
    shop.until(lambda: names(shop) == ["a.jpg", "b.jpg", "c.jpg"])


def test_what_comes_later_is_taken_by_the_options_of_now(shop: Workshop, photos: Path) -> None:
    choose(shop, patterns=Patterns(exclude=("raw", "*_small.jpg")))
    shop.until(lambda: shop.status(photos) == "watched" and len(shop.rows) == 2)
    for name in ("raw/new.jpg", "e_small.jpg", "zuletzt.jpg"):
        write_photo(photos / name, 220)
    shop.until(lambda: shop.named("zuletzt.jpg"))
    assert names(shop) == ["a.jpg", "d.jpg", "zuletzt.jpg"]


def test_a_new_directory_in_a_folder_that_is_taken_alone_does_not_matter(shop: Workshop, photos: Path) -> None:
    choose(shop, recursive=False)
    shop.until(lambda: names(shop) == ["a.jpg"] and shop.status(photos) == "watched")
    write_photos(photos / "fresh", 2)
    write_photo(photos / "new.jpg", 220)
    shop.until(lambda: shop.named("new.jpg"))
    assert names(shop) == ["a.jpg", "new.jpg"]


def test_they_are_there_after_the_next_start(shop: Workshop, workshop: Open) -> None:
    choose(shop, patterns=Patterns(exclude=("raw",)))
    shop.until(lambda: names(shop) == ["a.jpg", "d.jpg"])
    shop.close()
    again = workshop()
    again.until(lambda: again.folders and again.status(again.folders[0].path) == "watched")
    assert (again.folders[0].patterns, names(again)) == (Patterns(exclude=("raw",)), ["a.jpg", "d.jpg"])


def test_of_a_folder_that_was_removed_meanwhile_are_answered_in_a_sentence(shop: Workshop) -> None:
    folder_id = shop.folders[0].id
    shop.remove_folder.emit(folder_id)
    shop.set_options.emit(FolderOptions(folder_id, False, USUAL))
    shop.until(lambda: shop.notices)
    assert "no longer in the library" in shop.notices[0].text


def test_adding_what_the_folder_around_it_leaves_out_gives_its_photos(shop: Workshop, photos: Path) -> None:
    choose(shop, patterns=Patterns(exclude=("raw",)))
    shop.until(lambda: names(shop) == ["a.jpg", "d.jpg"])
    shop.add_folder.emit(photos / "raw")
    shop.until(lambda: names(shop) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
