"""A scan brings one folder of the library up to date with the disk."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from maclip_desktop.core.patterns import Patterns
from maclip_desktop.core.photo import Folder, PhotoRow
from maclip_desktop.errors import FolderError
from maclip_desktop.jobs import scan as scan_module
from maclip_desktop.jobs.scan import ScanStep, found_files, scan
from maclip_desktop.library.photos import Fault
from maclip_desktop.library.store import Store
from maclip_desktop.watching import walk
from maclip_desktop.watching.identity import identity_of
from tests.helpers.pictures import write_photo, write_photos


def names(store: Store) -> list[str]:
    return sorted(row.path.name for row in store.rows())


def changed(steps: list[ScanStep]) -> list[int]:
    return [photo_id for step in steps for photo_id in step.changed]


def removed(steps: list[ScanStep]) -> list[int]:
    return [photo_id for step in steps for photo_id in step.removed]


def test_new_photos_are_recorded_other_files_are_not(store: Store, folder: Folder, photos: Path) -> None:
    write_photo(photos / "a.jpg")
    write_photo(photos / "deep" / "er" / "b.JPG")
    (photos / "notes.txt").write_text("no photo")
    steps = list(scan(store, folder))
    assert names(store) == ["a.jpg", "b.JPG"]
    assert sorted(changed(steps)) == [row.id for row in store.rows()]


def test_nothing_new_changes_nothing(store: Store, folder: Folder, photos: Path) -> None:
    write_photos(photos, 3)
    list(scan(store, folder))
    steps = list(scan(store, folder))
    assert (changed(steps), removed(steps)) == ([], [])


def test_a_changed_file_is_to_be_read_again(store: Store, folder: Folder, photos: Path) -> None:
    first, _ = write_photos(photos, 2)
    list(scan(store, folder))
    before = first.stat()
    os.utime(first, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    (photo_id,) = changed(list(scan(store, folder)))
    (row,) = store.rows([photo_id])
    assert (row.path, row.mtime_ns) == (first, before.st_mtime_ns + 1)


def test_a_file_of_a_time_beyond_all_numbers_is_a_photo(
    store: Store, photos: Path, identified: Callable[[], list[PhotoRow]]
) -> None:
    path = write_photo(photos / "a.jpg")
    os.utime(path, (2e10, 2e10))
    if path.stat().st_mtime < 1e10:
        pytest.skip("this drive knows no such times")
    (row,) = identified()
    assert row.content_hash is not None
    (known,) = store.folders()
    assert changed(list(scan(store, known))) == []


def test_a_photo_that_is_gone_is_forgotten(store: Store, folder: Folder, photos: Path) -> None:
    first, second = write_photos(photos, 2)
    list(scan(store, folder))
    (first_id, _) = (row.id for row in store.rows())
    first.unlink()
    assert removed(list(scan(store, folder))) == [first_id]
    assert names(store) == [second.name]


def test_many_files_are_taken_in_small_steps(
    store: Store, folder: Folder, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_module, "STEP_FILES", 2)
    for path in (photos / f"{number}.jpg" for number in range(5)):
        path.touch()
    assert [len(step.changed) for step in scan(store, folder)] == [2, 2, 1, 0]


def test_a_missing_folder_is_an_error_and_forgets_nothing(store: Store, folder: Folder, photos: Path) -> None:
    write_photos(photos, 2)
    list(scan(store, folder))
    photos.rename(photos.with_name("unplugged"))
    with pytest.raises(FolderError, match="does not exist"):
        list(scan(store, folder))
    assert len(names(store)) == 2


def test_an_unreadable_folder_inside_keeps_its_photos(
    store: Store, folder: Folder, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = write_photo(photos / "locked" / "a.jpg"), write_photo(photos / "open" / "b.jpg")
    list(scan(store, folder))
    gone.unlink()
    listed = walk._entries

    def refuse(directory: Path | str) -> list[os.DirEntry[str]]:
        if Path(directory).name == "locked":
            raise PermissionError(13, "Permission denied", str(directory))
        return listed(directory)

    monkeypatch.setattr(walk, "_entries", refuse)
    *_, last = scan(store, folder)
    assert names(store) == [kept.name]
    assert list(last.problems) == [photos / "locked"]
    assert "cannot be read (Permission denied)" in last.problems[photos / "locked"]


class TestADirectoryInside:
    def test_alone_is_looked_at(self, store: Store, folder: Folder, photos: Path) -> None:
        write_photo(photos / "in" / "a.jpg")
        write_photo(photos / "inside" / "b.jpg")
        list(scan(store, folder, photos / "in"))
        assert names(store) == ["a.jpg"]

    def test_forgets_only_what_was_in_it(self, store: Store, folder: Folder, photos: Path) -> None:
        paths = [write_photo(photos / name / "a.jpg") for name in ("in", "inside")]
        list(scan(store, folder))
        for path in paths:
            path.unlink()
        list(scan(store, folder, photos / "in"))
        assert [row.path.parent.name for row in store.rows()] == ["inside"]

    def test_that_has_vanished_again_is_no_missing_folder(self, store: Store, folder: Folder, photos: Path) -> None:
        write_photo(photos / "in" / "a.jpg")
        write_photo(photos / "b.jpg")
        list(scan(store, folder))
        shutil.rmtree(photos / "in")
        steps = list(scan(store, folder, photos / "in"))
        assert names(store) == ["b.jpg"]
        assert not any(step.problems for step in steps)

    def test_of_a_folder_that_is_missing_forgets_nothing(self, store: Store, folder: Folder, photos: Path) -> None:
        write_photo(photos / "in" / "a.jpg")
        list(scan(store, folder))
        shutil.rmtree(photos)
        with pytest.raises(FolderError):
            list(scan(store, folder, photos / "in"))
        assert names(store) == ["a.jpg"]


def test_a_folder_inside_a_folder_keeps_its_own_photos(store: Store, photos: Path) -> None:
    inner = store.add_folder(photos / "inner", watched=True)
    outer = store.add_folder(photos, watched=False)
    write_photo(photos / "a.jpg")
    write_photo(photos / "inner" / "b.jpg")
    for one in (outer, inner, outer):
        list(scan(store, one))
    assert {row.path.name: row.folder_id for row in store.rows()} == {"a.jpg": outer.id, "b.jpg": inner.id}


def test_a_flat_folder_is_not_walked_below(store: Store, photos: Path) -> None:
    flat = store.add_folder(photos, watched=True, recursive=False)
    write_photo(photos / "a.jpg")
    write_photo(photos / "deep" / "b.jpg")
    list(scan(store, flat))
    assert names(store) == ["a.jpg"]


def test_a_removed_folder_takes_in_nothing_more(store: Store, folder: Folder, photos: Path) -> None:
    write_photos(photos, 2)
    store.remove_folder(folder.id)
    assert changed(list(scan(store, folder))) == []


class TestWhatAFolderWas:
    def test_is_remembered_after_each_look(self, store: Store, folder: Folder, photos: Path) -> None:
        list(scan(store, folder))
        assert store.folders()[0].identity == identity_of(photos)

    def test_tells_a_drive_s_empty_place_from_an_emptied_folder(
        self, store: Store, folder: Folder, photos: Path
    ) -> None:
        write_photos(photos / "in", 2)
        list(scan(store, folder))
        (looked_at,) = store.folders()
        photos.rename(photos.with_name("drive"))
        photos.mkdir()
        for below in (None, photos / "in"):
            with pytest.raises(FolderError, match="its drive seems not to be there"):
                list(scan(store, looked_at, below))
        assert len(names(store)) == 2
        photos.rmdir()
        photos.with_name("drive").rename(photos)
        shutil.rmtree(photos / "in")
        list(scan(store, looked_at))
        assert names(store) == []

    def test_may_change_where_there_are_photos(self, store: Store, folder: Folder, photos: Path) -> None:
        """Another drive at the same place, or the same one under another number after a start of the computer."""
        write_photos(photos, 2)
        list(scan(store, folder))
        (looked_at,) = store.folders()
        shutil.copytree(photos, photos.with_name("copy"), copy_function=shutil.copy2)
        photos.rename(photos.with_name("drive"))
        photos.with_name("copy").rename(photos)
        (photos / "IMG_000.jpg").unlink()
        steps = list(scan(store, looked_at))
        assert (changed(steps), names(store)) == ([], ["IMG_001.jpg"])
        assert store.folders()[0].identity == identity_of(photos)


def test_films_are_recorded_for_their_photos(store: Store, folder: Folder, photos: Path) -> None:
    write_photo(photos / "a.jpg")
    for name in ("a.mov", "alone.mov"):
        (photos / name).write_bytes(b"film")
    others: list[Path] = []
    list(scan(store, folder, None, others.append))
    assert {row.path.name: row.beside for row in store.rows()} == {"a.jpg": ("a.mov",)}
    assert others == []


def test_what_the_folder_leaves_out_is_forgotten(store: Store, folder: Folder, photos: Path) -> None:
    for name in ("a.jpg", "raw/b.jpg"):
        write_photo(photos / name)
    list(scan(store, folder))
    fewer = store.set_folder_options(folder.id, recursive=True, patterns=Patterns(exclude=("raw",)))
    list(scan(store, fewer, photos / "raw"))
    assert names(store) == ["a.jpg"]


def test_a_directory_that_took_a_photo_s_name_is_no_file(store: Store, folder: Folder, photos: Path) -> None:
    (photos / "directory.jpg").mkdir()
    assert found_files(store, [photos / "directory.jpg"]) == []


def test_settled_files_are_grouped_by_folder_and_the_vanished_left_out(
    store: Store, folder: Folder, photos: Path, tmp_path: Path
) -> None:
    inside, outside = write_photo(photos / "a.jpg"), write_photo(tmp_path / "elsewhere" / "b.jpg")
    ((found_in, files),) = found_files(store, [inside, outside, photos / "gone.jpg"])
    assert found_in == folder
    assert [(file.path, file.size) for file in files] == [(inside, inside.stat().st_size)]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_folder_that_vanishes_while_it_is_walked_forgets_nothing(
    store: Store, folder: Folder, photos: Path, monkeypatch: pytest.MonkeyPatch, replaced: bool
) -> None:
    for name in "abc":
        write_photos(photos / name, 3)
    list(scan(store, folder))
    monkeypatch.setattr(scan_module, "STEP_FILES", 2)
    steps = scan(store, folder)
    next(steps)
    photos.rename(photos.with_name("unplugged"))
    if replaced:
        photos.mkdir()
    with pytest.raises(FolderError, match="was unplugged, moved or replaced"):
        list(steps)
    assert len(names(store)) == 9


def test_a_directory_is_compared_with_its_own_known_files_only(
    store: Store, folder: Folder, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("in", "inside"):
        write_photos(photos / name, 2)
    list(scan(store, folder))
    asked: list[int] = []
    known_files = Store.known_files

    def counted(self: Store, folder_id: int, below: str | None = None) -> object:
        known = known_files(self, folder_id, below)
        asked.append(len(known))
        return known

    monkeypatch.setattr(Store, "known_files", counted)
    list(scan(store, folder, photos / "in"))
    assert asked == [2]


def test_a_photo_that_could_not_be_reached_is_changed_when_it_is_seen_again(
    store: Store, folder: Folder, photos: Path
) -> None:
    write_photos(photos, 2)
    list(scan(store, folder))
    first, second = store.rows()
    store.record_failed(first.id, first.size, first.mtime_ns, "no permission", Fault.ACCESS)
    store.record_failed(second.id, second.size, second.mtime_ns, "damaged", Fault.CONTENT)
    assert changed(list(scan(store, folder))) == [first.id]
    assert [row.error for row in store.rows()] == [None, "damaged"]
    assert changed(list(scan(store, folder))) == []
