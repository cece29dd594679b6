"""Paints one tile: thumbnail, score badge, flag, name. No decoding, no file access."""

from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QPen, QPixmap, QPolygon
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from maclip_desktop.core.flags import Flag
from maclip_desktop.ui import theme
from maclip_desktop.ui.photo_model import PixmapCache, Role, Tile

MARGIN = 6
INSET = 4
"""Between a photo's corner and the flag on it."""
FLAG_SIDE = 26
FADED = 0.35
"""Opacity of a rejected photo: still recognisable, clearly out."""
DIMMED = 0.55
"""Opacity of a photo whose folder is not connected."""


PAINTED_BYTES = 64_000_000
"""What finished tiles may take: some screens full of them."""


class PhotoDelegate(QStyledItemDelegate):
    """Draws tiles for photos of at most *side* pixels, with one line of text below.

    *metrics*: of the view's font, which the height of that line follows. A tile is drawn once and kept for as long as
    nothing on it changes: to draw it takes dozens of calls, and while photos are scored each may have to wait for
    another thread of Python.
    """

    def __init__(self, side: int, metrics: QFontMetrics) -> None:
        super().__init__()
        self._painted: PixmapCache[_Look] = PixmapCache(PAINTED_BYTES)
        self._caption_height = metrics.height() + 8
        self.cell = QSize(side + 2 * MARGIN, side + 2 * MARGIN + self._caption_height)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return self.cell

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tile = index.data(Role.TILE)
        if tile is None:
            return
        look = _look(tile, option, painter.device().devicePixelRatioF())
        painted = self._painted.get(look)
        if painted is None:
            painted = self._drawn(tile, option, look)
            self._painted.put(look, painted)
        painter.drawPixmap(option.rect.topLeft(), painted)

    def _drawn(self, tile: Tile, option: QStyleOptionViewItem, look: "_Look") -> QPixmap:
        size = QSize(look.width, look.height)
        pixmap = QPixmap(size * look.ratio)
        pixmap.setDevicePixelRatio(look.ratio)
        pixmap.fill(option.palette.color(QPalette.ColorRole.Base))
        painter = QPainter(pixmap)
        try:
            painter.setFont(option.font)
            self._draw(painter, QRect(QPoint(0, 0), size), tile, option.palette, look)
        finally:
            # A painter left open would bring the program down.
            painter.end()
        return pixmap

    def _draw(self, painter: QPainter, rect: QRect, tile: Tile, palette: QPalette, look: "_Look") -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cell = rect.adjusted(2, 2, -2, -2)
        self._ground(painter, cell, palette, look.selected, look.focused)
        inside = cell.adjusted(MARGIN, MARGIN, -MARGIN, -2)
        area = inside.adjusted(0, 0, 0, -self._caption_height)
        line = QRect(inside.left(), area.bottom() + 1, inside.width(), self._caption_height)
        picture = self._picture(painter, area, tile, palette)
        frame = _frame_for_marks(picture, area, painter.fontMetrics())
        self._marks(painter, frame, tile)
        self._flag(painter, frame, tile.flag)
        badge = self._badge(painter, line, tile)
        self._caption(painter, line.adjusted(badge + MARGIN if badge else 0, 0, 0, 0), tile, palette, look.selected)

    def _ground(self, painter: QPainter, cell: QRect, palette: QPalette, selected: bool, focused: bool) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(QPalette.ColorRole.Highlight) if selected else theme.tile_ground(palette))
        painter.drawRoundedRect(cell, 5, 5)
        if focused:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 2))
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 5, 5)

    def _picture(self, painter: QPainter, area: QRect, tile: Tile, palette: QPalette) -> QRect:
        """Returns where the photo lies."""
        if tile.pixmap is None:
            painter.fillRect(area, theme.tile_ground(palette))
            painter.setPen(palette.color(QPalette.ColorRole.Text))
            text = self.tr("cannot be read") if tile.error else "" if tile.offline else "…"
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
            return area
        place = _fitted(tile.pixmap, area)
        if tile.flag is Flag.REJECT:
            # Faded towards the same ground whether selected or not, so that it can still be recognised.
            painter.fillRect(place, theme.tile_ground(palette))
            painter.setOpacity(FADED)
        elif tile.offline:
            painter.fillRect(place, theme.tile_ground(palette))
            painter.setOpacity(DIMMED)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, tile.pixmap)
        painter.setOpacity(1.0)
        return place

    def _badge(self, painter: QPainter, line: QRect, tile: Tile) -> int:
        """Returns the width it takes at the left of the line below the photo."""
        if tile.error is not None:
            return self._pill(painter, line, "!", theme.FAILED)
        if tile.score is not None:
            return self._pill(painter, line, f"{tile.score:.2f}", theme.score_colour(tile.score), tile.score_is_old)
        return 0

    def _pill(self, painter: QPainter, line: QRect, text: str, colour: QColor, hollow: bool = False) -> int:
        """Returns its width. *hollow*: grey on white within an outline of the colour."""
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        pill = QRect(0, 0, metrics.horizontalAdvance(text) + 12, metrics.height() + 2)
        pill.moveCenter(line.center())
        pill.moveLeft(line.left())
        painter.setPen(QPen(colour, 1.5) if hollow else Qt.PenStyle.NoPen)
        painter.setBrush(theme.BADGE_TEXT if hollow else colour)
        painter.drawRoundedRect(pill, 4, 4)
        painter.setPen(theme.FAILED if hollow else theme.BADGE_TEXT)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
        font.setBold(False)
        painter.setFont(font)
        return pill.width()

    def _marks(self, painter: QPainter, frame: QRect, tile: Tile) -> None:
        """What else there is to know of the photo, in the corners that the flag leaves free."""
        if tile.offline:
            self._tag(painter, frame, Qt.Corner.TopLeftCorner, self.tr("offline"))
        if tile.files:
            self._tag(painter, frame, Qt.Corner.BottomLeftCorner, tile.files)
        if tile.copies > 1:
            self._tag(painter, frame, Qt.Corner.BottomRightCorner, f"{tile.copies:,}", sheets=True)

    def _tag(self, painter: QPainter, frame: QRect, corner: Qt.Corner, text: str, sheets: bool = False) -> None:
        """White on a dark ground that lets the photo through. *sheets*: two sheets of paper before the text."""
        metrics, lead = painter.fontMetrics(), 14 if sheets else 0
        tag = QRect(0, 0, metrics.horizontalAdvance(text) + 10 + lead, metrics.height() + 1)
        inside = frame.adjusted(INSET, INSET, -INSET, -INSET)
        at_left = corner in (Qt.Corner.TopLeftCorner, Qt.Corner.BottomLeftCorner)
        tag.moveLeft(inside.left()) if at_left else tag.moveRight(inside.right())
        tag.moveTop(inside.top()) if corner is Qt.Corner.TopLeftCorner else tag.moveBottom(inside.bottom())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.TAG)
        painter.drawRoundedRect(tag, 4, 4)
        painter.setPen(theme.BADGE_TEXT)
        if sheets:
            self._sheets(painter, QPoint(tag.left() + 5, tag.center().y() - 5))
        painter.drawText(
            tag.adjusted(5 + lead, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text
        )

    def _sheets(self, painter: QPainter, corner: QPoint) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRect(corner, QSize(7, 8)))
        painter.setBrush(theme.TAG_GROUND)
        painter.drawRect(QRect(corner + QPoint(3, 3), QSize(7, 8)))

    def _flag(self, painter: QPainter, frame: QRect, flag: Flag) -> None:
        if flag is Flag.NONE:
            return
        circle = QRect(frame.right() - FLAG_SIDE + 1 - INSET, frame.top() + INSET, FLAG_SIDE, FLAG_SIDE)
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

    def _caption(self, painter: QPainter, area: QRect, tile: Tile, palette: QPalette, selected: bool) -> None:
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        painter.setPen(palette.color(role))
        text = QFontMetrics(painter.font()).elidedText(
            tile.name.replace("\n", "⏎"), Qt.TextElideMode.ElideMiddle, area.width()
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


class _Look(NamedTuple):
    """All that a drawn tile depends on."""

    name: str
    score: float | None
    score_is_old: bool
    flag: Flag
    failed: bool
    picture: int | None
    copies: int
    files: str
    offline: bool
    width: int
    height: int
    ratio: float
    selected: bool
    focused: bool
    palette: int
    font: str


def _look(tile: Tile, option: QStyleOptionViewItem, ratio: float) -> _Look:
    """*ratio*: pixels of the screen to one of ours."""
    picture = None if tile.pixmap is None else tile.pixmap.cacheKey()
    about = (tile.name, tile.score, tile.score_is_old, tile.flag, tile.error is not None, picture)
    state, rect = option.state, option.rect
    return _Look(
        *(*about, tile.copies, tile.files, tile.offline, rect.width(), rect.height(), ratio),
        selected=bool(state & QStyle.StateFlag.State_Selected),
        focused=bool(state & QStyle.StateFlag.State_HasFocus),
        palette=option.palette.cacheKey(),
        font=option.font.key(),
    )


def _fitted(pixmap: QPixmap, area: QRect) -> QRect:
    """Where the picture goes: centred, whole, never enlarged."""
    size = pixmap.size()
    if size.width() > area.width() or size.height() > area.height():
        size = size.scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    corner = area.center() - QPoint(size.width() // 2, size.height() // 2)
    return QRect(corner, size)


def _frame_for_marks(picture: QRect, area: QRect, metrics: QFontMetrics) -> QRect:
    """In whose corners the marks go: the photo's own, but those of a small photo would lie on each other."""
    line = metrics.height()
    least = QRect(0, 0, min(area.width(), 9 * line), FLAG_SIDE + line + 3 * INSET)
    least.moveCenter(picture.center())
    return picture.united(least)
