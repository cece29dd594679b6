"""What every part of the library worker stands on: the open library, its turns, and rows for the window."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal, Slot

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.errors import FolderError, LibraryError
from maclip_desktop.jobs.gathering import ChangeGatherer
from maclip_desktop.jobs.messages import RowsChanged
from maclip_desktop.jobs.threads import Worker, guarded
from maclip_desktop.jobs.unsaved import Unsaved
from maclip_desktop.library.store import Store

ROWS_PER_MESSAGE = 1000

RETRY_MS = 1000
"""How long a library that cannot be written to is left alone before the next try."""


class StoreWorker(Worker):
    """Owns an open library and does one small piece of work per turn of its event loop.

    Signals: ``rows_changed`` (`RowsChanged`), ``failed`` (a sentence: there is no library to work with).
    """

    rows_changed = Signal(object)
    failed = Signal(str)

    def __init__(self, library_file: Path) -> None:
        super().__init__()
        self._library_file = library_file
        self._opened: Store | None = None
        self._unsaved: tuple[Unsaved[Any], ...] = ()
        """What waits to be saved, in order: none of it is given up while the library cannot be written to."""
        self._trouble: str | None = None
        self._sent: set[int] = set()
        """Ids of the photos the window knows."""

    def _open_store(self) -> bool:
        """Make what this part owns; False where there is no library to work with."""
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._work)
        self._changes = ChangeGatherer(self._send_changes, self)
        try:
            self._opened = Store.open(self._library_file)
        except LibraryError as error:
            self.failed.emit(str(error))
        return self._opened is not None

    def _rest(self) -> None:
        if hasattr(self, "_turn"):
            self._turn.stop()
            self._changes.stop()

    def _close_store(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _store(self) -> Store:
        if self._opened is None:
            raise LibraryError(
                f"The library {self._library_file} is not open, so nothing can be kept; see the first message."
            )
        return self._opened

    # --- one small piece of work per turn of the event loop -----------------------------------------------

    def _wake(self) -> None:
        """Have a turn soon; no sooner than planned while the library is left alone."""
        if not self._turn.isActive():
            self._turn.start(0)

    @Slot()
    @guarded
    def _work(self) -> None:
        pause = RETRY_MS
        try:
            for part in self._unsaved:
                part.save()
                if part:
                    break  # what comes after it may count on all of it
            self._one_turn(self._store)
            self._trouble = None
            pause = 0
        except FolderError:
            # A folder that is missing must not keep the others waiting.
            pause = 0
            raise
        except LibraryError as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                raise
        finally:
            if self._opened is not None and (any(self._unsaved) or self._more_to_do()):
                self._turn.start(pause)

    def _one_turn(self, store: Store) -> None:
        """What is done in a turn, once what waited has been saved."""
        raise NotImplementedError

    def _more_to_do(self) -> bool:
        """Whether another turn is wanted without anybody asking for one."""
        raise NotImplementedError

    # --- to the window -------------------------------------------------------------------------------------

    @guarded
    def _send_changes(self, changed: list[int], removed: tuple[int, ...]) -> None:
        """What has no row any more is gone for the window, however that came about, and what has one is not."""
        rows = list(self._store.rows(changed))
        shown = {row.id for row in rows}
        gone = dict.fromkeys(one for one in (*removed, *changed) if one in self._sent and one not in shown)
        self._send_rows(iter(rows), tuple(gone))

    def _note_side_effects(self) -> None:
        """Photos that changed along with others in the last call of the store: copies, and files of one photo."""
        self._changes.changed(self._store.take_touched())
        self._changes.removed(self._store.take_hidden())

    def _send_rows(self, rows: Iterator[PhotoRow], removed: tuple[int, ...] = ()) -> list[int]:
        """Send rows in messages of a bearable size; returns their ids."""
        sent: list[int] = []
        while (batch := tuple(islice(rows, ROWS_PER_MESSAGE))) or removed:
            self.rows_changed.emit(RowsChanged(rows=batch, removed=removed))
            self._sent.difference_update(removed)
            removed = ()
            sent += [row.id for row in batch]
        self._sent.update(sent)
        return sent
