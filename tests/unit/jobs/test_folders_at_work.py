"""Files and folders that come, change and go while the workers are at work."""

import threading
from pathlib import Path
from typing import Any

import pytest

from maclip_desktop.core.flags import Flag
from maclip_desktop.core.photo import Folder
from maclip_desktop.errors import WeightsError
from maclip_desktop.jobs import folder_watch
from maclip_desktop.library.store import Store
from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open, Workshop


class TestFilesThatChange:
    @pytest.fixture
    def shop(self, workshop: Open, photos: Path) -> Workshop:
        write_photos(photos, 4)
        self.scorer = FakeScorer()
        shop = workshop(self.scorer)
        shop.until_scored(4)
        shop.until(lambda: shop.status(photos) == "watched")
        return shop

    def test_a_new_photo_is_scored(self, shop: Workshop, photos: Path) -> None:
        write_photo(photos / "new.jpg", 230)
        shop.until_scored(5)
        row = shop.named("new.jpg")
        assert row is not None
        assert row.score == pytest.approx(230 / 255, abs=0.01)

    def test_a_deleted_photo_goes(self, shop: Workshop, photos: Path) -> None:
        (photos / "IMG_001.jpg").unlink()
        shop.until(lambda: len(shop.rows) == 3 and not shop.named("IMG_001.jpg"))

    def test_a_renamed_photo_keeps_score_and_flag_and_is_not_scored_again(self, shop: Workshop, photos: Path) -> None:
        shop.mark("IMG_001.jpg", Flag.PICK)
        (photos / "IMG_001.jpg").rename(photos / "renamed.jpg")
        shop.until(lambda: (row := shop.named("renamed.jpg")) and row.score is not None and row.flag is Flag.PICK)
        shop.until(lambda: not shop.named("IMG_001.jpg"))
        assert self.scorer.call_count == 4

    def test_a_moved_directory_keeps_everything(self, shop: Workshop, photos: Path) -> None:
        for number in range(3):
            write_photo(photos / "day" / f"{number}.jpg", 200 + number)
        shop.until_scored(7)
        (photos / "day").rename(photos / "night")
        shop.until(lambda: sum(row.path.parent.name == "night" for row in shop.rows.values()) == 3)
        shop.until_scored(7)
        assert self.scorer.call_count == 7

    def test_a_replaced_photo_is_scored_anew_under_its_new_content(self, shop: Workshop, photos: Path) -> None:
        shop.mark("IMG_001.jpg", Flag.REJECT)
        write_photo(photos / "IMG_001.jpg", 240)
        shop.until(lambda: (row := shop.named("IMG_001.jpg")) and row.score and row.score > 0.9)
        row = shop.named("IMG_001.jpg")
        assert row is not None
        assert row.flag is Flag.NONE  # the mark was for what the eye saw

    def test_a_photo_moved_away_while_it_waits_does_not_spoil_its_copy(self, workshop: Open, photos: Path) -> None:
        gate = threading.Event()
        scorer = FakeScorer(gate=gate)
        write_photos(photos, 40)
        last = write_photo(photos / "a_last.jpg", 247)
        shop = workshop(scorer)
        shop.until(lambda: scorer.waiting.is_set() and len(shop.rows) == 41)
        (photos / "deep").mkdir()
        last.rename(photos / "deep" / "moved.jpg")
        shop.until(lambda: (row := shop.named("moved.jpg")) and row.content_hash)
        gate.set()
        shop.until_scored(41)
        moved = shop.named("moved.jpg")
        assert moved is not None
        assert moved.error is None

    def test_a_directory_that_comes_and_goes_is_no_problem(self, shop: Workshop, photos: Path) -> None:
        for number in range(20):
            (photos / f"short{number}").mkdir()
            (photos / f"short{number}").rmdir()
        write_photo(photos / "new.jpg", 230)
        shop.until_scored(5)
        assert (shop.notices, shop.status(photos)) == ([], "watched")


class TestFolders:
    def test_a_missing_folder_is_said_and_keeps_no_other_waiting(
        self, workshop: Open, photos: Path, tmp_path: Path, library_file: Path
    ) -> None:
        write_photos(photos, 3)
        missing = [tmp_path / name for name in ("gone1", "gone2", "gone3")]
        with Store.open(library_file) as store:
            for path in missing:
                store.add_folder(path, watched=True)
        # Without a scorer nothing else stirs the worker.
        shop = workshop(load=_no_scorer)
        shop.until(lambda: sum(row.content_hash is not None for row in shop.rows.values()) == 3)
        shop.until(lambda: [shop.status(path) for path in missing] == ["missing"] * 3)
        assert "gone1 does not exist" in shop.notices[0].text

    def test_a_folder_that_vanishes_keeps_its_photos_and_is_watched_again_when_it_is_back(
        self, workshop: Open, photos: Path
    ) -> None:
        write_photos(photos, 3)
        scorer = FakeScorer()
        shop = workshop(scorer)
        shop.until_scored(3)
        away = photos.with_name("unplugged")
        photos.rename(away)
        shop.until(lambda: shop.status(photos) == "missing")
        assert len(shop.rows) == 3
        away.rename(photos)
        shop.until(lambda: shop.status(photos) == "watched")
        write_photo(photos / "new.jpg", 230)
        shop.until_scored(4)
        assert scorer.call_count == 4

    def test_a_folder_can_be_added_and_removed(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 3)
        scorer = FakeScorer()
        shop = workshop(scorer, folders=())
        shop.add_folder.emit(photos)
        shop.until_scored(3)
        shop.mark("IMG_000.jpg", Flag.PICK)
        shop.remove_folder.emit(shop.folders[0].id)
        shop.until(lambda: not shop.rows and not shop.folders)
        shop.add_folder.emit(photos)
        shop.until_scored(3)
        row = shop.named("IMG_000.jpg")
        assert row is not None
        assert (row.flag, scorer.call_count) == (Flag.PICK, 3)

    def test_what_is_no_folder_is_refused_in_a_sentence(self, workshop: Open, photos: Path) -> None:
        path = write_photo(photos / "a.jpg")
        shop = workshop(folders=())
        shop.add_folder.emit(path)
        shop.until(lambda: shop.notices)
        assert "is no folder" in shop.notices[0].text

    def test_a_rescan_finds_what_no_event_told(
        self, workshop: Open, photos: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(folder_watch.FolderWatch, "watch", _watch_nothing)
        shop = workshop()
        shop.until(lambda: shop.ready and shop.status(photos) == "watched")
        write_photos(photos, 2)
        shop.rescan.emit()
        shop.until_scored(2)


def _watch_nothing(self: folder_watch.FolderWatch, folder: Folder) -> None:
    self._folders.clear()


def _no_scorer(*_: Any) -> FakeScorer:
    raise WeightsError("There is no scorer.")
