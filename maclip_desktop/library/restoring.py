"""Putting a backup back in place of a library."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from maclip_desktop.errors import LibraryError
from maclip_desktop.library.backups import copy_pages, keep_backup, kept_as, read_only, write_backup
from maclip_desktop.library.database import explained
from maclip_desktop.library.opening import beside, header_fault, migrate_alone, require_writable
from maclip_desktop.library.schema import MIGRATIONS, newer

_KEPT = 5


def restore(backup: Path, library: Path, *, now: Callable[[], float] = time.time) -> Path | None:
    """Make *library* what *backup* is; returns where the library as it was has been put, None if there was none.

    Whoever has the library open goes on with what is restored. What a backup of an earlier version lacks is added.
    A library that is too damaged to be opened is put aside whole.

    Raises:
        LibraryError: the backup is no library, or damaged, or newer than this program; or the library is in use, or
            cannot be written. The library is then as it was.
    """
    version = _require_whole(backup)
    if library.exists() and backup.samefile(library):
        raise LibraryError(f"{backup} is the library itself; name a backup of it.")
    require_writable(library)
    with _in_this_version(backup, version, library) as whole:
        if not library.exists():
            _put(whole, library, backup)
            return None
        if not _can_be_opened(library):
            return _replace(whole, library, backup, now)
        before = keep_backup(library, "replaced", keep=_KEPT, now=now())
        _fill(whole, library)
        return before


def _require_whole(backup: Path) -> int:
    """The version of a backup that can be used."""
    if not backup.is_file():
        raise LibraryError(f"There is no backup {backup}; name a file that was made by a backup of a library.")
    try:
        fault = header_fault(backup)
    except OSError as error:
        raise LibraryError(
            f"The backup {backup} cannot be read ({error.strerror}); change its permissions or choose another one."
        ) from error
    if fault:
        raise LibraryError(f"The backup {backup} {fault}; choose another one.")
    version, is_whole = _looked_through(backup)
    if version > len(MIGRATIONS):
        raise LibraryError(f"The backup {backup} {newer(version)}; update the program or choose another one.")
    if not version or not is_whole:
        raise LibraryError(f"The backup {backup} is damaged; choose another one.")
    return version


def _looked_through(backup: Path) -> tuple[int, bool]:
    """A backup's version, and whether it is undamaged."""
    try:
        with closing(read_only(backup)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise explained(error, backup, is_backup=True) from error
    return int(version), answer == "ok"


@contextmanager
def _in_this_version(backup: Path, version: int, library: Path) -> Iterator[Path]:
    """The backup, or a copy of it that has been brought to this program's version."""
    if version == len(MIGRATIONS):
        yield backup
        return
    copy = beside(library, ".restoring")
    try:
        _put(backup, copy, backup)
        migrate_alone(copy)
        yield copy
    finally:
        for left in (copy, beside(copy, "-journal")):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)


def _can_be_opened(library: Path) -> bool:
    """False for a library of which nothing can be made any more."""
    try:
        with closing(read_only(library)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            return False
        raise explained(error, library) from error
    return True


def _fill(backup: Path, library: Path) -> None:
    """Replace all that is in the library, in one transaction that others with the library open see."""
    try:
        with (
            closing(read_only(backup)) as source,
            closing(sqlite3.connect(library, isolation_level=None)) as target,
        ):
            copy_pages(source, target)
    except sqlite3.Error as error:
        raise explained(error, library) from error


def _put(whole: Path, target: Path, backup: Path) -> None:
    """Copy *whole*, which is the backup or was made of it, to where nothing is."""
    write_backup(whole, target, failing=f"The backup {backup} could not be put in place as {target}")


def _replace(whole: Path, library: Path, backup: Path, now: Callable[[], float]) -> Path:
    """Put what was made of the backup where the library is, and that aside as it is."""
    aside = kept_as(library, "damaged", now())
    # What is left of its write-ahead log belongs to the old file alone.
    logs = [suffix for suffix in ("-wal", "-shm") if beside(library, suffix).exists()]
    try:
        aside.parent.mkdir(parents=True, exist_ok=True)
        for suffix in ("", *logs):
            beside(library, suffix).replace(beside(aside, suffix))
    except OSError as error:
        raise LibraryError(
            f"The library {library} could not be put aside as {aside} ({error.strerror}); "
            "see that its folder can be written to, and try again."
        ) from error
    try:
        _put(whole, library, backup)
    except LibraryError:
        for suffix in ("", *logs):
            beside(aside, suffix).replace(beside(library, suffix))
        raise
    return aside
