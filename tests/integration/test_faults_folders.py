"""Folders and files that go, come back, or are other ones meanwhile: real folders, real watching, real drives."""

import itertools
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.imaging.hashing import content_hash
from maclip_desktop.jobs.scan import scan
from maclip_desktop.jobs.tasks import identify, save_identified
from maclip_desktop.library.store import Store
from tests.helpers.fakes import FakeScorer
from tests.helpers.faults import folder_hash, kept, plug_in, unmount, untouched
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open, Workshop

PHOTOS = 12
MARKS = {"IMG_001.jpg": Flag.REJECT, "IMG_004.jpg": Flag.PICK}


def begun(shop: Workshop) -> Workshop:
    """Every photo scored, two marked."""
    shop.until_scored(PHOTOS)
    for name, flag in MARKS.items():
        shop.mark(name, flag)
    return shop


def shown(shop: Workshop) -> dict[str, tuple[Flag, float | None]]:
    return {row.path.name: (row.flag, row.score) for row in shop.rows.values()}


class TestAFolderThatVanishes:
    def test_is_back_with_all_marks_and_nothing_is_scored_again(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, PHOTOS)
        scorer = FakeScorer()
        shop = begun(workshop(scorer))
        before, away = shown(shop), photos.with_name("away")
        with untouched(photos):
            photos.rename(away)
            shop.until(lambda: shop.status(photos) == "missing")
            assert shown(shop) == before
            away.rename(photos)
            shop.until(lambda: shop.status(photos) == "watched")
        assert shown(shop) == before
        assert scorer.call_count == PHOTOS

    def test_may_be_away_for_a_whole_session(self, workshop: Open, photos: Path, library_file: Path) -> None:
        write_photos(photos, PHOTOS)
        first = begun(workshop())
        before, away = shown(first), photos.with_name("away")
        assert first.close()
        photos.rename(away)
        second = workshop(folders=())
        second.until(lambda: second.status(photos) == "missing")
        assert shown(second) == before
        assert second.close()
        away.rename(photos)
        scorer = FakeScorer()
        third = workshop(scorer)
        third.until(lambda: third.status(photos) == "watched")
        assert shown(third) == before == kept(library_file)
        assert scorer.call_count == 0

    def test_photos_that_came_while_it_was_away_are_taken_in(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, PHOTOS)
        shop = begun(workshop())
        before, away = shown(shop), photos.with_name("away")
        photos.rename(away)
        shop.until(lambda: shop.status(photos) == "missing")
        write_photo(away / "new.jpg", 250, side=90)
        away.rename(photos)
        shop.until_scored(PHOTOS + 1)
        assert {name: found for name, found in shown(shop).items() if name != "new.jpg"} == before


class TestADriveThatIsUnplugged:
    """Its mount point stays, an empty folder: no photo may be taken for deleted."""

    @pytest.fixture
    def drive(self, tmp_path: Path, photos: Path) -> Path:
        """What the drive holds; plugged in at the folder of photos."""
        content = tmp_path / "content"
        write_photos(content, PHOTOS)
        plug_in(content, photos)
        return content

    @pytest.fixture(autouse=True)
    def unplugged_in_the_end(self, photos: Path) -> Iterator[None]:
        yield
        unmount(photos)

    def test_while_the_program_runs(self, workshop: Open, photos: Path, drive: Path) -> None:
        scorer = FakeScorer()
        shop = begun(workshop(scorer))
        before, bytes_before = shown(shop), folder_hash(drive)
        unmount(photos)
        shop.until(lambda: shop.status(photos) == "missing")
        assert shown(shop) == before
        plug_in(drive, photos)
        shop.until(lambda: shop.status(photos) == "watched")
        assert (shown(shop), folder_hash(drive), scorer.call_count) == (before, bytes_before, PHOTOS)

    def test_while_it_does_not(self, workshop: Open, photos: Path, drive: Path, library_file: Path) -> None:
        first = begun(workshop())
        before = shown(first)
        assert first.close()
        unmount(photos)
        second = workshop(folders=())
        second.until(lambda: second.status(photos) == "missing")
        assert second.close()
        assert kept(library_file) == before
        plug_in(drive, photos)
        scorer = FakeScorer()
        third = workshop(scorer, folders=())
        third.until(lambda: third.status(photos) == "watched")
        assert (shown(third), scorer.call_count) == (before, 0)


def test_a_photo_replaced_again_and_again_while_it_is_read(workshop: Open, photos: Path, library_file: Path) -> None:
    """What is kept in the end is of the file that is there, never half of one and half of another."""
    write_photos(photos, PHOTOS)
    contents = [write_photo(photos.with_name(f"state_{n}"), 40 * n + 10, side=200).read_bytes() for n in range(5)]
    target, ended = photos / "busy.jpg", threading.Event()

    def replace() -> None:
        number = 0
        while not ended.is_set():
            temporary = photos / "busy.part"
            temporary.write_bytes(contents[number % len(contents)])
            temporary.replace(target)
            number += 1

    busy = threading.Thread(target=replace)
    busy.start()
    try:
        shop = workshop()
        shop.until(lambda: sum(row.current_score is not None for row in shop.rows.values()) >= PHOTOS)
    finally:
        ended.set()
        busy.join()
    os.utime(target)
    shop.until(lambda: (row := shop.named("busy.jpg")) is not None and row.content_hash == content_hash(target))
    shop.until_scored(PHOTOS + 1)
    assert shop.close()
    with Store.open(library_file) as store:
        row = next(row for row in store.rows() if row.path == target)
        brightness = (40 * contents.index(target.read_bytes()) + 10) / 255
        assert row.score == pytest.approx(brightness, abs=0.01)


class TestAClockThatJumps:
    def test_times_of_files_may_lie_anywhere(self, workshop: Open, photos: Path) -> None:
        paths = write_photos(photos, PHOTOS)
        for path, seconds in zip(paths, (0, 1, 86400, 4102444800, 2**31, 2**33), strict=False):
            os.utime(path, (seconds, seconds))
        shop = begun(workshop())
        before = shown(shop)
        shop.rescan.emit()
        shop.until(lambda: shop.status(photos) == "watched")
        assert shown(shop) == before

    def test_a_file_that_gets_older_is_another_one(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, PHOTOS)
        shop = begun(workshop())
        target = photos / "IMG_001.jpg"
        write_photo(target, 240, side=70)
        os.utime(target, (1_000_000, 1_000_000))
        shop.until(lambda: (row := shop.named(target.name)) is not None and row.content_hash == content_hash(target))
        shop.until_scored(PHOTOS)
        row = shop.named(target.name)
        # The mark belongs to the picture that was there.
        assert row is not None and row.flag is Flag.NONE

    def test_marks_are_undone_in_the_order_they_were_made_in(self, tmp_path: Path) -> None:
        library, photos = tmp_path / "library.db", tmp_path / "photos"
        write_photos(photos, 4)
        clock = itertools.cycle([4e9, 3e9, 5e9, 1.0, 2e9, 0.0])
        with Store.open(library, now=lambda: next(clock)) as store:
            folder = store.add_folder(photos, watched=True)
            list(scan(store, folder))
            save_identified(store, [identify(row) for row in store.to_identify(10)])
            ids = [row.id for row in store.rows()]
            for photo_id in ids:
                store.decide([photo_id], Flag.REJECT, Decider.PERSON, str(photo_id))
            undone = [step.action for step in (store.undo(), store.undo()) if step is not None]
        assert undone == [str(ids[3]), str(ids[2])]
        assert sum(flag is Flag.REJECT for flag, _ in kept(library).values()) == 2
