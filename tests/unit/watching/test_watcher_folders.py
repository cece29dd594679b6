"""Folders come under watch and leave it, by hand or because they are gone."""

import threading
from pathlib import Path

import pytest

from maclip_desktop.errors import FolderError
from maclip_desktop.watching.watcher import FolderWatcher
from tests.unit.watching.seen import PATIENCE_S, Seen


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
