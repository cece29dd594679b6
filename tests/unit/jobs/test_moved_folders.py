"""A folder that lies somewhere else now is told so, and everything is as it was."""

from pathlib import Path

import pytest

from maclip_desktop.core.flags import Flag
from maclip_desktop.jobs.messages import FolderMoved
from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open, Workshop


@pytest.fixture
def scorer() -> FakeScorer:
    return FakeScorer()


@pytest.fixture
def shop(workshop: Open, photos: Path, scorer: FakeScorer) -> Workshop:
    write_photos(photos, 4)
    shop = workshop(scorer)
    shop.until_scored(4)
    shop.mark("IMG_002.jpg", Flag.REJECT)
    shop.until(lambda: shop.status(photos) == "watched")
    return shop


def test_it_is_watched_there_and_nothing_is_scored_again(
    shop: Workshop, photos: Path, scorer: FakeScorer, tmp_path: Path
) -> None:
    new = tmp_path / "new drive" / "photos"
    new.parent.mkdir()
    photos.rename(new)
    shop.until(lambda: shop.status(photos) == "missing")
    shop.move_folder.emit(FolderMoved(shop.folders[0].id, new))
    shop.until(lambda: shop.status(new) == "watched")
    shop.until(lambda: all(row.path.parent == new for row in shop.rows.values()))
    row = shop.named("IMG_002.jpg")
    assert row is not None
    assert (len(shop.rows), row.flag, scorer.call_count) == (4, Flag.REJECT, 4)
    write_photo(new / "later.jpg", 240)
    shop.until_scored(5)


def test_a_place_that_is_no_folder_changes_nothing(shop: Workshop, photos: Path, tmp_path: Path) -> None:
    shop.move_folder.emit(FolderMoved(shop.folders[0].id, tmp_path / "nowhere"))
    shop.until(lambda: shop.notices)
    assert "is no folder that can be opened" in shop.notices[0].text
    write_photo(photos / "later.jpg", 240)
    shop.until_scored(5)


def test_a_place_inside_itself_changes_nothing(shop: Workshop, photos: Path) -> None:
    (photos / "inside").mkdir()
    shop.move_folder.emit(FolderMoved(shop.folders[0].id, photos / "inside"))
    shop.until(lambda: shop.status(photos) == "watched")
    write_photo(photos / "later.jpg", 240)
    shop.until_scored(5)
