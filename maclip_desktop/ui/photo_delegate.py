"""Paints one tile: thumbnail, score badge, flag, name. No decoding, no file access."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QPen, QPixmap, QPolygon
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from maclip_desktop.core.flags import Flag
from maclip_desktop.ui import theme
from maclip_desktop.ui.photo_model import Role, Tile

MARGIN = 6
CAPTION = 22
FADED = 0.35
"""Opacity of a rejected photo: still recognisable, clearly out."""


class PhotoDelegate(QStyledItemDelegate):
    """Draws tiles of one size."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.side = side

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        cell = option.widget.gridSize() if isinstance(option.widget, QListView) else QSize()
        return cell if cell.isValid() else QSize(self.side + 2 * MARGIN, self.side + 2 * MARGIN + CAPTION)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tile = index.data(Role.TILE)
        if tile is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cell = option.rect.adjusted(2, 2, -2, -2)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        self._ground(painter, cell, option.palette, selected, bool(option.state & QStyle.StateFlag.State_HasFocus))
        picture = QRect(
            cell.left() + MARGIN, cell.top() + MARGIN, cell.width() - 2 * MARGIN, cell.height() - MARGIN - CAPTION - 2
        )
        self._picture(painter, picture, tile, option.palette)
        self._badge(painter, picture, tile)
        self._flag(painter, picture, tile.flag)
        self._caption(painter, cell, tile, option.palette, selected)
        painter.restore()

    def _ground(self, painter: QPainter, cell: QRect, palette: QPalette, selected: bool, focused: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(QPalette.ColorRole.Highlight) if selected else theme.tile_ground(palette))
        painter.drawRoundedRect(cell, 5, 5)
        if focused:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 2))
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 5, 5)

    def _picture(self, painter: QPainter, area: QRect, tile: Tile, palette: QPalette) -> None:
        if tile.pixmap is None:
            painter.setPen(palette.color(QPalette.ColorRole.Text))
            text = self.tr("cannot be read") if tile.error else "…"
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
            return
        painter.setOpacity(FADED if tile.flag is Flag.REJECT else 1.0)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(_fitted(tile.pixmap, area), tile.pixmap)
        painter.setOpacity(1.0)

    def _badge(self, painter: QPainter, area: QRect, tile: Tile) -> None:
        if tile.error is not None:
            self._pill(painter, area, "!", theme.FAILED)
        elif tile.score is not None:
            self._pill(painter, area, f"{tile.score:.2f}", theme.score_colour(tile.score))

    def _pill(self, painter: QPainter, area: QRect, text: str, colour: QColor) -> None:
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        pill = QRect(area.left(), area.top(), metrics.horizontalAdvance(text) + 12, metrics.height() + 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(pill, 4, 4)
        painter.setPen(theme.BADGE_TEXT)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
        font.setBold(False)
        painter.setFont(font)

    def _flag(self, painter: QPainter, area: QRect, flag: Flag) -> None:
        if flag is Flag.NONE:
            return
        circle = QRect(area.right() - 25, area.top(), 26, 26)
        painter.setPen(QPen(theme.BADGE_TEXT, 1.5))
        painter.setBrush(theme.PICK if flag is Flag.PICK else theme.REJECT)
        painter.drawEllipse(circle)
        painter.setPen(QPen(theme.BADGE_TEXT, 2.5))
        # A tick and a cross: the shape says it as well as the colour.
        x, y = circle.center().x(), circle.center().y()
        if flag is Flag.PICK:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygon([QPoint(x - 6, y), QPoint(x - 2, y + 5), QPoint(x + 6, y - 5)]))
        else:
            painter.drawLine(x - 5, y - 5, x + 5, y + 5)
            painter.drawLine(x - 5, y + 5, x + 5, y - 5)

    def _caption(self, painter: QPainter, cell: QRect, tile: Tile, palette: QPalette, selected: bool) -> None:
        area = QRect(cell.left() + MARGIN, cell.bottom() - CAPTION, cell.width() - 2 * MARGIN, CAPTION)
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        painter.setPen(palette.color(role))
        name = tile.name.encode("utf-8", "backslashreplace").decode("utf-8").replace("\n", "⏎")
        text = QFontMetrics(painter.font()).elidedText(name, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def _fitted(pixmap: QPixmap, area: QRect) -> QRect:
    """Where the picture goes: centred, whole, never enlarged."""
    size = pixmap.size()
    if size.width() > area.width() or size.height() > area.height():
        size = size.scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    corner = area.center() - QPoint(size.width() // 2, size.height() // 2)
    return QRect(corner, size)
