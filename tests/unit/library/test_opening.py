"""Opening a library: what is made, what is refused, and that nothing foreign is touched."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from maclip_desktop.errors import LibraryError, ProgramError
from maclip_desktop.library import opening, schema
from maclip_desktop.library.database import LibraryDatabase, explained
from maclip_desktop.library.store import Store


def refused(path: Path) -> str:
    """The sentence with which opening *path* is refused."""
    with pytest.raises(LibraryError) as caught:
        Store.open(path, busy_timeout_ms=20)
    sentence = str(caught.value)
    assert str(path) in sentence and sentence.endswith(".") and "\n" not in sentence
    return sentence


def pragma(path: Path, name: str) -> object:
    connection = sqlite3.connect(path)
    value = connection.execute(f"PRAGMA {name}").fetchone()[0]
    connection.close()
    return value


def test_a_new_library_is_made_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "not" / "there" / "yet" / "library.db"
    with Store.open(path) as store:
        assert store.folders() == []
        assert store.path == path
    assert pragma(path, "application_id") == schema.APPLICATION_ID
    assert pragma(path, "user_version") == len(schema.MIGRATIONS)
    assert pragma(path, "journal_mode") == "wal"


def test_an_empty_file_becomes_a_library(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    path.touch()
    with Store.open(path) as store:
        assert store.counts() == {}


def test_a_library_in_a_folder_with_an_odd_name(tmp_path: Path) -> None:
    path = tmp_path / "Ünï #1 ?mode=ro 100% 写真" / "library.db"
    Store.open(path).close()
    assert path.is_file()


def test_closing_twice_is_allowed(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "library.db")
    store.close()
    store.close()


def test_a_text_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear photographer")
    assert "is not a library file" in refused(path)
    assert path.read_text() == "Dear photographer"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("application_id", [0, 0x1234])
def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path, application_id: int) -> None:
    path = tmp_path / "catalog.db"
    connection = sqlite3.connect(path)
    connection.executescript(f"PRAGMA application_id = {application_id}; CREATE TABLE photo (name); VACUUM;")
    connection.close()
    content = path.read_bytes()
    assert "database of another program" in refused(path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_newer_library_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    Store.open(path).close()
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA user_version = 7; CREATE TABLE of_the_future (id)")
    connection.close()
    assert "made by a newer version of MaClip Desktop (schema 7)" in refused(path)
    assert pragma(path, "user_version") == 7


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LibraryError, match="cannot be used"):
        Store.open(tmp_path / "file" / "library.db")


def test_a_truncated_library_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    Store.open(path).close()
    content = path.read_bytes()[:5000]
    path.write_bytes(content)
    assert "is damaged" in refused(path)
    assert path.read_bytes() == content


def test_garbage_behind_a_good_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    Store.open(path).close()
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xa5" * (len(content) - 100))
    assert "is damaged" in refused(path)


def test_damage_found_later_is_told_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with Store.open(path) as store:
        for number in range(60):
            store.add_folder(tmp_path / f"{number:03}{'x' * 200}", watched=True)
    content = path.read_bytes()
    # The folders came last and fill the file's last pages.
    sound = len(content) - 3 * 4096
    path.write_bytes(content[:sound] + b"\xa5" * (len(content) - sound))
    with Store.open(path) as store, pytest.raises(LibraryError, match=r"library\.db is damaged"):
        store.folders()


def test_a_library_that_another_connection_writes_to_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    Store.open(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert "in use by another program" in refused(path)
    other.close()
    Store.open(path).close()


def test_a_library_that_another_process_locks_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    Store.open(path).close()
    holding = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    holding += "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline().strip() == b"held"
        sentence = refused(path)
        process.stdin.close()
    assert "in use by another program" in sentence


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "library.db"
    Store.open(path).close()
    # As SQLite itself opens a file without write permission; the tests may run as root, whom none stops.
    monkeypatch.setattr(
        opening, "_connect", lambda path, _: sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
    )
    assert "cannot be written to" in refused(path)


@pytest.mark.parametrize("denied", ["library.db", ""])
def test_nothing_is_made_beside_a_file_that_may_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, denied: str
) -> None:
    path = tmp_path / "library.db"
    Store.open(path).close()
    may = os.access
    # SQLite gives what it makes beside a file that file's permissions, and the tests may run as root.
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda place, mode: Path(place) != tmp_path / denied and may(place, mode))
        assert "cannot be written to; make the file and its folder writable" in refused(path)
    assert list(tmp_path.iterdir()) == [path]
    Store.open(path).close()


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "library.db"
    path.touch()

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert "cannot be read (Permission denied)" in refused(path)


@pytest.mark.skipif(os.name == "nt", reason="the VFS that stands for a network drive is Unix's")
def test_a_drive_without_shared_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "library.db"
    # With this VFS, SQLite cannot share memory, as on a network drive: it answers "delete" to "wal".
    monkeypatch.setattr(
        opening,
        "_connect",
        lambda path, _: sqlite3.connect(f"{path.as_uri()}?vfs=unix-dotfile", uri=True, isolation_level=None),
    )
    assert "network drive" in refused(path)


def test_a_drive_without_room_for_what_lies_beside_a_library_is_full(tmp_path: Path) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    assert "its drive is full; free some space" in str(explained(error, tmp_path / "library.db"))


def test_a_full_drive_is_told_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with Store.open(path) as store:
        store.set_current_model("before")
        pages = store._db.one("PRAGMA page_count")
        assert pages is not None
        store._db.run(f"PRAGMA max_page_count = {pages[0]}")
        with pytest.raises(LibraryError, match="drive is full"):
            store.set_current_model("m" * 100_000)
        assert store.current_model() == "before"


def test_another_thread_may_not_use_the_store(tmp_path: Path) -> None:
    caught: list[BaseException] = []

    def use() -> None:
        try:
            store.folders()
        except ProgramError as error:
            caught.append(error)

    with Store.open(tmp_path / "library.db") as store:
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
    assert len(caught) == 1 and "thread" in str(caught[0])


def test_two_processes_may_make_one_library_at_one_time(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    opening_it = "import sys; from pathlib import Path; from maclip_desktop.library.store import Store\n"
    opening_it += "sys.stdin.readline(); Store.open(Path(sys.argv[1])).close()"
    processes = [
        subprocess.Popen([sys.executable, "-c", opening_it, str(path)], stdin=subprocess.PIPE) for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    assert [process.wait() for process in processes] == [0, 0, 0]
    with Store.open(path) as store:
        assert store.folders() == []


Step = Callable[[LibraryDatabase], None]


def test_a_migration_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "library.db"
    with Store.open(path) as store:
        store.set_current_model("kept")

    def add_table(db: LibraryDatabase) -> None:
        db.run("CREATE TABLE album (id)")

    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, add_table))
    with Store.open(path) as store:
        assert store.current_model() == "kept"
        assert "album" in store._db.tables()
    assert pragma(path, "user_version") == len(schema.MIGRATIONS)


def test_a_migration_that_fails_leaves_the_version_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "library.db"
    with Store.open(path) as store:
        store.set_current_model("kept")

    def half_done(db: LibraryDatabase) -> None:
        db.run("CREATE TABLE album (id)")
        db.run("DELETE FROM meta")
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, half_done))
        with pytest.raises(RuntimeError, match="power cut"):
            Store.open(path)
    with Store.open(path) as store:
        assert store.current_model() == "kept"
        assert "album" not in store._db.tables()


def test_a_first_migration_that_fails_leaves_a_file_that_opens_as_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "library.db"

    def half_done(db: LibraryDatabase) -> None:
        db.run("CREATE TABLE folder (id)")
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (half_done,))
        with pytest.raises(RuntimeError, match="power cut"):
            Store.open(path)
    with Store.open(path) as store:
        assert store.folders() == []
