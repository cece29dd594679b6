"""The grid's model: photos of a `PhotoTable` in display order, with their thumbnails."""

import math
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QPixmap

from maclip_desktop.core.flags import Flag
from maclip_desktop.core.ordering import FlagFilter, Rows, SortOrder
from maclip_desktop.jobs.messages import RowsChanged
from maclip_desktop.jobs.thumbnails import Picture, PictureRequest
from maclip_desktop.ui.photo_table import PhotoTable, flag_at
from maclip_desktop.ui.printable import printable

PIXMAP_BYTES = 192 * 1024 * 1024
MANY_RUNS = 3
"""More separate removals than these make a new order: each of them counts all rows again."""
_EVERY_ROLE = [Qt.ItemDataRole.DisplayRole]


class Role(IntEnum):
    """What the delegate asks for."""

    TILE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Tile:
    """All that is painted of one photo."""

    photo_id: int
    name: str
    score: float | None
    score_is_old: bool
    flag: Flag
    error: str | None
    pixmap: QPixmap | None
    copies: int = 1
    """How many photos have this content, this one included."""
    files: str = ""
    """What files the photo has, such as ``RAW+JPG``; empty where there is one only."""
    offline: bool = False
    """Whether its folder is missing for the time being."""


Key = TypeVar("Key", bound=Hashable)


class PixmapCache(Generic[Key]):
    """Pictures that were looked at last, within a byte budget."""

    def __init__(self, limit: int = PIXMAP_BYTES) -> None:
        self._limit = limit
        self._bytes = 0
        self._pixmaps: OrderedDict[Key, QPixmap] = OrderedDict()

    def get(self, key: Key) -> QPixmap | None:
        pixmap = self._pixmaps.get(key)
        if pixmap is not None:
            self._pixmaps.move_to_end(key)
        return pixmap

    def put(self, key: Key, pixmap: QPixmap) -> None:
        old = self._pixmaps.pop(key, None)
        self._bytes += _bytes(pixmap) - (_bytes(old) if old else 0)
        self._pixmaps[key] = pixmap
        while self._bytes > self._limit and len(self._pixmaps) > 1:
            _, dropped = self._pixmaps.popitem(last=False)
            self._bytes -= _bytes(dropped)

    def forget_empty(self) -> None:
        """What gave no picture may give one now."""
        self._pixmaps = OrderedDict((key, one) for key, one in self._pixmaps.items() if not one.isNull())


class PhotoModel(QAbstractListModel):
    """Order and filter are arrays published at once; data that arrives leaves the order as it stands.

    Signals: ``content_changed`` (data came in; the order may be out of date), ``resorted``.
    """

    content_changed = Signal()
    resorted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.table = PhotoTable()
        self.pixmaps: PixmapCache[PictureRequest] = PixmapCache()
        self.sort_order = SortOrder.WORST_FIRST
        self.flag_filter = FlagFilter.ALL
        self.folder_id: int | None = None
        self._missing: frozenset[int] = frozenset()
        self._ids = np.empty(0, dtype=np.int64)
        self._row_of: dict[int, int] = {}

    # --- Qt's questions ------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own form
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        slot = self.table.slot(int(self._ids[index.row()]))
        if slot is None:
            return None
        if role == Role.TILE:
            return self._tile(slot)
        if role == Qt.ItemDataRole.DisplayRole:
            return printable(Path(self.table.path(slot).name))
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._sentence(slot)
        return None

    # --- what the window asks ------------------------------------------------------------------------------

    def photo_id(self, row: int) -> int:
        return int(self._ids[row])

    def row(self, photo_id: int) -> int | None:
        """The row a photo is shown in, or None where a filter hides it."""
        return self._row_of.get(photo_id)

    def shown_slots(self) -> Rows:
        """Slots of the photos shown, in display order."""
        slots = map(self.table.slot, self._ids.tolist())
        return np.array([slot for slot in slots if slot is not None], dtype=np.intp)

    def picture_request(self, row: int) -> PictureRequest | None:
        """What to ask a loader for, or None where no file can give a picture."""
        slot = self.table.slot(self.photo_id(row))
        if slot is None:
            return None
        return self.request_of_slot(slot)

    def request_of_slot(self, slot: int) -> PictureRequest:
        table = self.table
        return PictureRequest(
            int(table.column("ids")[slot]),
            table.path(slot),
            int(table.column("sizes")[slot]),
            int(table.column("mtimes")[slot]),
        )

    def has_failed(self, photo_id: int) -> bool:
        """Whether the photo could not be read."""
        slot = self.table.slot(photo_id)
        return slot is not None and not self.table.column("readable")[slot]

    def folder(self, slot: int) -> int:
        """The id of the photo's folder."""
        return int(self.table.column("folders")[slot])

    def is_offline(self, slot: int) -> bool:
        """Whether the photo's folder is missing for the time being."""
        return self.folder(slot) in self._missing

    # --- changes -------------------------------------------------------------------------------------------

    def apply(self, message: RowsChanged) -> None:
        """Take in what the library has saved: new photos go to the end, changed ones stay where they are."""
        if message.removed:
            self._hide(message.removed)
            self.table.remove(message.removed)
        fresh = self.table.update(message.rows)
        shown = [row.id for row in message.rows if row.id in self._row_of]
        self._append(self._passing(fresh))
        self._hide(tuple(set(shown).difference(self._passing(shown))))
        if len(fresh) < len(message.rows):
            self._announce([self._row_of[photo_id] for photo_id in shown if photo_id in self._row_of])
        self.content_changed.emit()

    def set_missing(self, folder_ids: frozenset[int]) -> bool:
        """These folders are not there now: their photos are offline, and shown as such. True for a change."""
        if folder_ids == self._missing:
            return False
        if self._missing - folder_ids:
            self.pixmaps.forget_empty()
        self._missing = folder_ids
        self._announce([0, len(self._ids) - 1] if len(self._ids) else [])
        self.content_changed.emit()
        return True

    def set_view(self, sort_order: SortOrder, flag_filter: FlagFilter, folder_id: int | None) -> None:
        """Sort and filter afresh."""
        self.sort_order, self.flag_filter, self.folder_id = sort_order, flag_filter, folder_id
        self.resort()

    def resort(self) -> None:
        """Put every photo where it belongs; selection and current photo go with their photos."""
        self._publish(self._fresh_order())

    def misplaced(self) -> int:
        """How many rows a fresh sort would change."""
        fresh = self._fresh_order()
        if len(fresh) != len(self._ids):
            return abs(len(fresh) - len(self._ids)) or 1
        return int(np.count_nonzero(fresh != self._ids))

    def take_picture(self, picture: Picture) -> None:
        """Keep a thumbnail that has arrived and repaint its tile.

        A photo that gave none keeps an empty one, so that it is not asked for again until its file changes.
        """
        self.pixmaps.put(picture.request, QPixmap.fromImage(picture.image))
        row = self._row_of.get(picture.request.photo_id)
        if row is not None and not picture.image.isNull():
            self._announce([row])

    def _fresh_order(self) -> np.ndarray:
        slots = self.table.order(self.sort_order, self.flag_filter, self.folder_id)
        return self.table.column("ids")[slots]

    def _passing(self, photo_ids: list[int]) -> list[int]:
        """Those of these photos that the filters let through, in their order."""
        slots = np.array([self.table.slot(photo_id) for photo_id in photo_ids], dtype=np.intp)
        return self.table.column("ids")[slots[self.table.passes(slots, self.flag_filter, self.folder_id)]].tolist()

    def _append(self, photo_ids: list[int]) -> None:
        if not photo_ids:
            return
        first = len(self._ids)
        self.beginInsertRows(QModelIndex(), first, first + len(photo_ids) - 1)
        self._ids = np.concatenate([self._ids, np.array(photo_ids, dtype=np.int64)])
        self._row_of.update({photo_id: first + offset for offset, photo_id in enumerate(photo_ids)})
        self.endInsertRows()

    def _hide(self, photo_ids: tuple[int, ...]) -> None:
        """Take photos out of the grid: they are gone, or a mark has taken them out of the filter."""
        rows = sorted((self._row_of[photo_id] for photo_id in set(photo_ids) if photo_id in self._row_of), reverse=True)
        runs = _runs(rows)
        if len(runs) > MANY_RUNS:
            # One new order is cheaper than thousands of removals, each of which copies what is left.
            self._publish(np.delete(self._ids, rows))
            return
        for last, first in runs:
            self.beginRemoveRows(QModelIndex(), first, last)
            self._ids = np.delete(self._ids, slice(first, last + 1))
            self._row_of = _row_of(self._ids)
            self.endRemoveRows()

    def _publish(self, ids: np.ndarray) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        kept = [int(self._ids[index.row()]) for index in before]
        self._ids = ids
        self._row_of = _row_of(ids)
        after = [self.index(self._row_of[one]) if one in self._row_of else QModelIndex() for one in kept]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()
        self.resorted.emit()

    def _announce(self, rows: list[int]) -> None:
        """One signal for all: the view lays itself out again after each."""
        if rows:
            self.dataChanged.emit(self.index(min(rows)), self.index(max(rows)), _EVERY_ROLE)

    def _tile(self, slot: int) -> Tile:
        score = float(self.table.column("scores")[slot])
        request = self.request_of_slot(slot)
        pixmap = self.pixmaps.get(request)
        return Tile(
            photo_id=request.photo_id,
            name=printable(Path(request.path.name)),
            score=None if math.isnan(score) else score,
            score_is_old=bool(self.table.column("scales")[slot]),
            flag=flag_at(self.table, slot),
            error=self.table.error(slot),
            pixmap=None if pixmap is None or pixmap.isNull() else pixmap,
            copies=int(self.table.column("copies")[slot]),
            files=self.table.badge(slot),
            offline=self.is_offline(slot),
        )

    def _sentence(self, slot: int) -> str:
        tile = self._tile(slot)
        parts = [printable(self.table.path(slot))]
        if tile.error is not None:
            parts.append(tile.error)
        elif tile.score is None:
            parts.append(self.tr("not scored yet"))
        else:
            said = (
                self.tr("score %1 by an earlier model; will be scored again")
                if tile.score_is_old
                else self.tr("score %1")
            )
            parts.append(said.replace("%1", f"{tile.score:.3f}"))
        if tile.flag is not Flag.NONE:
            parts.append(self.tr("picked") if tile.flag is Flag.PICK else self.tr("rejected"))
        if tile.files:
            parts.append(self.tr("files: %1").replace("%1", tile.files))
        if tile.copies > 1:
            parts.append(self.tr("%1 copies").replace("%1", f"{tile.copies:,}"))
        if tile.offline:
            parts.append(self.tr("offline: its folder is not connected"))
        return "\n".join(parts)


def _row_of(ids: np.ndarray) -> dict[int, int]:
    return dict(zip(ids.tolist(), range(len(ids)), strict=True))


def _bytes(pixmap: QPixmap) -> int:
    size: QSize = pixmap.size()
    return size.width() * size.height() * 4


def _runs(descending: list[int]) -> list[tuple[int, int]]:
    """Descending row numbers as (last, first) runs: 9 8 7 3 -> (9, 7), (3, 3)."""
    runs: list[tuple[int, int]] = []
    for row in descending:
        if runs and runs[-1][1] == row + 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
