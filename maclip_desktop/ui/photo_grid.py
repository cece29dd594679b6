"""The grid of thumbnails: keys, selection, and which thumbnails to ask for."""

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu

from maclip_desktop.core.flags import Flag
from maclip_desktop.jobs.thumbnails import PictureLoader, PictureRequest
from maclip_desktop.ui.photo_delegate import PhotoDelegate
from maclip_desktop.ui.photo_model import PhotoModel
from maclip_desktop.ui.tile_view import AnyIndex, TileView

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


class PhotoGrid(TileView):
    """Thumbnails in display order.

    Signals: ``flag_asked`` (`Flag`; the photos meant are `selected_ids`), ``current_photo`` (id or None),
    ``visible_photos`` (tuple of ids), ``touched`` (the person did something here), ``retry_asked`` (photos that could
    not be read: those of `selected_failed`).
    """

    flag_asked = Signal(object)
    current_photo = Signal(object)
    visible_photos = Signal(object)
    touched = Signal()
    retry_asked = Signal()

    def __init__(self, model: PhotoModel, loader: PictureLoader) -> None:
        super().__init__()
        self._photos = model
        self._loader = loader
        self._last_row = -1
        self.setAccessibleName(self.tr("Photos"))
        self._delegate = PhotoDelegate(TILE_SIDE, self.fontMetrics())
        self.setItemDelegate(self._delegate)
        self.set_least(self._delegate.cell)
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
        # Ranges, not one index after the other: all photos may be selected.
        selection = self.selectionModel().selection()
        parts = [selection.at(number) for number in range(selection.count())]
        rows = [row for part in parts for row in range(part.top(), part.bottom() + 1)]
        return tuple(self._photos.photo_id(row) for row in sorted(rows))

    def selected_failed(self) -> tuple[int, ...]:
        """Those of the selected photos that could not be read."""
        return tuple(photo_id for photo_id in self.selected_ids() if self._photos.has_failed(photo_id))

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
        menu.triggered.connect(self._act_by_menu)
        if self.selected_failed():
            menu.addSeparator()
            menu.addAction(self.tr("&Try again"))
        menu.popup(self.viewport().mapToGlobal(position))

    @Slot(QAction)
    def _act_by_menu(self, action: QAction) -> None:
        if action.data() is None:
            self.retry_asked.emit()
        else:
            self.flag_asked.emit(action.data())

    # --- thumbnails ----------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._visible_may_have_changed()

    @Slot()
    def _visible_may_have_changed(self) -> None:
        if not self._ask.isActive():
            self._ask.start()

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
