"""Backups: whole, in time, and never in the way."""

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.errors import LibraryError
from maclip_desktop.library import backups
from maclip_desktop.library.backups import backups_of, keep_backup, write_backup
from maclip_desktop.library.store import Store

if TYPE_CHECKING:
    from tests.unit.library.conftest import Shelf

DAY = 86_400.0


@pytest.fixture
def filled(shelf: "Shelf") -> "Shelf":
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.decide([photo_id], Flag.PICK, Decider.PERSON, "pick")
    return shelf


def flags(path: Path) -> list[Flag]:
    with Store.open(path) as store:
        return [row.flag for row in store.rows()]


def test_a_backup_is_one_file_with_all_that_was_saved(filled: "Shelf", tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "copy.db"
    filled.store.backup(target)
    assert list(target.parent.iterdir()) == [target]
    assert flags(target) == [Flag.PICK]


def test_what_is_not_yet_saved_is_not_in_a_backup(filled: "Shelf", tmp_path: Path) -> None:
    with filled.store.batch():
        filled.found(filled.store.folders()[0], "b.jpg")
        write_backup(filled.path, tmp_path / "copy.db")
    assert flags(tmp_path / "copy.db") == [Flag.PICK]


def test_the_library_itself_is_no_target(filled: "Shelf") -> None:
    with pytest.raises(LibraryError, match="is the library itself"):
        filled.store.backup(filled.path)
    assert flags(filled.path) == [Flag.PICK]


def test_a_backup_replaces_an_older_one_only_when_it_is_whole(
    filled: "Shelf", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copies" / "copy.db"
    filled.store.backup(target)
    filled.store.undo()

    def full(source: sqlite3.Connection, copy: sqlite3.Connection) -> None:
        copy.execute("CREATE TABLE half (id)")
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(backups, "copy_pages", full)
        with pytest.raises(LibraryError, match=r"copy\.db \(database or disk is full\); make room there"):
            filled.store.backup(target)
    assert list(target.parent.iterdir()) == [target]
    assert flags(target) == [Flag.PICK]


def test_a_folder_that_cannot_be_made_is_told(filled: "Shelf", tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match="could not be backed up"):
        filled.store.backup(tmp_path / "file" / "copy.db")


def test_a_drive_without_room_is_told_and_leaves_nothing(
    filled: "Shelf", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LibraryError, match="No space left on device"):
        filled.store.backup(tmp_path / "copies" / "copy.db")
    assert list((tmp_path / "copies").iterdir()) == []


def test_a_locked_library_is_not_waited_for_for_ever(filled: "Shelf", tmp_path: Path) -> None:
    path = tmp_path / "locked.db"
    filled.store.backup(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with (
            closing(backups.read_only(path)) as source,
            closing(sqlite3.connect(tmp_path / "copy.db")) as target,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            source.execute("PRAGMA busy_timeout = 0")
            backups.copy_pages(source, target, patience_s=0)


def test_the_newest_backups_of_a_kind_are_kept(filled: "Shelf") -> None:
    for number in range(7):
        keep_backup(filled.path, f"v{1 + number % 2}", keep=5, now=number * DAY)
    keep_backup(filled.path, "auto", keep=1, now=9 * DAY)
    kept = [backup.name for backup in backups_of(filled.path)]
    assert kept == [
        "library.db-v1-19700103T000000Z.db",
        "library.db-v2-19700104T000000Z.db",
        "library.db-v1-19700105T000000Z.db",
        "library.db-v2-19700106T000000Z.db",
        "library.db-v1-19700107T000000Z.db",
        "library.db-auto-19700110T000000Z.db",
    ]


def test_a_clock_set_back_does_not_make_a_new_backup_an_old_one(filled: "Shelf") -> None:
    made = [keep_backup(filled.path, "v2", keep=2, now=now) for now in (50 * DAY, 3 * DAY, 3 * DAY)]
    assert backups_of(filled.path) == made[1:]
    assert [backup.name for backup in made] == sorted(backup.name for backup in made)


def test_other_files_beside_the_backups_are_left_alone(filled: "Shelf") -> None:
    keep_backup(filled.path, "auto", keep=1, now=0.0)
    folder = filled.path.parent / "backups"
    others = [
        folder / name for name in ("library.db-mine.db", "library.db-auto-old.db", "other.db-auto-19700101T000000Z.db")
    ]
    for other in others:
        other.touch()
    keep_backup(filled.path, "auto", keep=1, now=DAY)
    assert all(other.exists() for other in others)
    assert len(backups_of(filled.path)) == 1


@pytest.mark.parametrize("date", ["20260231T000000Z", "00000101T000000Z", "99991231T235959Z", "20260101T250000Z"])
def test_a_name_with_a_date_that_cannot_be_is_passed_over(filled: "Shelf", date: str) -> None:
    folder = filled.path.parent / "backups"
    folder.mkdir()
    odd = folder / f"library.db-auto-{date}.db"
    odd.touch()
    made = [keep_backup(filled.path, "auto", keep=1, now=now) for now in (0.0, DAY)]
    assert backups_of(filled.path) == made[1:]
    assert odd.exists()


@pytest.mark.parametrize(
    ("one", "other"),
    [("library.db", "library.sqlite"), ("library", "library.db"), ("a.db", "a.db-auto"), ("a", "a-auto-old.db")],
)
def test_libraries_in_one_folder_have_backups_of_their_own(filled: "Shelf", one: str, other: str) -> None:
    paths = [filled.path.parent / "both" / name for name in (one, other)]
    for path in paths:
        write_backup(filled.path, path)
    made = [[keep_backup(path, "auto", keep=1, now=day * DAY)] for day, path in enumerate(paths)]
    assert [backups_of(path) for path in paths] == made
    assert all(backup.exists() for backups in made for backup in backups)


def test_a_backup_is_made_when_one_is_due(filled: "Shelf", tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    first = filled.store.backup_if_due(folder)
    assert first is not None and flags(first) == [Flag.PICK]
    filled.time += 6.9 * DAY
    assert filled.store.backup_if_due(folder) is None
    filled.time += 0.2 * DAY
    assert filled.reopen().backup_if_due(folder) is not None
    for _ in range(4):
        filled.time += 8 * DAY
        filled.store.backup_if_due(folder)
    assert len(list(folder.iterdir())) == 3


def test_a_clock_set_back_neither_stops_backups_nor_makes_one_at_each_call(filled: "Shelf", tmp_path: Path) -> None:
    filled.time = 1000 * DAY
    assert filled.store.backup_if_due(tmp_path / "kept") is not None
    filled.time = 500 * DAY
    assert filled.store.backup_if_due(tmp_path / "kept") is not None
    assert filled.store.backup_if_due(tmp_path / "kept") is None


def test_backups_that_somebody_took_away_are_made_anew(filled: "Shelf", tmp_path: Path) -> None:
    first = filled.store.backup_if_due(tmp_path / "kept")
    assert first is not None
    first.unlink()
    assert filled.store.backup_if_due(tmp_path / "kept") is not None


def test_an_empty_library_needs_no_backup(shelf: "Shelf", tmp_path: Path) -> None:
    assert shelf.store.backup_if_due(tmp_path / "kept") is None
    assert not (tmp_path / "kept").exists()


def test_a_library_is_backed_up_whole_while_it_is_written_to(filled: "Shelf", tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with Store.open(filled.path) as store:
            folder = store.add_folder(Path("/more"), watched=True)
            while not stop.is_set():
                store.set_folder_identity(folder.id, "x" * 5000)
                store.set_folder_identity(folder.id, "y")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            write_backup(filled.path, tmp_path / f"{number}.db")
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        with Store.open(tmp_path / f"{number}.db") as copy:
            assert copy.check() == []
