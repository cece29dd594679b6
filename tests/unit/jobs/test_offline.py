"""A folder whose drive is not there is offline: its photos stay, cost nothing, and are back with the drive."""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maclip_desktop.core.flags import Flag
from maclip_desktop.core.photo import Folder
from maclip_desktop.errors import FolderError
from maclip_desktop.imaging.hashing import content_hash
from maclip_desktop.jobs import scan as scan_module
from maclip_desktop.jobs import tasks
from maclip_desktop.jobs.identifying import IdentifyQueue
from maclip_desktop.jobs.scan import scan
from maclip_desktop.jobs.scoring_queue import ScoringQueue
from maclip_desktop.library.store import Store
from maclip_desktop.watching import identity, walk
from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.pools import LazyExecutor
from tests.helpers.workshop import Open, Workshop


def unplug(photos: Path) -> None:
    photos.rename(photos.with_name("unplugged"))


def plug_in(photos: Path) -> None:
    photos.with_name("unplugged").rename(photos)


class TestInTheWindow:
    @pytest.fixture
    def scorer(self) -> FakeScorer:
        return FakeScorer()

    @pytest.fixture
    def shop(self, workshop: Open, photos: Path, scorer: FakeScorer) -> Workshop:
        write_photos(photos, 5)
        shop = workshop(scorer)
        shop.until_scored(5)
        shop.mark("IMG_003.jpg", Flag.PICK)
        shop.until(lambda: shop.status(photos) == "watched")
        return shop

    def test_everything_is_back_with_the_drive_and_nothing_is_read_again(
        self, shop: Workshop, photos: Path, scorer: FakeScorer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = dict(shop.rows)
        read: list[Path] = []

        def noted(path: Path) -> str:
            read.append(path)
            return content_hash(path)

        monkeypatch.setattr(tasks, "content_hash", noted)
        unplug(photos)
        shop.until(lambda: shop.status(photos) == "missing")
        plug_in(photos)
        shop.until(lambda: shop.status(photos) == "watched")
        assert shop.rows == before
        assert (read, scorer.call_count) == ([], 5)

    def test_a_mount_point_without_its_drive_is_no_emptied_folder(
        self, shop: Workshop, photos: Path, scorer: FakeScorer
    ) -> None:
        before = dict(shop.rows)
        unplug(photos)
        photos.mkdir()  # the directory that the drive was mounted on
        shop.until(lambda: shop.status(photos) == "missing")
        shop.until(lambda: shop.notices)
        assert "its drive seems not to be there" in shop.notices[0].text
        shop.rescan.emit()
        shop.rescan.emit()
        shop.look_up.emit(min(before))
        shop.until(lambda: shop.details)  # answered after the looks
        assert shop.rows == before
        photos.rmdir()
        plug_in(photos)
        shop.until(lambda: shop.status(photos) == "watched")
        assert (shop.rows, scorer.call_count) == (before, 5)
        assert len(shop.notices) == 1

    def test_an_empty_mount_point_is_known_after_a_start_as_well(
        self, shop: Workshop, workshop: Open, photos: Path
    ) -> None:
        shop.close()
        unplug(photos)
        photos.mkdir()
        again = workshop()
        again.until(lambda: again.status(photos) == "missing")
        assert len(again.rows) == 5

    def test_a_folder_that_was_emptied_is_empty(self, shop: Workshop, photos: Path) -> None:
        for path in photos.iterdir():
            path.unlink()
        shop.until(lambda: not shop.rows)
        assert (shop.status(photos), shop.notices) == ("watched", [])

    def test_a_missing_folder_is_offline_before_anybody_looks_for_its_photos(
        self, shop: Workshop, workshop: Open, photos: Path
    ) -> None:
        shop.close()
        unplug(photos)
        again = workshop()
        again.until(lambda: again.folders)
        again.until(lambda: again.status(photos) == "missing")
        assert len(again.rows) == 5

    def test_unread_photos_wait_without_an_error(self, workshop: Open, photos: Path, library_file: Path) -> None:
        write_photos(photos, 4)
        with Store.open(library_file) as store:
            list(scan(store, store.add_folder(photos, watched=True)))
        unplug(photos)
        shop = workshop(folders=())
        shop.until(lambda: shop.status(photos) == "missing" and len(shop.rows) == 4 and shop.ready)
        plug_in(photos)
        shop.until_scored(4)
        assert [notice.text for notice in shop.notices if "does not exist" not in notice.text] == []


class TestWhatIsHandedOut:
    @pytest.fixture
    def other(self, store: Store, tmp_path: Path) -> Folder:
        (tmp_path / "other").mkdir()
        return store.add_folder(tmp_path / "other", watched=True)

    def test_nothing_of_an_offline_folder_is_read(self, store: Store, folder: Folder, other: Folder) -> None:
        write_photos(folder.path, 40)
        write_photos(other.path, 2)
        for one in (folder, other):
            list(scan(store, one))
        pool = LazyExecutor()
        queue = IdentifyQueue(pool, lambda _: None)
        queue.arrived([row.id for row in store.rows()])
        queue.advance(store, {folder.id})
        assert {row.folder_id for _, arguments, _ in pool.submitted for row in arguments[0]} == {other.id}

    def test_nothing_of_an_offline_folder_is_scored(
        self, store: Store, folder: Folder, other: Folder, identified: Callable[[], list[Any]]
    ) -> None:
        write_photos(folder.path, 40)
        write_photo(other.path / "a.jpg", 250)
        list(scan(store, other))
        rows = identified()
        queue = ScoringQueue()
        queue.visible = tuple(row.id for row in rows)
        queue.arrived(row.id for row in rows)
        assert [row.path.name for row in queue.take(store, "m", {folder.id})] == ["a.jpg"]

    def test_a_copy_that_is_there_is_scored_for_one_that_is_not(
        self, store: Store, folder: Folder, other: Folder, identified: Callable[[], list[Any]]
    ) -> None:
        for one in (folder, other):
            write_photo(one.path / "same.jpg", 99)
        list(scan(store, other))
        identified()
        (row,) = ScoringQueue().take(store, "m", {folder.id})
        assert row.folder_id == other.id


class TestADriveThatFails:
    """In the middle of a look at the folder: what was not seen is not gone."""

    @pytest.fixture
    def known(self, store: Store, folder: Folder, photos: Path) -> Store:
        for name in "abc":
            write_photos(photos / name, 2)
        list(scan(store, folder))
        return store

    @pytest.mark.parametrize("number", [errno.EIO, errno.ENODEV, errno.ESTALE, errno.ETIMEDOUT])
    def test_a_directory_that_cannot_be_listed_any_more(
        self, known: Store, folder: Folder, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        entries = walk._entries

        def failing(directory: Path | str) -> Any:
            if str(directory).endswith(("b", "c")):
                raise OSError(number, os.strerror(number), str(directory))
            return entries(directory)

        monkeypatch.setattr(walk, "_entries", failing)
        steps = list(scan(known, folder))
        assert len(list(known.rows())) == 6
        assert sorted(path.name for path in steps[-1].problems) == ["b", "c"]
        assert "check its drive" in str(dict(steps[-1].problems))

    def test_gone_between_the_first_directory_and_the_last(
        self, known: Store, folder: Folder, photos: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scan_module, "STEP_FILES", 1)
        steps = scan(known, folder)
        next(steps)
        unplug(photos)
        with pytest.raises(FolderError, match="unplugged"):
            list(steps)
        assert len(list(known.rows())) == 6

    def test_while_photos_are_read(self, workshop: Open, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_photos(photos, 30)
        started, gate = threading.Event(), threading.Event()

        def waiting(path: Path) -> str:
            started.set()
            gate.wait(20)
            return content_hash(path)

        monkeypatch.setattr(tasks, "content_hash", waiting)
        shop = workshop()
        shop.until(started.is_set)
        unplug(photos)
        gate.set()
        shop.until(lambda: shop.status(photos) == "missing" and len(shop.rows) == 30)
        plug_in(photos)
        shop.until_scored(30)


class TestADriveInsideAFolder:
    """Such as one card among those below /media."""

    @pytest.fixture
    def card(self, store: Store, folder: Folder, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A directory that counts as a drive of its own while it is there."""
        card = photos / "card"
        drive = photos.stat().st_dev
        monkeypatch.setattr(walk, "_drive_of", lambda entry: drive + ("card" in Path(entry.path).parts))
        monkeypatch.setattr(scan_module, "is_drive_of_its_own", lambda path: path == card and path.is_dir())
        write_photos(card / "DCIM", 3)
        write_photo(photos / "own.jpg", 210)
        self.look(store)
        return card

    def look(self, store: Store) -> None:
        list(scan(store, store.folders()[0]))

    def names(self, store: Store) -> list[str]:
        return sorted(row.path.name for row in store.rows())

    def test_keeps_its_photos_while_it_is_away_directory_and_all(self, store: Store, card: Path) -> None:
        card.rename(card.parent.with_name("away"))
        for _ in range(2):
            self.look(store)
            assert len(self.names(store)) == 4

    def test_loses_those_that_were_deleted_when_it_is_back(self, store: Store, card: Path) -> None:
        away = card.parent.with_name("away")
        card.rename(away)
        self.look(store)
        (away / "DCIM" / "IMG_001.jpg").unlink()
        away.rename(card)
        self.look(store)
        assert self.names(store) == ["IMG_000.jpg", "IMG_002.jpg", "own.jpg"]

    def test_does_not_keep_what_is_deleted_beside_it(self, store: Store, card: Path, photos: Path) -> None:
        card.rename(card.parent.with_name("away"))
        (photos / "own.jpg").unlink()
        write_photo(photos / "new.jpg")
        self.look(store)
        assert self.names(store) == ["IMG_000.jpg", "IMG_001.jpg", "IMG_002.jpg", "new.jpg"]

    def test_is_told_by_the_number_of_its_drive(self, tmp_path: Path) -> None:
        (tmp_path / "plain").mkdir()
        assert not identity.is_drive_of_its_own(tmp_path / "plain")
        assert not identity.is_drive_of_its_own(tmp_path / "gone")
        if Path("/proc/self").exists():
            assert identity.is_drive_of_its_own(Path("/proc"))
