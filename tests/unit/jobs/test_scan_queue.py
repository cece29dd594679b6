"""Folders wait to be scanned; one that is missing keeps nobody waiting."""

import shutil
from pathlib import Path

import pytest

from maclip_desktop.core.patterns import Patterns
from maclip_desktop.core.photo import Folder
from maclip_desktop.errors import FolderError, LibraryError
from maclip_desktop.jobs.scan_queue import ScanEnded, ScanQueue
from maclip_desktop.library.store import Store
from tests.helpers.fakes import FakeClock
from tests.helpers.pictures import write_photos


def run(queue: ScanQueue, store: Store) -> list[int]:
    found: list[int] = []
    while queue.busy:
        step = queue.step(store)
        found += step.changed if step else ()
    return found


def test_nothing_waits_at_first(store: Store) -> None:
    queue = ScanQueue()
    assert not queue.busy
    assert queue.step(store) is None


def test_a_folder_is_scanning_until_its_last_step(store: Store, folder: Folder, photos: Path) -> None:
    write_photos(photos, 2)
    queue = ScanQueue()
    queue.add(folder)
    assert queue.scanning(folder)
    assert len(run(queue, store)) == 2
    assert not queue.scanning(folder)


def test_a_folder_added_twice_waits_once(store: Store, folder: Folder) -> None:
    queue = ScanQueue()
    queue.add(folder)
    queue.add(folder)
    steps = 0
    while queue.busy:
        queue.step(store)
        steps += 1
    assert steps == 2  # what is gone, and the end


def test_a_folder_asked_for_while_it_is_scanned_is_scanned_again(store: Store, folder: Folder, photos: Path) -> None:
    queue = ScanQueue()
    queue.add(folder)
    queue.step(store)
    queue.add(folder)
    write_photos(photos, 3)
    assert len(run(queue, store)) == 3


def test_a_missing_folder_is_noted_until_it_is_back(store: Store, folder: Folder, photos: Path) -> None:
    queue = ScanQueue()
    shutil.rmtree(photos)
    queue.add(folder)
    with pytest.raises(FolderError):
        queue.step(store)
    assert queue.missing == {folder.id}
    assert not queue.busy
    photos.mkdir()
    queue.add(folder)
    run(queue, store)
    assert queue.missing == set()


def test_after_a_missing_folder_comes_the_next(store: Store, folder: Folder, photos: Path, tmp_path: Path) -> None:
    missing = store.add_folder(tmp_path / "missing", watched=True)
    write_photos(photos, 2)
    queue = ScanQueue()
    queue.add(missing)
    queue.add(folder)
    with pytest.raises(FolderError):
        queue.step(store)
    assert len(run(queue, store)) == 2


def test_a_vanished_directory_does_not_make_its_folder_missing(store: Store, folder: Folder, photos: Path) -> None:
    queue = ScanQueue()
    queue.add(folder, photos / "short-lived")
    run(queue, store)
    assert queue.missing == set()


def test_a_dropped_folder_is_scanned_no_further(store: Store, folder: Folder, photos: Path) -> None:
    write_photos(photos, 2)
    queue = ScanQueue()
    queue.add(folder)
    queue.step(store)
    queue.add(folder)
    queue.drop(folder.id)
    assert not queue.busy
    assert not queue.scanning(folder)


def test_what_is_part_of_what_waits_does_not_wait_itself(store: Store, folder: Folder, photos: Path) -> None:
    write_photos(photos / "in" / "deep", 2)
    queue = ScanQueue()
    for below in (photos / "in" / "deep", photos / "in", photos / "in" / "deep", photos / "inside"):
        queue.add(folder, below)
    assert [below for _, below in queue._waiting] == [photos / "in", photos / "inside"]
    queue.add(folder)
    queue.add(folder, photos / "in")
    assert [below for _, below in queue._waiting] == [None]


def test_a_scan_that_met_a_locked_library_waits_in_front(
    store: Store, folder: Folder, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_photos(photos, 3)
    other = store.add_folder(tmp_path, watched=True, recursive=False)
    queue = ScanQueue()
    queue.add(folder)
    queue.add(other)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "record_found", _locked)
        for _ in range(3):
            with pytest.raises(LibraryError):
                queue.step(store)
    assert queue.scanning(folder)
    step = queue.step(store)
    assert step is not None
    assert len(step.changed) == 3


def test_a_scan_that_met_a_bug_is_tried_once_more(
    store: Store, folder: Folder, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_photos(photos, 1)
    monkeypatch.setattr(Store, "record_found", lambda *_: 1 / 0)
    queue = ScanQueue()
    queue.add(folder)
    for _ in range(2):
        assert queue.busy
        with pytest.raises(ZeroDivisionError):
            queue.step(store)
    assert not queue.busy


def test_a_folder_is_looked_through_by_its_options_of_now(store: Store, folder: Folder, photos: Path) -> None:
    write_photos(photos, 2)
    write_photos(photos / "raw", 2)
    queue = ScanQueue()
    queue.add(folder)
    store.set_folder_options(folder.id, recursive=True, patterns=Patterns(exclude=("raw",)))
    assert len(run(queue, store)) == 2


def test_a_folder_removed_meanwhile_is_passed_over(store: Store, folder: Folder, photos: Path) -> None:
    queue = ScanQueue()
    queue.add(folder)
    store.remove_folder(folder.id)
    assert queue.step(store) is None
    assert not queue.busy


def test_the_end_of_a_look_tells_what_it_took_without_what_came_between(
    store: Store, folder: Folder, photos: Path
) -> None:
    clock = FakeClock()

    def half_a_second_later() -> float:
        clock.forward(0.5)
        return clock.now

    queue = ScanQueue(half_a_second_later)
    queue.add(folder)
    queue.step(store)
    clock.forward(1000)
    queue.step(store)
    assert queue.ended == ScanEnded(folder, None, 1.0, was_missing=False)


def test_a_directory_that_is_gone_does_not_end_the_waiting_for_its_folder(
    store: Store, folder: Folder, photos: Path
) -> None:
    queue = ScanQueue()
    queue.missing.add(folder.id)
    queue.add(folder, photos / "gone")
    run(queue, store)
    assert queue.missing == {folder.id}
    queue.add(folder)
    run(queue, store)
    assert queue.missing == set()


def _locked(*_: object) -> None:
    raise LibraryError("The library is in use by another program.")
