"""One connection to the library file: statements, transactions, and SQLite's errors in plain words."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from maclip_desktop.errors import LibraryError, ProgramError

_PRIMARY_CODE = 0xFF
"""SQLite's extended error codes carry the primary code in their lowest byte."""

_IN_USE = ("is in use by another program", "close that program and try again")
_FULL = ("cannot grow because its drive is full", "free some space and try again")

_ENVIRONMENT = {
    sqlite3.SQLITE_BUSY: _IN_USE,
    sqlite3.SQLITE_LOCKED: _IN_USE,
    sqlite3.SQLITE_PERM: ("may not be opened", "change its permissions or choose another library with --library"),
    sqlite3.SQLITE_READONLY: (
        "cannot be written to",
        "make the file and its folder writable or choose another library with --library",
    ),
    sqlite3.SQLITE_IOERR: ("cannot be read or written by its drive", "check the drive and try again"),
    # What lies beside a library while it is open could not be made as long as it has to be.
    sqlite3.SQLITE_IOERR_SHMSIZE: _FULL,
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "put a backup of it back with 'maclip-desktop library restore FILE' or choose another library with --library",
    ),
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check its folder or choose another library with --library"),
    sqlite3.SQLITE_NOTADB: ("is not a library file", "choose another with --library"),
}
"""By SQLite's code, extended or primary: what is wrong with a library, and what to do."""

_OF_BACKUPS = {
    sqlite3.SQLITE_PERM: "change its permissions or choose another one",
    sqlite3.SQLITE_READONLY: "make its folder writable or copy it elsewhere",
    sqlite3.SQLITE_CORRUPT: "choose another one",
    sqlite3.SQLITE_CANTOPEN: "check its folder or choose another one",
    sqlite3.SQLITE_NOTADB: "choose another one",
}
"""What to do about a backup, where that is something else."""


def explained(error: sqlite3.Error, path: Path, *, is_backup: bool = False) -> LibraryError | ProgramError:
    """Turn an error of SQLite into the environment's fault in one sentence, or into ours with its details.

    *is_backup*: *path* is a backup that a library is restored from.
    """
    thing = f"{'backup' if is_backup else 'library'} {path}"
    code = getattr(error, "sqlite_errorcode", 0)
    primary = code & _PRIMARY_CODE
    if primary not in _ENVIRONMENT:
        return ProgramError(f"A statement on the {thing} failed: {error}")
    fault, mend = _ENVIRONMENT.get(code, _ENVIRONMENT[primary])
    return LibraryError(f"The {thing} {fault}; {_OF_BACKUPS.get(primary, mend) if is_backup else mend}.")


def not_writable(path: Path) -> LibraryError:
    """The error for a library that may not be written to."""
    fault, mend = _ENVIRONMENT[sqlite3.SQLITE_READONLY]
    return LibraryError(f"The library {path} {fault}; {mend}.")


class LibraryDatabase:
    """A connection in autocommit mode with explicit transactions. Belongs to the thread that made it.

    Every method raises `LibraryError` where the file, its drive or another program is at fault, and
    `ProgramError` for anything else SQLite complains of.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        # Plugins that the user installed for the sqlite-utils command have no business in our file.
        self._db = Database(connection, execute_plugins=False)

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and fetch all of its rows."""
        with self._explaining():
            return self._db.execute(sql, parameters).fetchall()

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """Run a statement and fetch its first row, or None."""
        rows = self.all(sql, parameters)
        return rows[0] if rows else None

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it changed."""
        with self._explaining():
            return self._db.execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once for each of *rows*, inside one transaction."""
        with self.transaction(), self._explaining():
            self._db.conn.executemany(sql, rows)

    def tables(self) -> set[str]:
        """The names of the file's tables."""
        with self._explaining():
            return set(self._db.table_names())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Inside another transaction this one joins it.

        The write lock is taken at the start: a transaction that begins by reading cannot be told "busy" in
        the middle, when another program has written meanwhile.
        """
        if self._db.conn.in_transaction:
            yield
            return
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            # A full disk makes SQLite roll back by itself.
            if self._db.conn.in_transaction:
                self.run("ROLLBACK")
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read several times what was saved at one moment; others may write meanwhile."""
        if self._db.conn.in_transaction:
            yield
            return
        self.run("BEGIN")
        try:
            yield
        finally:
            # An error of the drive makes SQLite roll back by itself.
            if self._db.conn.in_transaction:
                self.run("ROLLBACK")

    def close(self) -> None:
        """Close the file; closing twice is allowed."""
        with self._explaining():
            self._db.conn.close()

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explained(error, self.path) from error
