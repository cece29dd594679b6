"""A backup put back: first it is looked at, then the library is kept, then it is replaced in one step."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.errors import LibraryError
from maclip_desktop.library import backups, restoring, schema
from maclip_desktop.library.restoring import restore
from maclip_desktop.library.store import Store

if TYPE_CHECKING:
    from tests.unit.library.conftest import Shelf

_RELEASED = Path(__file__).resolve().parents[2] / "data"


@pytest.fixture
def backup(shelf: "Shelf", tmp_path: Path) -> Path:
    """A backup with a pick; in the library that is undone since."""
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.decide([photo_id], Flag.PICK, Decider.PERSON, "pick")
    target = tmp_path / "copies" / "backup.db"
    shelf.store.backup(target)
    shelf.store.undo()
    return target


def flags(store: Store) -> list[Flag]:
    return [row.flag for row in store.rows()]


def refused(backup: Path, shelf: "Shelf") -> str:
    """The sentence with which a restore is refused; the library stays as it is."""
    with pytest.raises(LibraryError) as caught:
        restore(backup, shelf.path)
    assert flags(shelf.reopen()) == [Flag.NONE]
    sentence = str(caught.value)
    assert "--library" not in sentence
    return sentence


def test_whoever_has_the_library_open_sees_what_is_restored(shelf: "Shelf", backup: Path) -> None:
    shelf.store.changed_elsewhere()
    restore(backup, shelf.path)
    assert flags(shelf.store) == [Flag.PICK]
    assert shelf.store.changed_elsewhere()
    assert shelf.store.undo() is not None
    assert flags(shelf.reopen()) == [Flag.NONE]


def test_the_library_as_it_was_is_kept(shelf: "Shelf", backup: Path) -> None:
    before = restore(backup, shelf.path, now=lambda: 0.0)
    assert before == shelf.path.parent / "backups" / "library.db-replaced-19700101T000000Z.db"
    with Store.open(before) as store:
        assert flags(store) == [Flag.NONE]
    assert flags(shelf.reopen()) == [Flag.PICK]


def test_a_library_that_is_not_there_is_made(backup: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "library.db"
    assert restore(backup, path) is None
    assert [file.name for file in path.parent.iterdir()] == ["library.db"]
    with Store.open(path) as store:
        assert flags(store) == [Flag.PICK]


def test_a_backup_of_an_earlier_version_is_brought_to_this_one(shelf: "Shelf", backup: Path) -> None:
    old = backup.with_name("old.db")
    with closing(sqlite3.connect(_RELEASED / "library-version-2.db")) as connection:
        # As large as the pages of a library are; those of the file are small so that it is.
        connection.execute("PRAGMA page_size = 4096")
        connection.execute("VACUUM INTO ?", (str(old),))
    content = old.read_bytes()
    restore(old, shelf.path)
    assert shelf.store.stats().photos == 6
    assert shelf.store.check() == []
    assert old.read_bytes() == content
    assert not list(shelf.path.parent.glob("*.restoring*"))


def test_a_backup_that_is_not_there_is_refused(shelf: "Shelf", backup: Path) -> None:
    assert "There is no backup" in refused(backup.with_name("none.db"), shelf)


def test_what_is_no_library_is_refused(shelf: "Shelf", backup: Path) -> None:
    backup.write_text("Dear photographer")
    assert refused(backup, shelf) == f"The backup {backup} is not a library file; choose another one."


def test_a_database_of_another_program_is_refused(shelf: "Shelf", backup: Path) -> None:
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("PRAGMA application_id = 7")
    assert refused(backup, shelf) == f"The backup {backup} is a database of another program; choose another one."


def test_a_backup_that_may_not_be_read_is_refused(
    shelf: "Shelf", backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.open

    def denied(path: Path, *arguments: Any, **named: Any) -> Any:
        if path == backup:
            raise PermissionError(13, "Permission denied")
        return whole(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", denied)
    expected = f"The backup {backup} cannot be read (Permission denied); change its permissions or choose another one."
    assert refused(backup, shelf) == expected


def test_a_backup_that_somebody_writes_to_is_refused(
    shelf: "Shelf", backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: Path) -> sqlite3.Connection:
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error

    monkeypatch.setattr(restoring, "read_only", busy)
    expected = f"The backup {backup} is in use by another program; close that program and try again."
    assert refused(backup, shelf) == expected


def test_a_backup_for_which_there_is_no_room_is_told(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LibraryError) as caught:
        restore(backup, tmp_path / "new" / "library.db")
    assert str(caught.value).startswith(f"The backup {backup} could not be put in place as {tmp_path / 'new'}")


def test_a_newer_backup_is_refused(shelf: "Shelf", backup: Path) -> None:
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    sentence = refused(backup, shelf)
    assert sentence.startswith(f"The backup {backup} was made by a newer version of MaClip Desktop (schema ")
    assert sentence.endswith("; update the program or choose another one.")


def test_a_damaged_backup_is_refused(shelf: "Shelf", backup: Path) -> None:
    content = backup.read_bytes()
    backup.write_bytes(content[:8192] + b"\xa5" * (len(content) - 8192))
    assert refused(backup, shelf) == f"The backup {backup} is damaged; choose another one."


def test_a_library_that_may_not_be_written_is_not_replaced_and_nothing_is_made_beside_it(
    shelf: "Shelf", backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.store.close()
    before = sorted(shelf.path.parent.iterdir())
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda place, _: Path(place) != shelf.path)
        with pytest.raises(LibraryError, match="cannot be written to; make the file and its folder writable"):
            restore(backup, shelf.path)
    assert sorted(shelf.path.parent.iterdir()) == before


def test_a_library_is_no_backup_of_itself(shelf: "Shelf", backup: Path) -> None:
    assert "is the library itself" in refused(shelf.path, shelf)


def test_a_library_that_cannot_be_kept_is_not_replaced(
    shelf: "Shelf", backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shelf.path.parent / "backups").write_text("in the way")
    assert "could not be backed up" in refused(backup, shelf)


def test_a_library_somebody_writes_to_is_not_replaced(
    shelf: "Shelf", backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_pages = backups.copy_pages
    monkeypatch.setattr(restoring, "copy_pages", lambda source, target: copy_pages(source, target, patience_s=0))
    with shelf.store.batch():
        shelf.store.set_current_model("m")
        with pytest.raises(LibraryError, match="in use by another program"):
            restore(backup, shelf.path)
    assert flags(shelf.reopen()) == [Flag.NONE]


def test_a_library_of_which_nothing_is_left_is_put_aside_and_replaced(shelf: "Shelf", backup: Path) -> None:
    shelf.store.close()
    shelf.path.write_bytes(b"\xa5" * 10_000)
    aside = restore(backup, shelf.path)
    assert aside is not None and aside.read_bytes() == b"\xa5" * 10_000
    assert flags(shelf.reopen()) == [Flag.PICK]


def test_a_library_that_is_put_aside_comes_back_if_the_backup_cannot_be_written(
    shelf: "Shelf", backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.store.close()
    shelf.path.write_bytes(b"\xa5" * 10_000)

    def full(*_: object, **__: object) -> None:
        raise LibraryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "write_backup", full)
        with pytest.raises(LibraryError, match="no room"):
            restore(backup, shelf.path)
    assert shelf.path.read_bytes() == b"\xa5" * 10_000
    shelf.path.unlink()


_HOLDER = """
import sys
from pathlib import Path
from maclip_desktop.library.store import Store
with Store.open(Path(sys.argv[1])) as store:
    print([int(row.flag) for row in store.rows()], flush=True)
    sys.stdin.readline()
    print([int(row.flag) for row in store.rows()], flush=True)
"""


def test_another_process_that_has_the_library_open_sees_what_is_restored(shelf: "Shelf", backup: Path) -> None:
    shelf.store.close()
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(shelf.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline().strip() == "[0]"
        restore(backup, shelf.path)
        process.stdin.close()
        assert process.stdout.readline().strip() == "[1]"
    assert flags(shelf.reopen()) == [Flag.PICK]
