"""The thumbnail cache stays within its limit; what was not looked at for longest goes first, and nobody waits."""

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from maclip_desktop.imaging import thumbnail_limit
from maclip_desktop.imaging.thumbnail_files import ThumbnailFiles
from maclip_desktop.imaging.thumbnail_limit import evict
from maclip_desktop.imaging.thumbnails import ThumbnailCache

DAY_S = 24 * 3600
STORED = 1000
"""Bytes of a stored file: what is written, and the hash of it."""


def key(number: int) -> str:
    return f"{number:040x}"


def fill(folder: Path, numbers: range) -> None:
    """Stored files; the smaller the number, the longer ago it was looked at."""
    files = ThumbnailFiles(folder, sys.maxsize)
    for number in numbers:
        files.write(key(number), bytes(STORED - 16))
        age(folder, number, days=1000 - number)
    files.close()


def place(folder: Path, number: int) -> Path:
    return folder / key(number)[:2] / f"{key(number)}.jpg"


def age(folder: Path, number: int, days: float) -> None:
    then = time.time() - days * DAY_S
    os.utime(place(folder, number), (then, then))


def kept(folder: Path) -> list[int]:
    return sorted(int(file.stem, 16) for file in folder.rglob("*.jpg"))


def never() -> threading.Event:
    return threading.Event()


class TestEviction:
    def test_nothing_goes_within_the_limit(self, tmp_path: Path) -> None:
        fill(tmp_path, range(10))
        assert evict(tmp_path, 10 * STORED, never()) == 10 * STORED
        assert kept(tmp_path) == list(range(10))

    def test_a_tenth_is_made_free_and_the_oldest_go(self, tmp_path: Path) -> None:
        fill(tmp_path, range(21))
        assert evict(tmp_path, 20 * STORED, never()) == 18 * STORED
        assert kept(tmp_path) == list(range(3, 21))

    def test_of_many_with_one_time_no_more_go_than_must(self, tmp_path: Path) -> None:
        fill(tmp_path, range(21))
        for number in range(21):
            os.utime(place(tmp_path, number), (1, 1))
        assert evict(tmp_path, 20 * STORED, never()) == 18 * STORED

    def test_a_limit_of_nothing_leaves_nothing(self, tmp_path: Path) -> None:
        fill(tmp_path, range(5))
        assert evict(tmp_path, 0, never()) == 0
        assert kept(tmp_path) == []

    def test_what_is_no_file_of_the_cache_stays(self, tmp_path: Path) -> None:
        fill(tmp_path, range(3))
        others = [tmp_path / "holiday.jpg", tmp_path / "00" / "holiday.jpg", tmp_path / "mine" / f"{key(1)}.jpg"]
        for other in others:
            other.parent.mkdir(exist_ok=True)
            other.write_bytes(bytes(STORED))
            os.utime(other, (1, 1))
        evict(tmp_path, 0, never())
        assert all(other.exists() for other in others)

    @pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
    def test_a_link_leads_to_nothing_that_is_deleted(self, tmp_path: Path) -> None:
        fill(tmp_path / "elsewhere", range(3))
        (tmp_path / "cache").mkdir()
        (tmp_path / "cache" / "00").symlink_to(tmp_path / "elsewhere" / "00")
        evict(tmp_path / "cache", 0, never())
        assert kept(tmp_path / "elsewhere") == [0, 1, 2]

    def test_what_a_killed_writer_left_goes_and_what_is_being_written_stays(self, tmp_path: Path) -> None:
        fill(tmp_path, range(1))
        left, new = tmp_path / "00" / "tmpabc.tmp", tmp_path / "00" / "tmpdef.tmp"
        for temporary in (left, new):
            temporary.touch()
        os.utime(left, (1, 1))
        evict(tmp_path, 10 * STORED, never())
        assert (left.exists(), new.exists()) == (False, True)

    def test_a_folder_that_is_not_there_is_empty(self, tmp_path: Path) -> None:
        assert evict(tmp_path / "nothing", 10, never()) == 0

    def test_two_programs_may_do_it_at_once(self, tmp_path: Path) -> None:
        fill(tmp_path, range(200))
        start = threading.Barrier(2)

        def program() -> None:
            start.wait()
            evict(tmp_path, 100 * STORED, never())

        threads = [threading.Thread(target=program) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(kept(tmp_path)) <= 100
        assert 199 in kept(tmp_path)

    def test_it_can_be_broken_off(self, tmp_path: Path) -> None:
        fill(tmp_path, range(5))
        stop = threading.Event()
        stop.set()
        evict(tmp_path, 0, stop)
        assert kept(tmp_path) == list(range(5))


class TestFiles:
    def test_the_first_write_finds_what_is_too_much(self, tmp_path: Path) -> None:
        fill(tmp_path, range(30))
        files = ThumbnailFiles(tmp_path, 10 * STORED)
        files.write(key(999), bytes(STORED - 16))
        files.wait()
        assert kept(tmp_path) == [*range(22, 30), 999]

    def test_writing_on_never_goes_far_beyond_the_limit(self, tmp_path: Path) -> None:
        files = ThumbnailFiles(tmp_path, 20 * STORED)
        for number in range(100):
            files.write(key(number), bytes(STORED - 16))
            files.wait()
            assert len(kept(tmp_path)) <= 20
        assert 99 in kept(tmp_path)

    def test_within_the_limit_the_folder_is_looked_through_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looks: list[Path] = []

        def counted(folder: Path, limit: int, stop: threading.Event) -> int:
            looks.append(folder)
            return evict(folder, limit, stop)

        monkeypatch.setattr(thumbnail_limit, "evict", counted)
        files = ThumbnailFiles(tmp_path, 100 * STORED)
        for number in range(50):
            files.write(key(number), bytes(STORED - 16))
            files.wait()
        assert looks == [tmp_path]

    def test_a_read_does_not_wait_for_an_eviction(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        begun, go_on = threading.Event(), threading.Event()

        def slow(folder: Path, limit: int, stop: threading.Event) -> int:
            begun.set()
            assert go_on.wait(10)
            return 0

        monkeypatch.setattr(thumbnail_limit, "evict", slow)
        files = ThumbnailFiles(tmp_path, 100 * STORED)
        files.write(key(1), b"one")
        assert begun.wait(10)
        files.write(key(2), b"two")
        assert (files.read(key(1)), files.read(key(2))) == (b"one", b"two")
        go_on.set()
        files.wait()

    @pytest.mark.parametrize(("days", "touched"), [(2, True), (0.5, False), (-3, True)])
    def test_a_look_is_noted_once_a_day(self, days: float, touched: bool, tmp_path: Path) -> None:
        fill(tmp_path, range(1))
        age(tmp_path, 0, days)
        before = place(tmp_path, 0).stat().st_mtime
        ThumbnailFiles(tmp_path, 10 * STORED).read(key(0))
        after = place(tmp_path, 0).stat().st_mtime
        assert (after != before) == touched
        assert not touched or abs(after - time.time()) < 3600

    def test_what_was_looked_at_outlives_what_was_not(self, tmp_path: Path) -> None:
        fill(tmp_path, range(21))
        files = ThumbnailFiles(tmp_path, 20 * STORED)
        files.read(key(0))
        evict(tmp_path, 20 * STORED, never())
        assert kept(tmp_path) == [0, *range(4, 21)]

    def test_a_limit_of_nothing_keeps_and_finds_nothing(self, tmp_path: Path) -> None:
        fill(tmp_path, range(3))
        files = ThumbnailFiles(tmp_path, 0)
        assert files.read(key(1)) is None
        files.write(key(7), b"seven")
        files.wait()
        assert kept(tmp_path) == []

    def test_closing_breaks_an_eviction_off(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def endless(folder: Path, limit: int, stop: threading.Event) -> int:
            assert stop.wait(10)
            return 0

        monkeypatch.setattr(thumbnail_limit, "evict", endless)
        files = ThumbnailFiles(tmp_path, 10)
        files.write(key(1), b"one")
        files.close()
        files.write(key(2), b"two")
        assert files.read(key(2)) == b"two"


def test_closing_does_not_wait_for_a_drive_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = threading.Event()
    monkeypatch.setattr(thumbnail_limit, "_LEAVING_S", 0.01)
    monkeypatch.setattr(thumbnail_limit, "evict", lambda *_: answer.wait(20) and 0)
    limit = thumbnail_limit.SizeLimit(tmp_path, 1)
    limit.grown(1)
    limit.close()
    assert "picture-cache" in {thread.name for thread in threading.enumerate()}
    answer.set()
    limit.wait()


@pytest.mark.parametrize("mend", [lambda cache: cache.wait(), lambda cache: cache.close()])
def test_a_cache_says_when_its_background_is_quiet(
    mend: Callable[[ThumbnailCache], None], tmp_path: Path, photo: Path
) -> None:
    cache = ThumbnailCache(tmp_path / "cache", limit_bytes=0)
    assert cache.load_or_make(photo, 1, 1)
    mend(cache)
    assert "picture-cache" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="a folder that cannot be written")
def test_a_folder_that_cannot_be_written_still_gives_what_it_holds(tmp_path: Path) -> None:
    fill(tmp_path, range(1))
    age(tmp_path, 0, 5)
    place(tmp_path, 0).parent.chmod(0o500)
    assert ThumbnailFiles(tmp_path, STORED).read(key(0)) == bytes(STORED - 16)
