"""A library that nobody closed: found out, looked through, and opened only if it is whole."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Flag
from maclip_desktop.errors import LibraryError
from maclip_desktop.library.backups import keep_backup
from maclip_desktop.library.store import Store

_KILLED = """
import os, signal, sys
from pathlib import Path
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import FoundFile
from maclip_desktop.library.store import Store

store = Store.open(Path(sys.argv[1]))
folder = store.add_folder(Path("/photos"), watched=True)
for number in range(300):
    (photo_id,) = store.record_found(folder, [FoundFile(folder.path / f"{number}.jpg", 1, 1)])
    store.record_identified(photo_id, 1, 1, str(number), None)
    store.decide([photo_id], Flag.REJECT, Decider.PERSON, "reject")
print("saved", flush=True)
if sys.argv[2] == "wait":
    sys.stdin.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(path: Path) -> None:
    """Leave the library at *path* as a process does that is killed."""
    assert subprocess.run([sys.executable, "-c", _KILLED, str(path), "now"], check=False).returncode != 0
    assert path.with_name(f"{path.name}-wal").stat().st_size


@pytest.fixture
def left(tmp_path: Path) -> Path:
    path = tmp_path / "library.db"
    killed(path)
    return path


def test_a_library_left_by_a_process_that_was_killed_is_unclean_once(left: Path) -> None:
    with Store.open(left) as store:
        assert store.was_unclean
        assert [row.flag for row in store.rows()] == [Flag.REJECT] * 300
    with Store.open(left) as store:
        assert not store.was_unclean


def test_a_new_library_and_one_that_was_closed_are_clean(tmp_path: Path) -> None:
    for _ in range(2):
        with Store.open(tmp_path / "library.db") as store:
            assert not store.was_unclean
            store.add_folder(Path("/photos"), watched=True)


def test_a_library_that_another_process_has_open_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(path), "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline().strip() == b"saved"
        assert path.with_name(f"{path.name}-wal").stat().st_size
        with Store.open(path) as store:
            assert not store.was_unclean
            assert len(list(store.rows())) == 300
        process.stdin.close()


def test_a_library_this_process_has_open_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    with Store.open(path) as store:
        store.add_folder(Path("/photos"), watched=True)
        with Store.open(path) as other:
            assert not other.was_unclean


def spoil(path: Path) -> None:
    """Damage pages in the middle of the file, and leave a write-ahead log."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8192] = b"\xa5" * 8192
    path.write_bytes(content)
    whole = path.with_name("whole.db")
    killed(whole)
    shutil.copy(whole.with_name("whole.db-wal"), path.with_name(f"{path.name}-wal"))


def test_damage_is_refused_with_the_way_out(left: Path) -> None:
    spoil(left)
    with pytest.raises(LibraryError) as caught:
        Store.open(left)
    assert "was not closed properly and is damaged" in str(caught.value)
    assert str(caught.value).endswith("with: maclip-desktop library restore FILE.")


def test_damage_is_refused_with_the_newest_backup(left: Path) -> None:
    keep_backup(left, "auto", keep=3, now=0.0)
    newest = keep_backup(left, "v2", keep=3, now=1000.0)
    spoil(left)
    with pytest.raises(LibraryError, match="is damaged; put back the newest backup") as caught:
        Store.open(left)
    assert str(caught.value).endswith(f"maclip-desktop library restore {newest}.")


def test_a_library_in_use_keeps_its_locks_when_it_is_opened_once_more(tmp_path: Path) -> None:
    """Were the file read beside SQLite, this process would lose its locks, and another would take its log away."""
    path = tmp_path / "library.db"
    with Store.open(path) as store:
        store.add_folder(Path("/photos"), watched=True)
        Store.open(path).close()
        other = "import sys; from pathlib import Path; from maclip_desktop.library.store import Store\n"
        other += "Store.open(Path(sys.argv[1])).close()"
        subprocess.run([sys.executable, "-c", other, str(path)], check=True)
        assert path.with_name(f"{path.name}-wal").exists()
        store.add_folder(Path("/more"), watched=True)
    with Store.open(path) as store:
        assert len(store.folders()) == 2
