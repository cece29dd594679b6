"""Watching real folders with real watchdog threads."""

import errno
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from watchdog.events import FileSystemEventHandler
from watchdog.observers.api import BaseObserver, ObservedWatch

from maclip_desktop.core.patterns import Patterns
from maclip_desktop.errors import FolderError
from maclip_desktop.watching import watcher as watcher_module
from maclip_desktop.watching.native import native_observer
from maclip_desktop.watching.watcher import PROBE, FolderWatcher, WatchKind

PATIENCE_S = 20.0


class Seen:
    """Gathers what a watcher takes; waits for a path instead of sleeping."""

    def __init__(self, **options: object) -> None:
        self._changed = threading.Event()
        self.watcher = FolderWatcher(self._changed.set, **options)  # type: ignore[arg-type]
        self.paths: set[Path] = set()

    def until(self, arrived: Callable[[set[Path]], bool]) -> None:
        while not arrived(self.paths):
            assert self._changed.wait(PATIENCE_S), f"only {sorted(self.paths)} came"
            self._changed.clear()
            self.paths |= self.watcher.take()

    def until_dirty(self, *paths: Path) -> None:
        self.until(lambda seen: seen.issuperset(paths))

    def until_quiet(self, folder: Path) -> set[Path]:
        """All paths up to the one of a file made now: events of one folder come in their order."""
        marker = folder / "marker.jpg"
        marker.write_bytes(b"x")
        self.until_dirty(marker)
        return self.paths - {marker}


@pytest.fixture
def threads_before() -> set[threading.Thread]:
    return set(threading.enumerate())


@pytest.fixture
def seen(threads_before: set[threading.Thread]) -> Iterator[Seen]:
    seen = Seen()
    yield seen
    seen.watcher.stop()
    assert set(threading.enumerate()) <= threads_before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def test_a_new_photo_is_dirty(seen: Seen, folder: Path) -> None:
    assert seen.watcher.watch(folder, True) is WatchKind.NATIVE
    assert seen.watcher.problems() == {}
    (folder / "a.jpg").write_bytes(b"x")
    seen.until_dirty(folder / "a.jpg")


def test_a_photo_in_a_new_folder_is_dirty_or_its_folder_is(seen: Seen, folder: Path) -> None:
    seen.watcher.watch(folder, True)
    (folder / "new" / "deep").mkdir(parents=True)
    (folder / "new" / "deep" / "a.jpg").write_bytes(b"x")
    seen.until(lambda paths: bool(paths & {folder / "new", folder / "new/deep", folder / "new/deep/a.jpg"}))


def test_a_changed_photo_is_dirty(seen: Seen, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"x")
    seen.watcher.watch(folder, True)
    (folder / "a.jpg").write_bytes(b"changed")
    seen.until_dirty(folder / "a.jpg")


def test_a_deleted_photo_is_dirty(seen: Seen, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"x")
    seen.watcher.watch(folder, True)
    (folder / "a.jpg").unlink()
    seen.until_dirty(folder / "a.jpg")


def test_both_names_of_a_renamed_photo_are_dirty(seen: Seen, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"x")
    seen.watcher.watch(folder, True)
    (folder / "a.jpg").rename(folder / "b.jpg")
    seen.until_dirty(folder / "a.jpg", folder / "b.jpg")


def test_a_download_renamed_to_its_name_is_dirty_under_that_name_only(seen: Seen, folder: Path) -> None:
    seen.watcher.watch(folder, True)
    (folder / "a.jpg.part").write_bytes(b"x")
    (folder / "a.jpg.part").rename(folder / "a.jpg")
    assert seen.until_quiet(folder) == {folder / "a.jpg"}


def test_both_names_of_a_renamed_folder_are_dirty(seen: Seen, folder: Path) -> None:
    (folder / "may").mkdir()
    seen.watcher.watch(folder, True)
    (folder / "may").rename(folder / "june")
    seen.until_dirty(folder / "may", folder / "june")


def test_a_folder_moved_in_from_outside_is_dirty(seen: Seen, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "a.jpg").write_bytes(b"x")
    seen.watcher.watch(folder, True)
    (tmp_path / "card").rename(folder / "card")
    seen.until_dirty(folder / "card")


def test_a_deleted_folder_is_dirty(seen: Seen, folder: Path) -> None:
    (folder / "may").mkdir()
    seen.watcher.watch(folder, True)
    shutil.rmtree(folder / "may")
    seen.until_dirty(folder / "may")


def test_reading_a_photo_makes_nothing_dirty(seen: Seen, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"x")
    seen.watcher.watch(folder, True)
    assert (folder / "a.jpg").read_bytes() == b"x"
    assert [path.name for path in folder.iterdir()] == ["a.jpg"]
    assert seen.until_quiet(folder) == set()


def test_what_is_no_photo_or_hidden_makes_nothing_dirty(seen: Seen, folder: Path) -> None:
    (folder / "@eaDir").mkdir()
    seen.watcher.watch(folder, True)
    for name in ("a.xmp", ".a.jpg", "@eaDir/a.jpg"):
        (folder / name).write_bytes(b"x")
    assert seen.until_quiet(folder) == set()


def test_a_hidden_folder_can_be_watched_when_asked_for(seen: Seen, tmp_path: Path) -> None:
    hidden = tmp_path / ".private"
    hidden.mkdir()
    seen.watcher.watch(hidden, True)
    (hidden / "a.jpg").write_bytes(b"x")
    seen.until_dirty(hidden / "a.jpg")


def test_deeper_folders_are_left_out_when_not_recursive(seen: Seen, folder: Path) -> None:
    (folder / "deep").mkdir()
    seen.watcher.watch(folder, False)
    (folder / "deep" / "a.jpg").write_bytes(b"x")
    assert seen.until_quiet(folder) == set()


def test_a_link_is_watched_and_its_photos_are_named_by_it(seen: Seen, folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    seen.watcher.watch(link, True)
    (folder / "a.jpg").write_bytes(b"x")
    seen.until_dirty(link / "a.jpg")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are no text")
def test_a_name_that_is_no_text_is_dirty(seen: Seen, folder: Path) -> None:
    seen.watcher.watch(folder, True)
    path = folder / os.fsdecode(b"caf\xe9.jpg")
    path.write_bytes(b"x")
    seen.until_dirty(path)


def test_take_empties_the_set(seen: Seen, folder: Path) -> None:
    seen.watcher.watch(folder, True)
    seen.until_quiet(folder)
    seen.watcher.unwatch(folder)
    seen.watcher.take()
    assert seen.watcher.take() == set()


def test_several_folders_are_watched_at_one_time_and_given_up_one_by_one(seen: Seen, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        seen.watcher.watch(folder, True)
    seen.watcher.unwatch(first)
    assert not seen.watcher.is_alive(first) and seen.watcher.is_alive(second)
    (first / "a.jpg").write_bytes(b"x")
    assert seen.until_quiet(second) == set()


def test_a_folder_watched_again_is_watched_once(seen: Seen, folder: Path) -> None:
    seen.watcher.watch(folder, False)
    seen.watcher.watch(folder, True)
    (folder / "deep").mkdir()
    seen.until_dirty(folder / "deep")
    seen.watcher.unwatch(folder)
    assert not seen.watcher.is_alive(folder)


def test_unwatching_what_is_not_watched_does_nothing(seen: Seen, folder: Path) -> None:
    seen.watcher.unwatch(folder)
    assert not seen.watcher.is_alive(folder)


def test_a_missing_folder_is_refused(seen: Seen, folder: Path) -> None:
    with pytest.raises(FolderError, match="gone does not exist"):
        seen.watcher.watch(folder / "gone", True)
    assert not seen.watcher.is_alive(folder / "gone")


def test_a_file_is_refused(seen: Seen, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"x")
    with pytest.raises(FolderError, match="is a file, not a folder"):
        seen.watcher.watch(folder / "a.jpg", True)


def test_a_watched_folder_that_is_deleted_is_dirty_and_no_longer_alive(seen: Seen, folder: Path) -> None:
    seen.watcher.watch(folder, True)
    assert seen.watcher.is_alive(folder)
    folder.rmdir()
    seen.until_dirty(folder)
    assert not seen.watcher.is_alive(folder)


def test_a_watched_folder_that_is_moved_away_is_no_longer_alive_even_if_another_takes_its_name(
    seen: Seen, folder: Path
) -> None:
    seen.watcher.watch(folder, True)
    folder.rename(folder.with_name("moved"))
    assert not seen.watcher.is_alive(folder)
    folder.mkdir()
    assert not seen.watcher.is_alive(folder)


def test_a_folder_that_is_back_can_be_watched_again(seen: Seen, folder: Path) -> None:
    seen.watcher.watch(folder, True)
    folder.rmdir()
    seen.until_dirty(folder)
    folder.mkdir()
    seen.watcher.watch(folder, True)
    assert seen.watcher.is_alive(folder)
    (folder / "a.jpg").write_bytes(b"x")
    seen.until_dirty(folder / "a.jpg")


class TestAFolderNobodyAnnounces:
    """It is not watched at all: the caller looks through it now and then."""

    @pytest.fixture
    def silent(self, seen: Seen, folder: Path, monkeypatch: pytest.MonkeyPatch) -> FolderWatcher:
        monkeypatch.setattr(watcher_module, "is_silent", lambda _: True)
        assert seen.watcher.watch(folder) is WatchKind.POLLING
        return seen.watcher

    def test_is_named_with_the_reason(self, silent: FolderWatcher, folder: Path) -> None:
        assert silent.problems() == {
            folder: f"{folder} is looked through for changes about once a minute, and less often where that takes "
            "long, because its drive does not announce them."
        }

    def test_costs_no_thread(self, silent: FolderWatcher, threads_before: set[threading.Thread]) -> None:
        assert set(threading.enumerate()) <= threads_before

    def test_is_alive_while_it_is_the_one_that_it_was(self, silent: FolderWatcher, folder: Path) -> None:
        assert silent.is_alive(folder)
        folder.rename(folder.with_name("away"))
        assert not silent.is_alive(folder)
        folder.mkdir()
        assert not silent.is_alive(folder)


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ENOSPC, "max_user_watches"), (errno.EMFILE, "max_user_instances"), (errno.EIO, "refuses")],
)
def test_at_the_systems_limit_nothing_is_announced(folder: Path, number: int, reason: str) -> None:
    def at_the_limit(_: object) -> BaseObserver:
        raise OSError(number, "no more")

    watcher = FolderWatcher(native=at_the_limit)
    assert watcher.watch(folder, True) is WatchKind.POLLING
    assert reason in watcher.problems()[folder]
    watcher.unwatch(folder)
    assert watcher.problems() == {}
    watcher.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts watched directories")
class TestTheLimitOfWatchedDirectories:
    @pytest.fixture
    def full(self) -> list[bool]:
        """Once it has an entry, the system takes no more, as it says of the directory that is tried."""
        return []

    @pytest.fixture
    def limited(
        self, full: list[bool], threads_before: set[threading.Thread], monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[FolderWatcher]:
        def make(on_lost: Callable[[], None]) -> BaseObserver:
            observer = native_observer(on_lost)
            schedule = observer.schedule

            def schedule_but_one(handler: FileSystemEventHandler, path: str, **options: Any) -> ObservedWatch:
                if full and path == str(PROBE):
                    raise OSError(errno.ENOSPC, "inotify watch limit reached")
                return schedule(handler, path, **options)

            monkeypatch.setattr(observer, "schedule", schedule_but_one)
            return observer

        watcher = FolderWatcher(native=make)
        yield watcher
        watcher.stop()
        assert set(threading.enumerate()) <= threads_before

    def test_a_folder_of_which_only_part_can_be_watched_is_not_watched(
        self, limited: FolderWatcher, full: list[bool], folder: Path
    ) -> None:
        full.append(True)
        assert limited.watch(folder, True) is WatchKind.POLLING
        assert "max_user_watches" in limited.problems()[folder]

    def test_reached_later_is_found_out(self, limited: FolderWatcher, full: list[bool], folder: Path) -> None:
        assert limited.watch(folder, True) is WatchKind.NATIVE
        assert limited.has_room()
        full.append(True)
        assert not limited.has_room()

    def test_does_not_matter_where_nothing_is_watched(self, limited: FolderWatcher, full: list[bool]) -> None:
        full.append(True)
        assert limited.has_room()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says so")
def test_announcements_that_the_system_has_thrown_away_are_told_once(
    folder: Path, threads_before: set[threading.Thread]
) -> None:
    from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, WatchDescriptor

    observers: list[Any] = []

    def make(on_lost: Callable[[], None]) -> BaseObserver:
        observer = native_observer(on_lost)
        observers.append(observer)
        return observer

    told = threading.Event()
    watcher = FolderWatcher(told.set, native=make)
    watcher.watch(folder, True)
    assert not watcher.take_lost()
    # As the kernel says it, in the place where watchdog reads it.
    lost = InotifyEvent(WatchDescriptor(-1), InotifyConstants.IN_Q_OVERFLOW, 0, b"")
    observers[0]._inotify_fd.handle_event(lost)
    assert told.wait(PATIENCE_S)
    assert watcher.take_lost()
    assert not watcher.take_lost()
    (folder / "a.jpg").write_bytes(b"x")
    told.clear()
    while folder / "a.jpg" not in watcher.take():
        assert told.wait(PATIENCE_S), "it is deaf afterwards"
        told.clear()
    watcher.stop()
    assert set(threading.enumerate()) <= threads_before


class TestPatterns:
    def test_what_is_left_out_makes_nothing_dirty(self, seen: Seen, folder: Path) -> None:
        (folder / "raw").mkdir()
        seen.watcher.watch(folder, True, Patterns(include=("*.jpg",), exclude=("raw", "drafts/*")))
        for name in ("raw/a.jpg", "b.png"):
            (folder / name).write_bytes(b"x")
        assert seen.until_quiet(folder) == set()

    def test_a_pattern_with_a_directory_is_compared_below_the_folder(self, seen: Seen, folder: Path) -> None:
        (folder / "2024" / "raw").mkdir(parents=True)
        (folder / "2025" / "raw").mkdir(parents=True)
        seen.watcher.watch(folder, True, Patterns(exclude=("2024/raw",)))
        for year in ("2024", "2025"):
            (folder / year / "raw" / "a.jpg").write_bytes(b"x")
        seen.until_dirty(folder / "2025" / "raw" / "a.jpg")
        assert folder / "2024" / "raw" / "a.jpg" not in seen.until_quiet(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says when a file is closed")
class TestAWholeFile:
    def test_is_one_that_was_closed(self, seen: Seen, folder: Path) -> None:
        seen.watcher.watch(folder, True)
        with (folder / "open.jpg").open("wb") as file:
            file.write(b"x")
            file.flush()
            (folder / "closed.jpg").write_bytes(b"x")
            seen.until_dirty(folder / "open.jpg", folder / "closed.jpg")
            seen.until_quiet(folder)
            whole = seen.watcher.take_whole()
            assert folder / "closed.jpg" in whole and folder / "open.jpg" not in whole

    def test_is_one_that_was_moved_to_its_name(self, seen: Seen, folder: Path) -> None:
        (folder / "a.part").write_bytes(b"x")
        seen.watcher.watch(folder, True)
        (folder / "a.part").rename(folder / "a.jpg")
        seen.until_quiet(folder)
        assert folder / "a.jpg" in seen.watcher.take_whole()


def test_a_film_is_dirty(seen: Seen, folder: Path) -> None:
    seen.watcher.watch(folder, True)
    (folder / "a.mov").write_bytes(b"x")
    seen.until_dirty(folder / "a.mov")


def test_the_callback_comes_once_for_many_paths_until_they_are_taken(
    folder: Path, threads_before: set[threading.Thread]
) -> None:
    calls: list[str] = []
    called = threading.Event()

    def on_dirty() -> None:
        calls.append(threading.current_thread().name)
        called.set()

    watcher = FolderWatcher(on_dirty)
    watcher.watch(folder, True)
    for number in range(50):
        (folder / f"{number}.jpg").write_bytes(b"x")
    assert called.wait(PATIENCE_S)
    watcher.stop()
    assert len(calls) == 1 and threading.current_thread().name not in calls
    assert watcher.take()
    assert set(threading.enumerate()) <= threads_before


def test_stopping_twice_or_before_watching_is_allowed(folder: Path) -> None:
    watcher = FolderWatcher()
    watcher.stop()
    watcher.watch(folder, True)
    watcher.stop()
    watcher.stop()
    assert not watcher.is_alive(folder)
