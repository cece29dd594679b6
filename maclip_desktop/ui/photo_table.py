"""All photos of the window as compact arrays: no Qt, no files."""

from collections.abc import Iterable
from itertools import compress
from pathlib import Path

import numpy as np

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.name_order import NameOrder
from maclip_desktop.core.ordering import FlagFilter, Rows, SortOrder, ordered, shown
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.core.selection import Candidates
from maclip_desktop.ui.file_badge import file_badge

_COLUMNS = {
    "ids": np.int64,
    "folders": np.int64,
    "scores": np.float64,
    "scales": np.int8,
    "flags": np.int8,
    "by_person": np.bool_,
    "captured": np.float64,
    "sizes": np.int64,
    "mtimes": np.int64,
    "readable": np.bool_,
    "identified": np.bool_,
    "copies": np.int32,
    "badges": np.int16,
}


class PhotoTable:
    """A slot for every photo; slots of removed photos are closed by moving up those behind them.

    Arrays are longer than they need be; the first `len` slots count. A slot number is valid until the next
    removal; a photo's id is valid for ever.
    """

    def __init__(self) -> None:
        self._count = 0
        self._columns: dict[str, np.ndarray] = {name: np.zeros(1024, dtype=kind) for name, kind in _COLUMNS.items()}
        self._paths: list[str] = []
        self._errors: dict[int, str] = {}
        self._earlier_scorers: list[str | None] = []
        self._file_badges = [""]
        self._slot_of: dict[int, int] = {}
        self._names = NameOrder()

    def __len__(self) -> int:
        return self._count

    def __contains__(self, photo_id: int) -> bool:
        return photo_id in self._slot_of

    def column(self, name: str) -> np.ndarray:
        """The values of all photos, one per slot (a view, not a copy)."""
        return self._columns[name][: self._count]

    def waiting(self) -> np.ndarray:
        """True, one per slot, for photos that have neither a score by the current model nor an error."""
        return (np.isnan(self.column("scores")) | self.outdated()) & self.column("readable")

    def outdated(self) -> np.ndarray:
        """True, one per slot, for photos whose score is an earlier model's."""
        return self.column("scales") > 0

    def is_waiting(self, photo_id: int) -> bool:
        """True for a photo that is here and has neither a score by the current model nor an error."""
        slot = self._slot_of.get(photo_id)
        if slot is None or not self.column("readable")[slot]:
            return False
        return bool(np.isnan(self.column("scores")[slot]) or self.column("scales")[slot])

    def folder_counts(self) -> dict[int, int]:
        """Photos per folder id, of the folders that have any."""
        counts = np.bincount(self.column("folders"))
        present = np.flatnonzero(counts)
        return dict(zip(present.tolist(), counts[present].tolist(), strict=True))

    def slot(self, photo_id: int) -> int | None:
        return self._slot_of.get(photo_id)

    def path(self, slot: int) -> Path:
        return Path(self._paths[slot])

    def error(self, slot: int) -> str | None:
        return self._errors.get(int(self.column("ids")[slot]))

    def badge(self, slot: int) -> str:
        """What files the photo has, such as ``RAW+JPG``; empty where there is only the one that is shown."""
        return self._file_badges[int(self.column("badges")[slot])]

    def update(self, rows: Iterable[PhotoRow]) -> list[int]:
        """Put rows in, new or changed; returns the ids that are new."""
        fresh = []
        renamed: dict[int, str] = {}
        for row in rows:
            slot = self._slot_of.get(row.id)
            if slot is None:
                slot = self._open_slot(row)
                fresh.append(row.id)
            elif self._paths[slot] != str(row.path):
                self._paths[slot] = str(row.path)
                renamed[slot] = row.path.name
            self._write(slot, row)
        self._rename(renamed)
        return fresh

    def remove(self, photo_ids: Iterable[int]) -> None:
        """Take photos out; ids that are not there are passed over."""
        gone = {photo_id: slot for photo_id in photo_ids if (slot := self._slot_of.get(photo_id)) is not None}
        if not gone:
            return
        kept = np.ones(self._count, dtype=np.bool_)
        kept[list(gone.values())] = False
        self._count -= len(gone)
        for values in self._columns.values():
            values[: self._count] = values[: len(kept)][kept]
        self._paths = list(compress(self._paths, kept.tolist()))
        self._slot_of = dict(zip(self.column("ids").tolist(), range(self._count), strict=True))
        self._names.renumber(np.where(kept, np.cumsum(kept) - 1, -1))
        for photo_id in gone:
            self._errors.pop(photo_id, None)

    def order(self, sort: SortOrder, flag_filter: FlagFilter, folder_id: int | None = None) -> Rows:
        """Slots in display order, those the filters let through."""
        names = self._names.rows()
        slots = ordered(sort, names, self.column("scores"), self.column("captured"), self.column("scales"))
        return slots[self.passes(slots, flag_filter, folder_id)]

    def passes(self, slots: Rows, flag_filter: FlagFilter, folder_id: int | None = None) -> np.ndarray:
        """True, one per slot of *slots*, for photos the filters let through."""
        flags, copies, readable = (self.column(name)[slots] for name in ("flags", "copies", "readable"))
        visible = shown(flag_filter, flags, copies, readable)
        return visible if folder_id is None else visible & (self.column("folders")[slots] == folder_id)

    def candidates(self, slots: Rows) -> Candidates:
        """What rules look at, for the photos of these slots."""
        return Candidates(
            ids=self.column("ids")[slots],
            scores=np.where(self.outdated(), np.nan, self.column("scores"))[slots],
            flags=self.column("flags")[slots],
            by_person=self.column("by_person")[slots],
            outdated=self.outdated()[slots],
        )

    def _rename(self, names: dict[int, str]) -> None:
        """These slots have new names."""
        if not names:
            return
        numbers = np.arange(self._count)
        numbers[list(names)] = -1
        self._names.renumber(numbers)
        for slot, name in names.items():
            self._names.add(slot, name)

    def _open_slot(self, row: PhotoRow) -> int:
        slot = self._count
        if slot == len(self._columns["ids"]):
            self._columns = {name: np.resize(values, 2 * slot) for name, values in self._columns.items()}
        self._count += 1
        self._paths.append(str(row.path))
        self._slot_of[row.id] = slot
        self._names.add(slot, row.path.name)
        return slot

    def _write(self, slot: int, row: PhotoRow) -> None:
        columns = self._columns
        columns["ids"][slot] = row.id
        columns["folders"][slot] = row.folder_id
        columns["scores"][slot] = np.nan if row.score is None else row.score
        columns["scales"][slot] = self._scale(row)
        columns["flags"][slot] = row.flag
        columns["by_person"][slot] = row.decided_by is Decider.PERSON
        columns["captured"][slot] = np.nan if row.captured_at is None else row.captured_at
        columns["sizes"][slot] = row.size
        columns["mtimes"][slot] = row.mtime_ns
        columns["readable"][slot] = row.error is None
        columns["identified"][slot] = row.content_hash is not None
        columns["copies"][slot] = row.copies
        columns["badges"][slot] = self._badge(row) if row.beside else 0
        if row.error is None:
            self._errors.pop(row.id, None)
        else:
            self._errors[row.id] = row.error

    def _scale(self, row: PhotoRow) -> int:
        """0 for the current model's scores; a number of its own for the earlier ones of each scorer."""
        if not row.score_is_old:
            return 0
        if row.scored_by not in self._earlier_scorers:
            self._earlier_scorers.append(row.scored_by)
        return 1 + self._earlier_scorers.index(row.scored_by)

    def _badge(self, row: PhotoRow) -> int:
        """The number of the badge of the photo's files; there are only a few such badges."""
        badge = file_badge(path.name for path in row.files)
        if badge not in self._file_badges:
            self._file_badges.append(badge)
        return self._file_badges.index(badge)


def flag_at(table: PhotoTable, slot: int) -> Flag:
    return Flag(int(table.column("flags")[slot]))


def is_finished(row: PhotoRow) -> bool:
    """True for a photo that nothing is waited for: it has the current model's score, or a reason why not."""
    return row.current_score is not None or row.error is not None
