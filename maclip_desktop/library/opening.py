"""Opening a library file, or saying in one sentence why it cannot be opened."""

import sqlite3
import time
from pathlib import Path

from maclip_desktop.errors import LibraryError
from maclip_desktop.library.database import LibraryDatabase, explained
from maclip_desktop.library.schema import APPLICATION_ID, migrate

_MAGIC = b"SQLite format 3\0"
_APPLICATION_ID_BYTES = slice(68, 72)
"""Where a database's header keeps the application id, big-endian (SQLite file format, 1.3)."""
_HEADER_LENGTH = 100
_WAL_RETRY_S = 0.01


def open_database(path: Path, *, busy_timeout_ms: int) -> LibraryDatabase:
    """Open the library at *path*, creating it and its folder if need be, and bring it to this version.

    A file that is not a library of this program is refused before SQLite touches it.

    Raises:
        LibraryError: the file or its folder cannot be used.
    """
    _make_place(path)
    _check_header(path)
    db = _connected(path, busy_timeout_ms)
    try:
        _set_up(db, busy_timeout_ms)
    except BaseException:
        db.close()
        raise
    return db


def _make_place(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_folder = path.is_dir()
    except OSError as error:
        raise LibraryError(
            f"The folder {path.parent} for the library cannot be used ({error.strerror}); "
            "choose another library with --library."
        ) from error
    if is_folder:
        raise LibraryError(f"The library {path} is a folder; name a file with --library.")


def _check_header(path: Path) -> None:
    """Refuse what is no library of ours. An empty file, or none, is a library yet to be made."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_LENGTH)
    except FileNotFoundError:
        return
    except OSError as error:
        raise LibraryError(
            f"The library {path} cannot be read ({error.strerror}); "
            "change its permissions or choose another library with --library."
        ) from error
    if not header:
        return
    if not header.startswith(_MAGIC):
        raise LibraryError(f"The library {path} is not a library file; choose another with --library.")
    # Our first transaction writes the id straight into the file, before any write-ahead log exists.
    if int.from_bytes(header[_APPLICATION_ID_BYTES], "big") != APPLICATION_ID:
        raise LibraryError(f"The library {path} is a database of another program; choose another with --library.")


def _connected(path: Path, busy_timeout_ms: int) -> LibraryDatabase:
    try:
        return LibraryDatabase(_connect(path, busy_timeout_ms), path)
    except sqlite3.Error as error:
        raise explained(error, path) from error


def _connect(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    # isolation_level None: Python opens no transactions behind our back.
    return sqlite3.connect(path, timeout=busy_timeout_ms / 1000, isolation_level=None)


def _set_up(db: LibraryDatabase, busy_timeout_ms: int) -> None:
    db.run("PRAGMA foreign_keys = ON")
    # Finds out, too, whether somebody else holds the file.
    migrate(db)
    # SQLite opens a read-only file without a word and complains at the first write: let that be now.
    db.run("DELETE FROM meta WHERE 0")
    # Reads the schema: most damage shows here rather than in the middle of the work.
    db.tables()
    _use_wal(db, busy_timeout_ms)
    db.run("PRAGMA synchronous = NORMAL")
    db.run(
        "CREATE TEMP TABLE shown_model AS SELECT (SELECT value FROM meta WHERE key = 'model_id') AS model_id, "
        "(SELECT value FROM meta WHERE key = 'scorer') AS scorer"
    )


def _use_wal(db: LibraryDatabase, busy_timeout_ms: int) -> None:
    """Switch to the write-ahead log; a no-op for a file that already has one.

    The switch does not heed the busy timeout, and two processes may open a new library at one time.
    """
    give_up_at = time.monotonic() + busy_timeout_ms / 1000
    while True:
        try:
            answer = db.one("PRAGMA journal_mode = WAL")
            break
        except LibraryError as error:
            busy = getattr(error.__cause__, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() >= give_up_at:
                raise
            time.sleep(_WAL_RETRY_S)
    if answer != ("wal",):
        raise LibraryError(
            f"The library {db.path} is on a drive that cannot hold it safely (a network drive?); "
            "choose a local one with --library."
        )
