"""Folders wait to be scanned; one that is missing keeps nobody waiting."""

import shutil
from pathlib import Path

import pytest

from maclip_desktop.core.photo import Folder
from maclip_desktop.errors import FolderError
from maclip_desktop.jobs.scan_queue import ScanQueue
from maclip_desktop.library.store import Store
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
