"""Whole copies of a library, made by SQLite itself, so that the library may be in use meanwhile."""

import contextlib
import os
import re
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from maclip_desktop.disk import sync_folder
from maclip_desktop.errors import LibraryError

KEPT_OF_MIGRATIONS = 5
_ANY_LABEL = "[a-z0-9]+"
_TIME = "%Y%m%dT%H%M%SZ"
_PATIENCE_S = 5.0
"""How long to wait for a lock: SQLite's own backup would wait for ever."""


def backups_folder(library: Path) -> Path:
    """Where the backups of *library* are kept unless somebody says otherwise."""
    return library.parent / "backups"


def backups_of(library: Path, folder: Path | None = None, label: str = _ANY_LABEL) -> list[Path]:
    """The backups of *library* in a folder (by default `backups_folder`), oldest first.

    *label*: a regular expression; only backups that were made under such a label.
    """
    return [file for _, file in _dated(library, folder or backups_folder(library), label)]


def _dated(library: Path, folder: Path, label: str) -> list[tuple[datetime, Path]]:
    """As `backups_of`, with the time after which the next one comes. Names that somebody else gave are passed over."""
    # The whole name of the library: two in one folder may differ in their suffix alone.
    name = re.compile(rf"{re.escape(library.name)}-{label}-([0-9]{{8}}T[0-9]{{6}}Z)\.db")
    dated = []
    try:
        for file in folder.iterdir():
            if match := name.fullmatch(file.name):
                # A date that cannot be is no date, and after the last one there is none.
                with contextlib.suppress(ValueError, OverflowError):
                    dated.append((_second_after(match[1]), file))
    except OSError:
        return []
    return sorted(dated)


def _second_after(date: str) -> datetime:
    """The earliest time for the next backup. Raises `ValueError` and `OverflowError`."""
    return datetime.strptime(date, _TIME).replace(tzinfo=UTC) + timedelta(seconds=1)


def keep_backup(library: Path, label: str, *, keep: int, now: float, folder: Path | None = None) -> Path:
    """Back *library* up under a label and the time, and drop all but the newest *keep* of that label.

    Raises `LibraryError` where the backup cannot be written; then nothing is dropped.
    """
    target = kept_as(library, label, now, folder)
    write_backup(library, target)
    # "v1" and "v2" are one kind of label.
    kind = re.sub(r"\d+", r"\\d+", label)
    for old in backups_of(library, folder, kind)[:-keep]:
        with contextlib.suppress(OSError):
            old.unlink()
    return target


def kept_as(library: Path, label: str, now: float, folder: Path | None = None) -> Path:
    """The file for a backup that is made now.

    Its name sorts behind those of all backups before, also where the clock was set back meanwhile.
    """
    place = folder or backups_folder(library)
    at = datetime.fromtimestamp(now, UTC)
    for earliest, _ in _dated(library, place, _ANY_LABEL):
        at = max(at, earliest)
    return place / f"{library.name}-{label}-{at.strftime(_TIME)}.db"


def write_backup(library: Path, target: Path, *, failing: str | None = None) -> None:
    """Copy *library* as it was last saved into the new file *target*: whole, or not at all.

    *failing*: how the sentence begins that says that it could not be done.

    Raises:
        LibraryError: *target* cannot be written, or the library not be read.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        _copy(library, part)
        _sync(part)
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise LibraryError(
            f"{failing or f'The library {library} could not be backed up to {target}'} ({reason}); "
            "make room there, see that the folder can be written to, and try again."
        ) from error
    finally:
        for left in (part, part.with_name(f"{part.name}-journal")):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)
    sync_folder(target.parent)


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write to the database at *path*."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def copy_pages(source: sqlite3.Connection, target: sqlite3.Connection, patience_s: float = _PATIENCE_S) -> None:
    """Make *target* what *source* is, in one transaction of SQLite.

    Raises `sqlite3.OperationalError` where either is locked for longer than *patience_s*.
    """
    give_up_at = time.monotonic() + patience_s

    def give_up(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() >= give_up_at:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = status
            raise error

    source.backup(target, progress=give_up, sleep=0.05)


def _copy(library: Path, target: Path) -> None:
    with closing(read_only(library)) as source, closing(sqlite3.connect(target, isolation_level=None)) as copy:
        # Synced once, when it is whole.
        copy.execute("PRAGMA synchronous = OFF")
        copy_pages(source, copy)
        # A backup is one file, which can be read from a drive that cannot be written to.
        copy.execute("PRAGMA journal_mode = DELETE")


def _sync(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())
