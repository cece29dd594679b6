"""A value as a bar with its number beside it."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from maclip_desktop.ui import theme

_TRACK_HEIGHT = 8
_GAP = 6


class Bar(QWidget):
    """A value of 0..1; what is larger fills the bar."""

    def __init__(self, name: str, value: float, text: str, middle: bool = False) -> None:
        """*text*: the number as it is shown. *middle*: mark one half, where a value turns from bad to good."""
        super().__init__()
        self._value, self._text, self._middle = value, text, middle
        self.setAccessibleName(name)
        self.setAccessibleDescription(text)
        self.setMinimumSize(90, self._height())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(150, self._height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        widest = max(painter.fontMetrics().horizontalAdvance(text) for text in ("100 %", "0.00", self._text))
        track = QRect(0, (self.height() - _TRACK_HEIGHT) // 2, self.width() - widest - _GAP, _TRACK_HEIGHT)
        painter.fillRect(track, theme.mat(self.palette()))
        filled = QRectF(track)
        filled.setWidth(track.width() * min(1.0, max(0.0, self._value)))
        painter.fillRect(filled, theme.score_colour(self._value))
        if self._middle:
            colour = self.palette().windowText().color()
            painter.fillRect(QRectF(track.width() / 2 - 0.5, track.top() - 2, 1, _TRACK_HEIGHT + 4), colour)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._text)

    def _height(self) -> int:
        return max(18, self.fontMetrics().height())
