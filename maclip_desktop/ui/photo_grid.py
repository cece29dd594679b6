"""The grid of thumbnails: keys, selection, and which thumbnails to ask for."""

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu

from maclip_desktop.core.flags import Flag
from maclip_desktop.jobs.thumbnails import PictureLoader, PictureRequest
from maclip_desktop.ui.photo_delegate import PhotoDelegate
from maclip_desktop.ui.photo_model import PhotoModel

AnyIndex = QModelIndex | QPersistentModelIndex

TILE_SIDE = 190
_MOVES = {
    Qt.Key.Key_Left: QAbstractItemView.CursorAction.MoveLeft,
    Qt.Key.Key_Right: QAbstractItemView.CursorAction.MoveRight,
    Qt.Key.Key_Up: QAbstractItemView.CursorAction.MoveUp,
    Qt.Key.Key_Down: QAbstractItemView.CursorAction.MoveDown,
    Qt.Key.Key_Home: QAbstractItemView.CursorAction.MoveHome,
    Qt.Key.Key_End: QAbstractItemView.CursorAction.MoveEnd,
    Qt.Key.Key_PageUp: QAbstractItemView.CursorAction.MovePageUp,
    Qt.Key.Key_PageDown: QAbstractItemView.CursorAction.MovePageDown,
}
_FLAG_KEYS = {Qt.Key.Key_P: Flag.PICK, Qt.Key.Key_X: Flag.REJECT, Qt.Key.Key_U: Flag.NONE}


class PhotoGrid(QListView):
    """Thumbnails in display order.

    Signals: ``flag_asked`` (`Flag`; the photos meant are `selected_ids`), ``current_photo`` (id or None),
    ``visible_photos`` (tuple of ids), ``touched`` (the person did something here).
    """

    flag_asked = Signal(object)
    current_photo = Signal(object)
    visible_photos = Signal(object)
    touched = Signal()

    def __init__(self, model: PhotoModel, loader: PictureLoader) -> None:
        super().__init__()
        self._photos = model
        self._loader = loader
        self._last_row = -1
        self._delegate = PhotoDelegate(TILE_SIDE, self.fontMetrics())
        self.setAccessibleName(self.tr("Photos"))
        # ListMode with wrapping and a grid size lays out 100,000 rows without asking the model about each.
        self.setViewMode(QListView.ViewMode.ListMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setUniformItemSizes(True)
        self.setGridSize(self._delegate.cell)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there, so that the columns do not change when the first page is full.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(self._delegate)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._show_menu)
        self._anchor = QPersistentModelIndex()
        self.setModel(model)
        self._ask = QTimer(self)
        self._ask.setSingleShot(True)
        self._ask.setInterval(30)
        self._ask.timeout.connect(self._ask_for_thumbnails)
        for signal in (
            model.rowsInserted,
            model.rowsRemoved,
            model.layoutChanged,
            self.verticalScrollBar().valueChanged,
        ):
            signal.connect(self._visible_may_have_changed)
        model.content_changed.connect(self._visible_may_have_changed)
        model.rowsRemoved.connect(self._select_neighbour)
        model.resorted.connect(self._select_near_last)
        loader.ready.connect(model.take_picture)
        self.verticalScrollBar().actionTriggered.connect(self._say_touched)

    # --- selection -----------------------------------------------------------------------------------------

    def selected_ids(self) -> tuple[int, ...]:
        """The photos a mark would land on, in display order."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        return tuple(self._photos.photo_id(row) for row in rows)

    def select_photos(self, photo_ids: tuple[int, ...]) -> None:
        """Select these photos, as far as they are shown, and bring the first into view."""
        rows = sorted(row for row in map(self._photos.row, photo_ids) if row is not None)
        if not rows:
            return
        selection = QItemSelection()
        for row in rows:
            selection.select(self._photos.index(row), self._photos.index(row))
        self.setCurrentIndex(self._photos.index(rows[0]))
        self._anchor = QPersistentModelIndex(self._photos.index(rows[0]))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(self._photos.index(rows[0]))

    def select_row(self, row: int) -> None:
        """Make one row current and the only one selected."""
        if 0 <= row < self._photos.rowCount():
            index = self._photos.index(row)
            self._anchor = QPersistentModelIndex(index)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.scrollTo(index)

    def _extend_to(self, index: QModelIndex) -> None:
        """Select from the photo chosen last to *index*.

        Qt's own way begins where a key or click of its own was last seen, which is not where a mark has moved on to.
        """
        if not index.isValid():
            return
        anchor = self._anchor.row() if self._anchor.isValid() else max(0, self.currentIndex().row())
        first, last = sorted((anchor, index.row()))
        selection = QItemSelection(self._photos.index(first), self._photos.index(last))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.scrollTo(index)

    def select_next(self) -> None:
        self.select_row(min(self.currentIndex().row() + 1, self._photos.rowCount() - 1))

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:  # noqa: N802 - Qt's name
        super().currentChanged(current, previous)
        if current.isValid():
            self._last_row = current.row()
        self.current_photo.emit(self._photos.photo_id(current.row()) if current.isValid() else None)

    @Slot(QModelIndex, int, int)
    def _select_neighbour(self, _parent: QModelIndex, first: int, _last: int) -> None:
        """When the photo the eye was on leaves, the eye goes to the one that takes its place."""
        if not self.selectionModel().hasSelection() and self._photos.rowCount():
            self.select_row(min(first, self._photos.rowCount() - 1))

    @Slot()
    def _select_near_last(self) -> None:
        """A new order without the photo the eye was on: the eye goes to what stands where it was."""
        if self._last_row >= 0 and not self.currentIndex().isValid() and self._photos.rowCount():
            self.select_row(min(self._last_row, self._photos.rowCount() - 1))

    # --- keys and mouse ------------------------------------------------------------------------------------

    @Slot(int)
    def _say_touched(self, _action: int) -> None:
        self.touched.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # Qt makes the first photo current without selecting it: a mark would land nowhere.
        if not self.selectionModel().hasSelection():
            self.select_row(max(0, self.currentIndex().row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.touched.emit()
        flag = _FLAG_KEYS.get(Qt.Key(event.key()))
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() == Qt.Key.Key_Delete:
            flag = Flag.REJECT  # Delete never deletes
        if flag is not None and modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
            self.flag_asked.emit(flag)
            if modifiers & Qt.KeyboardModifier.ShiftModifier:
                self.select_next()
            return
        move = _MOVES.get(Qt.Key(event.key()))
        if move is not None and modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._extend_to(self.moveCursor(move, Qt.KeyboardModifier.NoModifier))
            return
        super().keyPressEvent(event)
        if move is not None:
            # Qt leaves the selection alone with Ctrl, and where there was nowhere to go: a mark would land elsewhere.
            self.select_row(self.currentIndex().row())

    def keyboardSearch(self, search: str) -> None:  # noqa: N802 - Qt's name
        """Letters are marks here, no search."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.touched.emit()
        super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.touched.emit()
        index = self.indexAt(event.position().toPoint())
        plain_shift = event.modifiers() == Qt.KeyboardModifier.ShiftModifier
        if event.button() is Qt.MouseButton.LeftButton and plain_shift and index.isValid():
            self._extend_to(index)
            return
        super().mousePressEvent(event)
        if index.isValid():
            self._anchor = QPersistentModelIndex(index)

    def _show_menu(self, position: QPoint) -> None:
        if not self.selected_ids():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, flag in (
            (self.tr("Pick\tP"), Flag.PICK),
            (self.tr("Reject\tX"), Flag.REJECT),
            (self.tr("Clear flag\tU"), Flag.NONE),
        ):
            menu.addAction(text).setData(flag)
        menu.triggered.connect(self._mark_by_menu)
        menu.popup(self.viewport().mapToGlobal(position))

    @Slot(QAction)
    def _mark_by_menu(self, action: QAction) -> None:
        self.flag_asked.emit(action.data())

    # --- thumbnails ----------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fill_width()
        self._visible_may_have_changed()

    def _fill_width(self) -> None:
        """Share out what is left beside the last column, so that the tiles fill the width."""
        least = self._delegate.cell
        cell = QSize(max(least.width(), (self.viewport().width() - 1) // self.columns()), least.height())
        if cell != self.gridSize():
            self.setGridSize(cell)

    def columns(self) -> int:
        """Photos side by side. Qt begins a new line when one would touch the right edge, hence the one pixel."""
        return max(1, (self.viewport().width() - 1) // self._delegate.cell.width())

    @Slot()
    def _visible_may_have_changed(self) -> None:
        if not self._ask.isActive():
            self._ask.start()

    def visible_rows(self) -> range:
        """The rows on screen, from the geometry of the grid alone."""
        count = self._photos.rowCount()
        columns = self.columns()
        top = self.verticalScrollBar().value() // self.gridSize().height()
        lines = self.viewport().height() // self.gridSize().height() + 2
        return range(min(top * columns, count), min((top + lines) * columns, count))

    @Slot()
    def _ask_for_thumbnails(self) -> None:
        rows = self.visible_rows()
        self.visible_photos.emit(tuple(self._photos.photo_id(row) for row in rows))
        page = len(rows)
        nearby = (
            *rows,
            *range(rows.stop, min(rows.stop + page, self._photos.rowCount())),
            *range(max(0, rows.start - page), rows.start),
        )
        self._loader.request([request for row in nearby if (request := self._wanted(row)) is not None])

    def _wanted(self, row: int) -> PictureRequest | None:
        request = self._photos.picture_request(row)
        return None if request is None or self._photos.pixmaps.get(request) is not None else request
