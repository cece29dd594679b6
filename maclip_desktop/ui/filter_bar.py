"""Above the grid: order, filter, rule and export."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from maclip_desktop.core.ordering import FlagFilter, SortOrder


class FilterBar(QWidget):
    """Signals: ``view_changed``; ``flag_below_asked``, ``export_asked``, ``resort_asked``."""

    view_changed = Signal()
    flag_below_asked = Signal()
    export_asked = Signal()
    resort_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sort = QComboBox()
        self._sort.setAccessibleName(self.tr("Order"))
        for order, text in (
            (SortOrder.WORST_FIRST, self.tr("Worst first")),
            (SortOrder.BEST_FIRST, self.tr("Best first")),
            (SortOrder.NAME, self.tr("Name")),
            (SortOrder.CAPTURED, self.tr("Capture time")),
        ):
            self._sort.addItem(text, order)
        self._filter = QComboBox()
        self._filter.setAccessibleName(self.tr("Which photos are shown"))
        for choice, text in (
            (FlagFilter.ALL, self.tr("All photos")),
            (FlagFilter.UNFLAGGED, self.tr("Unflagged")),
            (FlagFilter.PICKS, self.tr("Picks")),
            (FlagFilter.REJECTS, self.tr("Rejects")),
            (FlagFilter.NOT_REJECTED, self.tr("Not rejected")),
            (FlagFilter.COPIES, self.tr("Copies")),
            (FlagFilter.UNREADABLE, self.tr("Cannot be read")),
        ):
            self._filter.addItem(text, choice)
        self._filter.insertSeparator(self._filter.findData(FlagFilter.COPIES))
        self._resort = QPushButton(self.tr("&Sort again"))
        self._resort.setToolTip(self.tr("New scores have come; the order stands still while you work"))
        self._resort.hide()
        self._below = QPushButton(self.tr("Flag &low scores…"))
        self._below.setToolTip(self.tr("Reject all photos below a score; the counts are shown first"))
        self._export = QPushButton(self.tr("E&xport…"))
        self._export.setToolTip(self.tr("Write a list of rejects or picks to a file"))
        for widget in (self._sort, self._filter, self._resort, self._below, self._export):
            # A click here must not take the keys from the grid: P and X come right after it.
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._view = _row(
            self._labelled(self.tr("&Order:"), self._sort) + self._labelled(self.tr("Sho&w:"), self._filter)
        )
        self._actions = _row([self._resort, self._below, self._export])
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._rows.setContentsMargins(6, 4, 6, 4)
        self._rows.addWidget(self._view)
        self._rows.addStretch(1)
        self._rows.addWidget(self._actions)
        self._sort.currentIndexChanged.connect(self.view_changed)
        self._filter.currentIndexChanged.connect(self.view_changed)
        self._resort.clicked.connect(self.resort_asked)
        self._below.clicked.connect(self.flag_below_asked)
        self._export.clicked.connect(self.export_asked)

    def _labelled(self, text: str, box: QComboBox) -> list[QWidget]:
        label = QLabel(text)
        label.setBuddy(box)
        return [label, box]

    def minimumSizeHint(self) -> QSize:
        """Wide enough for either row: where both do not fit side by side they stand one below the other."""
        edges = self._rows.contentsMargins()
        widest = max(row.minimumSizeHint().width() for row in (self._view, self._actions))
        return QSize(widest + edges.left() + edges.right(), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """A button that comes or goes changes what fits."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        edges = self._rows.contentsMargins()
        needed = sum(row.sizeHint().width() for row in (self._view, self._actions)) + self._rows.spacing()
        fits = needed + edges.left() + edges.right() <= self.width()
        direction = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if direction != self._rows.direction():
            self._rows.setDirection(direction)

    def sort_order(self) -> SortOrder:
        return SortOrder(self._sort.currentData())

    def flag_filter(self) -> FlagFilter:
        return FlagFilter(self._filter.currentData())

    def set_view(self, order: SortOrder, flag_filter: FlagFilter) -> None:
        """Show these choices without saying so."""
        for box, value in ((self._sort, order), (self._filter, flag_filter)):
            box.blockSignals(True)
            box.setCurrentIndex(box.findData(value))
            box.blockSignals(False)

    @Slot()
    def show_everything(self) -> None:
        self._filter.setCurrentIndex(self._filter.findData(FlagFilter.ALL))

    def show_misplaced(self, count: int) -> None:
        """Offer a fresh sort while the order stands still."""
        self._resort.setVisible(count > 0)

    def allow_actions(self, allowed: bool) -> None:
        """Rules and lists need photos."""
        self._below.setEnabled(allowed)
        self._export.setEnabled(allowed)


def _row(widgets: list[QWidget]) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget)
    # In a row of its own it begins at the left.
    layout.addStretch(1)
    return row
