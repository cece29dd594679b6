"""The drive of the library is full: what is there stays, the window lives, and all goes on once there is room."""

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.errors import LibraryError
from maclip_desktop.imaging.thumbnails import ThumbnailCache
from maclip_desktop.jobs.messages import FlagRequest
from maclip_desktop.library import opening
from maclip_desktop.library.backups import write_backup
from maclip_desktop.library.store import Store
from maclip_desktop.settings import Settings, load_settings, save_settings
from tests.helpers.faults import fill_up, kept, small_disk, untouched
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open, Workshop

MARKED = ("IMG_000.jpg", "IMG_007.jpg")
MANY = 400


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 8000) as place:
        yield place


def marked(shop: Workshop) -> dict[str, Flag]:
    return {row.path.name: row.flag for row in shop.rows.values() if row.flag is not Flag.NONE}


def write_many(photos: Path) -> None:
    """Photos unlike those that are marked, for a copy of them would be marked as well."""
    for number in range(MANY):
        write_photo(photos / "more" / f"more_{number:03}.jpg", number % 256, side=64 + number // 256)


def says_full(shop: Workshop) -> bool:
    return any("drive is full" in notice.text for notice in shop.notices)


class TestARealSmallDrive:
    def test_an_import_stops_and_goes_on_when_there_is_room(self, workshop: Open, photos: Path, disk: Path) -> None:
        write_photos(photos, 10)
        library = disk / "library.db"
        shop = workshop(library=library)
        shop.until_scored(10)
        for name in MARKED:
            shop.mark(name, Flag.REJECT)
        ballast = fill_up(disk)
        write_many(photos)
        with untouched(photos):
            shop.until(lambda: says_full(shop))
            assert marked(shop) == dict.fromkeys(MARKED, Flag.REJECT)
            ballast.unlink()
            shop.until_scored(10 + MANY)
        assert shop.close()
        flags = {name: flag for name, (flag, _) in kept(library).items() if flag is not Flag.NONE}
        assert flags == dict.fromkeys(MARKED, Flag.REJECT)

    def test_marks_survive_the_end_of_the_program_on_a_full_drive(
        self, workshop: Open, photos: Path, disk: Path
    ) -> None:
        write_photos(photos, 10)
        library = disk / "library.db"
        shop = workshop(library=library)
        shop.until_scored(10)
        shop.mark(MARKED[0], Flag.REJECT)
        scores = {row.path.name: row.score for row in shop.rows.values()}
        ballast = fill_up(disk)
        row = shop.named(MARKED[1])
        assert row is not None
        shop.flag.emit(FlagRequest((row.id,), Flag.PICK, Decider.PERSON, "pick"))
        shop.until(lambda: shop.notices or marked(shop).get(MARKED[1]) is Flag.PICK)
        shown = marked(shop)
        assert shop.close()
        ballast.unlink()
        there = kept(library)
        # What was shown is kept; what could not be kept was not shown.
        assert {name: flag for name, (flag, _) in there.items() if flag is not Flag.NONE} == shown
        assert {name: score for name, (_, score) in there.items()} == scores

    def test_a_library_that_cannot_be_opened_for_want_of_room_says_so(self, disk: Path) -> None:
        library = disk / "library.db"
        Store.open(library).close()
        ballast = fill_up(disk)
        with pytest.raises(LibraryError, match="drive is full; free some space"):
            Store.open(library)
        ballast.unlink()
        Store.open(library).close()

    def test_thumbnails_are_shown_all_the_same_and_none_is_half_written(self, photos: Path, disk: Path) -> None:
        photo = write_photo(photos / "a.jpg", side=600)
        cache = ThumbnailCache(disk / "thumbnails")
        ballast = fill_up(disk)
        status = photo.stat()
        shown = cache.load_or_make(photo, status.st_size, status.st_mtime_ns)
        assert shown.startswith(b"\xff\xd8")
        ballast.unlink()
        assert cache.load_or_make(photo, status.st_size, status.st_mtime_ns) == shown

    def test_settings_stay_as_they_were(self, disk: Path) -> None:
        file = disk / "settings.json"
        save_settings(Settings(threshold=0.25), file)
        ballast = fill_up(disk)
        with pytest.raises(OSError, match="No space left"):
            save_settings(Settings(threshold=0.75), file)
        assert load_settings(file).threshold == 0.25
        ballast.unlink()
        save_settings(Settings(threshold=0.75), file)
        assert load_settings(file).threshold == 0.75

    def test_a_backup_that_does_not_fit_leaves_the_one_before(self, tmp_path: Path, disk: Path) -> None:
        library, target = tmp_path / "library.db", disk / "backup.db"
        Store.open(library).close()
        write_backup(library, target)
        before = target.read_bytes()
        fill_up(disk)
        with pytest.raises(LibraryError, match="could not be backed up"):
            write_backup(library, target)
        assert target.read_bytes() == before
        assert sorted(path.name for path in disk.iterdir()) == ["backup.db", "ballast"]


class TestADatabaseThatMayNotGrow:
    """The same where no drive can be mounted: SQLite's own limit of pages gives the same error."""

    @pytest.fixture
    def connections(self, monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
        """Connections that the workers open; other threads may give them a limit."""
        made: list[sqlite3.Connection] = []

        def connect(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
            timeout = busy_timeout_ms / 1000
            made.append(sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False))
            return made[-1]

        monkeypatch.setattr(opening, "_connect", connect)
        return made

    def test_an_import_stops_and_goes_on_when_there_is_room(
        self, workshop: Open, photos: Path, library_file: Path, connections: list[sqlite3.Connection]
    ) -> None:
        write_photos(photos, 10)
        shop = workshop()
        shop.until_scored(10)
        for name in MARKED:
            shop.mark(name, Flag.REJECT)
        (pages,) = connections[-1].execute("PRAGMA page_count").fetchone()
        connections[-1].execute(f"PRAGMA max_page_count = {pages + 2}")
        write_many(photos)
        with untouched(photos):
            shop.until(lambda: says_full(shop))
            assert marked(shop) == dict.fromkeys(MARKED, Flag.REJECT)
            connections[-1].execute(f"PRAGMA max_page_count = {sys.maxsize >> 32}")
            shop.until_scored(10 + MANY)
        assert shop.close()
        flags = {name: flag for name, (flag, _) in kept(library_file).items() if flag is not Flag.NONE}
        assert flags == dict.fromkeys(MARKED, Flag.REJECT)
