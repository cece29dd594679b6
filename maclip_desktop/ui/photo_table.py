"""All photos of the window as compact arrays: no Qt, no files."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.ordering import FlagFilter, Rows, SortOrder, name_ranks, ordered, shown
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.core.selection import Candidates

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
}


class PhotoTable:
    """A slot for every photo; slots of removed photos are closed by moving the last one in.

    Arrays are longer than they need be; the first `len` slots count. A slot number is valid until the next
    removal; a photo's id is valid for ever.
    """

    def __init__(self) -> None:
        self._count = 0
        self._columns: dict[str, np.ndarray] = {name: np.zeros(1024, dtype=kind) for name, kind in _COLUMNS.items()}
        self._paths: list[str] = []
        self._errors: dict[int, str] = {}
        self._earlier_scorers: list[str | None] = []
        self._slot_of: dict[int, int] = {}
        self._name_ranks: np.ndarray | None = None

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

    def slot(self, photo_id: int) -> int | None:
        return self._slot_of.get(photo_id)

    def path(self, slot: int) -> Path:
        return Path(self._paths[slot])

    def error(self, slot: int) -> str | None:
        return self._errors.get(int(self.column("ids")[slot]))

    def update(self, rows: Iterable[PhotoRow]) -> list[int]:
        """Put rows in, new or changed; returns the ids that are new."""
        fresh = []
        for row in rows:
            slot = self._slot_of.get(row.id)
            if slot is None:
                slot = self._open_slot(row)
                fresh.append(row.id)
            elif self._paths[slot] != str(row.path):
                self._paths[slot] = str(row.path)
                self._name_ranks = None
            self._write(slot, row)
        return fresh

    def remove(self, photo_ids: Iterable[int]) -> None:
        """Take photos out; ids that are not there are passed over."""
        for photo_id in photo_ids:
            slot = self._slot_of.pop(photo_id, None)
            if slot is None:
                continue
            self._errors.pop(photo_id, None)
            self._count -= 1
            if slot != self._count:
                for values in self._columns.values():
                    values[slot] = values[self._count]
                self._paths[slot] = self._paths[self._count]
                self._slot_of[int(self._columns["ids"][slot])] = slot
            self._paths.pop()
            self._name_ranks = None

    def order(self, sort: SortOrder, flag_filter: FlagFilter, folder_id: int | None = None) -> Rows:
        """Slots in display order, those the filters let through."""
        slots = ordered(sort, self.column("scores"), self.column("captured"), self._ranks(), self.column("scales"))
        visible = shown(flag_filter, self.column("flags"))
        if folder_id is not None:
            visible = visible & (self.column("folders") == folder_id)
        return slots[visible[slots]]

    def candidates(self, slots: Rows) -> Candidates:
        """What rules look at, for the photos of these slots."""
        return Candidates(
            ids=self.column("ids")[slots],
            scores=np.where(self.outdated(), np.nan, self.column("scores"))[slots],
            flags=self.column("flags")[slots],
            by_person=self.column("by_person")[slots],
            outdated=self.outdated()[slots],
        )

    def _ranks(self) -> np.ndarray:
        if self._name_ranks is None:
            self._name_ranks = name_ranks([Path(path).name for path in self._paths])
        return self._name_ranks

    def _open_slot(self, row: PhotoRow) -> int:
        slot = self._count
        if slot == len(self._columns["ids"]):
            self._columns = {name: np.resize(values, 2 * slot) for name, values in self._columns.items()}
        self._count += 1
        self._paths.append(str(row.path))
        self._slot_of[row.id] = slot
        self._name_ranks = None
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


def flag_at(table: PhotoTable, slot: int) -> Flag:
    return Flag(int(table.column("flags")[slot]))


def is_finished(row: PhotoRow) -> bool:
    """True for a photo that nothing is waited for: it has the current model's score, or a reason why not."""
    return row.current_score is not None or row.error is not None
