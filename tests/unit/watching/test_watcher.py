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
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from maclip_desktop.errors import FolderError
from maclip_desktop.watching import watcher as watcher_module
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
def polling(threads_before: set[threading.Thread], monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    monkeypatch.setattr(watcher_module, "is_silent", lambda _: True)
    seen = Seen(polling_interval_s=0.05)
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


def test_on_a_silent_drive_changes_are_looked_for(polling: Seen, folder: Path) -> None:
    assert polling.watcher.watch(folder, True) is WatchKind.POLLING
    (sentence,) = polling.watcher.problems().values()
    assert (
        sentence == f"Changes in {folder} are looked for every 0.05 seconds, because its drive does not announce them."
    )
    (folder / "a.jpg").write_bytes(b"x")
    polling.until_dirty(folder / "a.jpg")


def test_a_polled_folder_that_is_deleted_is_no_longer_alive(polling: Seen, folder: Path) -> None:
    polling.watcher.watch(folder, True)
    assert polling.watcher.is_alive(folder)
    folder.rmdir()
    polling.until_dirty(folder)
    assert not polling.watcher.is_alive(folder)


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ENOSPC, "max_user_watches"), (errno.EMFILE, "max_user_instances"), (errno.EIO, "refuses")],
)
def test_at_the_systems_limit_changes_are_looked_for(
    folder: Path, threads_before: set[threading.Thread], number: int, reason: str
) -> None:
    def at_the_limit() -> BaseObserver:
        raise OSError(number, "no more")

    seen = Seen(polling_interval_s=0.05, native=at_the_limit)
    assert seen.watcher.watch(folder, True) is WatchKind.POLLING
    assert reason in seen.watcher.problems()[folder]
    (folder / "a.jpg").write_bytes(b"x")
    seen.until_dirty(folder / "a.jpg")
    seen.watcher.unwatch(folder)
    assert seen.watcher.problems() == {}
    seen.watcher.stop()
    assert set(threading.enumerate()) <= threads_before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts watched directories")
def test_a_folder_of_which_only_part_can_be_watched_is_looked_at_instead(
    folder: Path, threads_before: set[threading.Thread], monkeypatch: pytest.MonkeyPatch
) -> None:
    def limited() -> BaseObserver:
        observer = Observer()
        schedule = observer.schedule

        def schedule_but_one(handler: FileSystemEventHandler, path: str, **options: Any) -> ObservedWatch:
            # As the system does once it has been given as many as it takes.
            if path == str(PROBE):
                raise OSError(errno.ENOSPC, "inotify watch limit reached")
            return schedule(handler, path, **options)

        monkeypatch.setattr(observer, "schedule", schedule_but_one)
        return observer

    seen = Seen(polling_interval_s=0.05, native=limited)
    assert seen.watcher.watch(folder, True) is WatchKind.POLLING
    assert "max_user_watches" in seen.watcher.problems()[folder]
    (folder / "a.jpg").write_bytes(b"x")
    seen.until_dirty(folder / "a.jpg")
    seen.watcher.stop()
    assert set(threading.enumerate()) <= threads_before


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
