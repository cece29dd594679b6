"""The library as one object."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

from maclip_desktop.disk import is_there
from maclip_desktop.errors import LibraryError
from maclip_desktop.library.backups import backups_of, keep_backup, write_backup
from maclip_desktop.library.checking import CheckPart
from maclip_desktop.library.decisions import DecisionPart
from maclip_desktop.library.opening import open_database
from maclip_desktop.library.photos import PhotoPart
from maclip_desktop.library.recording import RecordPart
from maclip_desktop.library.relocation import RelocationPart
from maclip_desktop.library.schema import has_content
from maclip_desktop.library.scores import ScorePart
from maclip_desktop.library.statistics import StatisticsPart

_DAY_S = 86_400


class Store(RelocationPart, PhotoPart, RecordPart, ScorePart, DecisionPart, StatisticsPart, CheckPart):
    """An open library file. Belongs to the thread that opened it.

    What a method has returned from is saved: it survives the end of the process. Every method raises
    `LibraryError` where the file, its drive or another program is at fault, and `ProgramError` in a wrong thread.
    """

    was_unclean: bool = False
    """Whether the library had not been closed properly; it was looked through for damage, and there was none."""
    _data_version: tuple[Any, ...] | None = None
    _schema_version: tuple[Any, ...] | None = None

    @classmethod
    def open(cls, path: Path, *, busy_timeout_ms: int = 5000, now: Callable[[], float] = time.time) -> "Store":
        """Open the library at *path*, or make a new one there.

        Args:
            busy_timeout_ms: how long to wait for another process that is writing.
            now: the clock, in seconds since 1970.

        Raises:
            LibraryError: the file or its folder cannot be used, is not ours, or is newer than this program.
        """
        database, was_unclean = open_database(path, busy_timeout_ms=busy_timeout_ms, now=now)
        store = cls(database, now)
        store.was_unclean = was_unclean
        store.changed_elsewhere()
        store.was_replaced()
        return store

    @property
    def path(self) -> Path:
        """The library file."""
        return self._db.path

    def changed_elsewhere(self) -> bool:
        """Whether somebody else (another process, another connection) has written since the last call; cheap."""
        version = self._db.one("PRAGMA data_version")
        changed = version != self._data_version
        self._data_version = version
        return changed

    def was_replaced(self) -> bool:
        """Whether somebody has put a backup in place of all that was in the library since the last call; cheap."""
        # SQLite counts it on each time it copies a whole database into this one, and nobody changes our tables.
        version = self._db.one("PRAGMA schema_version")
        replaced = version != self._schema_version
        self._schema_version = version
        return replaced

    def batch(self) -> AbstractContextManager[None]:
        """Make all calls inside the ``with`` block one transaction: all are saved at its end, or none."""
        return self._db.transaction()

    def backup(self, target: Path) -> None:
        """Write a whole copy of the library to *target*, which is replaced if it is there; the library stays usable.

        Raises `LibraryError` where that cannot be done, or where *target* is the library itself.
        """
        if is_there(target) and target.samefile(self.path):
            raise LibraryError(f"{target} is the library itself; name another file for its backup.")
        write_backup(self.path, target)

    def backup_if_due(self, folder: Path, every_days: float = 7, keep: int = 3) -> Path | None:
        """Back the library up into *folder* if it has something in it and that was not done for *every_days*.

        Returns the backup, None if none was due. Of these backups the newest *keep* stay. Raises as `backup` does.
        """
        last = self._db.one("SELECT value FROM meta WHERE key = 'backup_at'")
        now = self._now()
        # A clock that was set back by so much says nothing of how long ago that was either.
        is_recent = last is not None and abs(now - float(last[0])) < every_days * _DAY_S
        if (is_recent and backups_of(self.path, folder, "auto")) or not has_content(self._db):
            return None
        made = keep_backup(self.path, "auto", keep=keep, now=now, folder=folder)
        self._db.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('backup_at', ?)", (str(now),))
        return made

    def close(self) -> None:
        """Close the file; closing twice is allowed."""
        self._db.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
