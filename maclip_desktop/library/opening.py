"""Opening a library file, or saying in one sentence why it cannot be opened."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from maclip_desktop.errors import LibraryError
from maclip_desktop.library.backups import KEPT_OF_MIGRATIONS, backups_of, keep_backup
from maclip_desktop.library.database import LibraryDatabase, explained, not_writable
from maclip_desktop.library.schema import APPLICATION_ID, migrate

_MAGIC = b"SQLite format 3\0"
_APPLICATION_ID_BYTES = slice(68, 72)
"""Where a database's header keeps the application id, big-endian (SQLite file format, 1.3)."""
_HEADER_LENGTH = 100
_WAL_RETRY_S = 0.01
_FOREIGN = "is a database of another program"


def open_database(
    path: Path, *, busy_timeout_ms: int, now: Callable[[], float] = time.time
) -> tuple[LibraryDatabase, bool]:
    """Open the library at *path*, creating it and its folder if need be, and bring it to this version.

    A file that is not a library of this program is refused before SQLite touches it. A library that was not closed
    properly is looked through for damage. Returns the database, and whether that was so.

    Raises:
        LibraryError: the file or its folder cannot be used.
    """
    _make_place(path)
    # Reading a file that is in use would give up this process's locks on it, as POSIX has it.
    if not beside(path, "-shm").exists():
        check_header(path)
    require_writable(path)
    was_unclean = _was_left_open(path)
    db = _connected(path, busy_timeout_ms)
    try:
        _check_id(db)
        _set_up(db, busy_timeout_ms, now)
    except BaseException:
        db.close()
        raise
    return db, was_unclean


def migrate_alone(path: Path) -> None:
    """Bring a library that nobody else uses to this program's version, without a backup of it."""
    db = _connected(path, busy_timeout_ms=0)
    try:
        migrate(db, lambda _: None)
    finally:
        db.close()


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


def check_header(path: Path) -> None:
    """Refuse what is no library of ours. An empty file, or none, is a library yet to be made."""
    try:
        fault = header_fault(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise LibraryError(
            f"The library {path} cannot be read ({error.strerror}); "
            "change its permissions or choose another library with --library."
        ) from error
    if fault:
        raise LibraryError(f"The library {path} {fault}; choose another with --library.")


def header_fault(path: Path) -> str | None:
    """In words that follow a file's name: why it is no library of ours; None if it is one, or empty.

    Raises `OSError`.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_LENGTH)
    if not header:
        return None
    if not header.startswith(_MAGIC):
        return "is not a library file"
    # Our first transaction writes the id straight into the file, before any write-ahead log exists.
    is_ours = int.from_bytes(header[_APPLICATION_ID_BYTES], "big") == APPLICATION_ID
    return None if is_ours else _FOREIGN


def require_writable(path: Path) -> None:
    """Find that out before SQLite does: what it makes beside a read-only file stays, and is read-only as well."""
    if path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise not_writable(path)


def _check_id(db: LibraryDatabase) -> None:
    """As `check_header`, for a file that is in use."""
    if db.one("PRAGMA application_id") != (APPLICATION_ID,) and db.tables():
        raise LibraryError(f"The library {db.path} {_FOREIGN}; choose another with --library.")


def beside(path: Path, suffix: str) -> Path:
    """A file beside *path* that begins with its name: what SQLite keeps with a database."""
    return path.with_name(path.name + suffix)


def _was_left_open(path: Path) -> bool:
    """Whether whoever had the library open last ended without closing it; if so, it is looked through for damage.

    The last one to close it takes the write-ahead log away. One that is there belongs to somebody who has the library
    open now, or to nobody any more: then the file can be had alone.
    """
    try:
        if not beside(path, "-wal").stat().st_size:
            return False
    except OSError:
        return False
    try:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as alone:
            alone.execute("PRAGMA locking_mode = EXCLUSIVE")
            (answer,) = alone.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        if _is_in_use(error):
            return False
        if isinstance(error, sqlite3.OperationalError):
            raise explained(error, path) from error
        answer = str(error)
    if answer != "ok":
        raise LibraryError(damaged(path))
    return True


def _is_in_use(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def damaged(path: Path) -> str:
    """The sentence for a library that was not closed properly and is damaged."""
    backups = backups_of(path)
    with_it = (
        f"put back the newest backup with: maclip-desktop library restore {backups[-1]}"
        if backups
        else ("put back a backup with: maclip-desktop library restore FILE")
    )
    return f"The library {path} was not closed properly and is damaged; {with_it}."


def _connected(path: Path, busy_timeout_ms: int) -> LibraryDatabase:
    try:
        return LibraryDatabase(_connect(path, busy_timeout_ms), path)
    except sqlite3.Error as error:
        raise explained(error, path) from error


def _connect(path: Path, busy_timeout_ms: int) -> sqlite3.Connection:
    # isolation_level None: Python opens no transactions behind our back.
    return sqlite3.connect(path, timeout=busy_timeout_ms / 1000, isolation_level=None)


def _set_up(db: LibraryDatabase, busy_timeout_ms: int, now: Callable[[], float]) -> None:
    db.run("PRAGMA foreign_keys = ON")
    # Finds out, too, whether somebody else holds the file.
    migrate(db, lambda version: keep_backup(db.path, f"v{version}", keep=KEPT_OF_MIGRATIONS, now=now()))
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
