"""Tiles of one size, line by line: where each lies is arithmetic, so that 100,000 of them cost no more than ten."""

# ruff: noqa: N802 - Qt's names

from PySide6.QtCore import (
    QAbstractItemModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QStyle, QStyleOptionViewItem

AnyIndex = QModelIndex | QPersistentModelIndex
_Move = QAbstractItemView.CursorAction


class TileView(QAbstractItemView):
    """Shows a list model as tiles that fill the width.

    Qt's own list view asks the model about every row whenever one of them changes: a tenth of a second at 100,000.
    """

    def __init__(self) -> None:
        super().__init__()
        self._least = QSize(100, 100)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there, so that the columns do not change when the first page is full.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def set_least(self, cell: QSize) -> None:
        """How small a tile may be, in pixels."""
        self._least = cell
        self._count_changed()

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if model is not None:
            for signal in (model.rowsInserted, model.rowsRemoved, model.layoutChanged, model.modelReset):
                signal.connect(self._count_changed)

    @Slot()
    def _count_changed(self) -> None:
        self.updateGeometries()
        self.viewport().update()

    # --- where the tiles are -------------------------------------------------------------------------------

    def columns(self) -> int:
        """Tiles side by side."""
        return max(1, self.viewport().width() // self._least.width())

    def cell(self) -> QSize:
        """The size of a tile: what is left beside the last column is shared out."""
        width = max(self._least.width(), self.viewport().width() // self.columns())
        return QSize(width, self._least.height())

    def count(self) -> int:
        model = self.model()
        return 0 if model is None else model.rowCount()

    def visible_rows(self) -> range:
        """The rows on screen, those that are cut off by its edges too."""
        top, height = self.verticalOffset(), self.cell().height()
        first = top // height * self.columns()
        beyond = -(-(top + self.viewport().height()) // height) * self.columns()
        return range(min(first, self.count()), min(beyond, self.count()))

    def place(self, row: int) -> QRect:
        """Where a row's tile lies in the viewport."""
        cell, (line, column) = self.cell(), divmod(row, self.columns())
        return QRect(QPoint(column * cell.width(), line * cell.height() - self.verticalOffset()), cell)

    # --- what Qt asks --------------------------------------------------------------------------------------

    def visualRect(self, index: AnyIndex) -> QRect:
        return self.place(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        cell = self.cell()
        column, line = point.x() // cell.width(), (point.y() + self.verticalOffset()) // cell.height()
        row = line * self.columns() + column
        inside = 0 <= column < self.columns() and 0 <= row < self.count()
        return self._index(row) if inside else QModelIndex()

    def scrollTo(
        self, index: AnyIndex, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """Bring a tile into view, by the shortest way."""
        if not index.isValid():
            return
        self.updateGeometries()
        place, bar = self.visualRect(index), self.verticalScrollBar()
        if place.top() < 0:
            bar.setValue(bar.value() + place.top())
        elif place.bottom() >= self.viewport().height():
            bar.setValue(bar.value() + min(place.top(), place.bottom() + 1 - self.viewport().height()))

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        if not self.count():
            return QModelIndex()
        if not self.currentIndex().isValid():
            return self._index(0)
        row, last, columns = self.currentIndex().row(), self.count() - 1, self.columns()
        page = max(1, self.viewport().height() // self.cell().height()) * columns
        steps = {
            _Move.MoveLeft: -1,
            _Move.MovePrevious: -1,
            _Move.MoveRight: 1,
            _Move.MoveNext: 1,
            _Move.MoveHome: -row,
            _Move.MoveEnd: last - row,
            _Move.MoveUp: -columns if row >= columns else 0,
            _Move.MoveDown: columns if row // columns < last // columns else 0,
            _Move.MovePageUp: -min(page, row // columns * columns),
            _Move.MovePageDown: min(page, (last // columns - row // columns) * columns),
        }
        return self._index(min(max(row + steps[action], 0), last))

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: AnyIndex) -> bool:
        return False

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select the tiles that a rectangle of the viewport touches; its corners may be the wrong way round."""
        cell, last_column = self.cell(), self.columns() - 1
        left, right = sorted((rect.left() // cell.width(), rect.right() // cell.width()))
        top, bottom = sorted((edge + self.verticalOffset()) // cell.height() for edge in (rect.top(), rect.bottom()))
        selection = QItemSelection()
        for line in range(max(0, top), bottom + 1):
            first, last = (line * self.columns() + column for column in (max(0, left), min(right, last_column)))
            if first <= last and first < self.count():
                selection.select(self._index(first), self._index(min(last, self.count() - 1)))
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        # All of it: to find the tiles of a large selection would take longer than to paint those on screen.
        return QRegion(self.viewport().rect())

    def updateGeometries(self) -> None:
        """Tell the scroll bar how much there is."""
        lines = -(-self.count() // self.columns())
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, lines * self.cell().height() - height))
        bar.setPageStep(height)
        bar.setSingleStep(max(1, self.cell().height() // 4))
        super().updateGeometries()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometries()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        try:
            self._paint(painter, event.region())
        finally:
            # A painter left open would bring the program down.
            painter.end()

    def _paint(self, painter: QPainter, region: QRegion) -> None:
        delegate, selected = self.itemDelegate(), self.selectionModel()
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        plain = option.state & ~QStyle.StateFlag.State_Selected & ~QStyle.StateFlag.State_HasFocus
        for row in self.visible_rows():
            index = self._index(row)
            option.rect = self.place(row)
            if not region.intersects(option.rect):
                continue
            option.state = plain
            if selected.isSelected(index):
                option.state |= QStyle.StateFlag.State_Selected
            if self.hasFocus() and index == self.currentIndex():
                option.state |= QStyle.StateFlag.State_HasFocus
            delegate.paint(painter, option, index)

    def _index(self, row: int) -> QModelIndex:
        return self.model().index(row, 0)
