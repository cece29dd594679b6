"""The inspector's picture, with the heat map that can be laid over it."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Slot
from PySide6.QtGui import QAction, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QToolTip, QVBoxLayout, QWidget

from maclip_desktop.ui import theme
from maclip_desktop.ui.heat_map import HeatMap, Legend

_MARGIN = 8


class Canvas(QWidget):
    """A picture as large as the place allows, never cut, or the same in grey with colours over it."""

    def __init__(self) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self._grey = QPixmap()
        self._text = ""
        self._map: HeatMap | None = None
        self.setMinimumHeight(130)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_pixmap(self, pixmap: QPixmap) -> None:
        self._pixmap, self._text = pixmap, ""
        self._grey = QPixmap()
        self._make_grey()
        self.update()

    def show_text(self, text: str) -> None:
        self._pixmap, self._text = QPixmap(), text
        self.update()

    def lay_over(self, heat_map: HeatMap | None) -> None:
        """Colour the picture; None takes the colours away."""
        self._map = heat_map
        self.setMouseTracking(heat_map is not None)
        self._make_grey()
        self.update()

    def _make_grey(self) -> None:
        """The photo without its colours, once for each photo: only the map's may be seen."""
        if self._map is not None and not self._map.even and self._grey.isNull() and not self._pixmap.isNull():
            grey = self._pixmap.toImage().convertToFormat(QImage.Format.Format_Grayscale8)
            self._grey = QPixmap.fromImage(grey)

    def sizeHint(self) -> QSize:
        return QSize(280, 220)

    def picture_place(self) -> QRectF:
        """Where the picture lies in the widget."""
        size, room = QSizeF(self._pixmap.size()), QSizeF(self.size() - QSize(2 * _MARGIN, 2 * _MARGIN))
        if size.width() > room.width() or size.height() > room.height():
            size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(QPointF(round(left), round(top)), size)

    def words_at(self, point: QPointF) -> str:
        """What the heat map says of a point of the widget; empty beside the picture and without a map."""
        place = self.picture_place()
        if self._map is None or self._pixmap.isNull() or not place.contains(point):
            return ""
        offset = point - place.topLeft()
        score = self._map.score_at(offset.x() / place.width(), offset.y() / place.height())
        if score is None:
            return self.tr("No tile reaches this edge; only the view of the whole photo shows it.")
        return self.tr("Tiles score %1 here").replace("%1", f"{score:.3f}")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        QToolTip.showText(event.globalPosition().toPoint(), self.words_at(event.position()), self)

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.mat(self.palette()))
        if self._pixmap.isNull():
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), flags, self._text)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = self.picture_place()
        if self._map is None or self._map.even:
            painter.drawPixmap(place, self._pixmap, QRectF(self._pixmap.rect()))
        else:
            painter.drawPixmap(place, self._grey, QRectF(self._grey.rect()))
            self._paint_map(painter, place, self._map)

    def _paint_map(self, painter: QPainter, place: QRectF, heat_map: HeatMap) -> None:
        covered = heat_map.covered
        part = QRectF(place.topLeft(), QSizeF(place.width() * covered.width, place.height() * covered.height))
        painter.drawImage(part, heat_map.image, QRectF(heat_map.image.rect()))
        if min(covered.width, covered.height) == 1:
            return
        # Two colours, so that the edge of what was looked at shows on light and on dark photos.
        for colour, style in (
            (Qt.GlobalColor.black, Qt.PenStyle.SolidLine),
            (Qt.GlobalColor.white, Qt.PenStyle.DotLine),
        ):
            painter.setPen(QPen(colour, 1, style))
            painter.drawRect(part.adjusted(0, 0, -1, -1))


class Preview(QWidget):
    """A picture, and below it the switch of its heat map and the legend."""

    def __init__(self) -> None:
        super().__init__()
        self._map: HeatMap | None = None
        self.canvas = Canvas()
        self.heat_map = QAction(self.tr("&Heat map"), self)
        self.heat_map.setCheckable(True)
        self.heat_map.setShortcut("H")
        self.heat_map.toggled.connect(self._lay_over)
        button = QToolButton()
        button.setDefaultAction(self.heat_map)
        # A click here must not take the keys from the grid.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._legend = Legend()
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 6, 0)
        row.addWidget(button)
        row.addWidget(self._legend, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        column.addWidget(self.canvas, 1)
        column.addLayout(row)
        self.show_no_map("")

    def show_map(self, heat_map: HeatMap) -> None:
        """The heat map of this photo, laid over it if that is switched on."""
        self._map = heat_map
        self.heat_map.setEnabled(True)
        self.heat_map.setToolTip(self.tr("Lay the scores of the photo's parts over it (%1)").replace("%1", "H"))
        self._lay_over()

    def show_no_map(self, why: str) -> None:
        """This photo has no heat map; *why* is shown at the switch, which keeps its state for the next photo."""
        self._map = None
        self.heat_map.setEnabled(False)
        self.heat_map.setToolTip(why or self.heat_map.iconText())
        self._lay_over()

    @Slot()
    def _lay_over(self) -> None:
        shown = self._map if self.heat_map.isChecked() else None
        self.canvas.lay_over(shown)
        self._legend.show_map(shown)
