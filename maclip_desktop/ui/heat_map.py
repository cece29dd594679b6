"""The heat map: where in a photo its tiles score low, as colours to be laid over it, and their legend."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from maclip_desktop.core.tiles import Rectangle, TileScores

EVEN_BELOW = 0.03
"""A photo whose places differ by less than this share of their mean has no map worth looking at."""

# From low to high: orange to blue, which people who confuse red and green tell apart, and the low is what covers most.
# Red, green, blue, opacity.
_COLOURS = np.array([(232, 84, 0, 175), (255, 176, 64, 105), (110, 170, 235, 70), (0, 90, 190, 95)], dtype=np.float64)
_STOPS = np.linspace(0.0, 1.0, len(_COLOURS))


@dataclass(frozen=True)
class HeatMap:
    """The scores of all places of a photo, relative to this photo's own range."""

    scores: np.ndarray
    """(rows, columns): what `TileScores.cells` gives."""
    covered: Rectangle
    lowest: float
    highest: float
    even: bool
    """True where the places are too much alike to be told apart."""
    image: QImage
    """A pixel for each place; of no meaning where the photo is even."""

    @classmethod
    def of(cls, tiles: TileScores) -> "HeatMap":
        scores = tiles.cells()
        lowest, highest = float(scores.min()), float(scores.max())
        even = highest - lowest < EVEN_BELOW * abs(float(scores.mean()))
        heights = np.zeros_like(scores) if even else (scores - lowest) / (highest - lowest)
        return cls(scores, tiles.covered, lowest, highest, even, _coloured(heights))

    def score_at(self, left: float, top: float) -> float | None:
        """The score of the place at parts (0..1) of the photo's width and height; None where no tile reaches."""
        rows, columns = self.scores.shape
        column, row = int(columns * left / self.covered.width), int(rows * top / self.covered.height)
        inside = left >= 0 and top >= 0 and column < columns and row < rows
        return float(self.scores[row, column]) if inside else None


def _coloured(heights: np.ndarray) -> QImage:
    """Colours of heights 0..1, with a pixel for each."""
    channels = [np.interp(heights, _STOPS, _COLOURS[:, channel]) for channel in range(4)]
    pixels = np.ascontiguousarray(np.stack(channels, axis=-1).round().astype(np.uint8))
    rows, columns = heights.shape
    # The copy owns its pixels; the array is gone when this returns.
    return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()


class Legend(QWidget):
    """What the colours mean: the lowest and the highest score, or that the photo is even."""

    def __init__(self) -> None:
        super().__init__()
        self._map: HeatMap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_map(self, heat_map: HeatMap | None) -> None:
        self._map = heat_map
        self.setAccessibleName(self.words())
        self.setToolTip(self.words())
        self.update()

    def words(self) -> str:
        """What the legend says, in words."""
        if self._map is None:
            return ""
        low, high = f"{self._map.lowest:.2f}", f"{self._map.highest:.2f}"
        text = _tr("From %1, the lowest in this photo, to %2, the highest")
        if self._map.even:
            text = _tr("Even: %1 all over") if low == high else _tr("Even: %1 to %2")
        return text.replace("%1", low).replace("%2", high)

    def sizeHint(self) -> QSize:
        return QSize(140, self.fontMetrics().height() + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(90, self.fontMetrics().height() + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._map is None:
            return
        painter = QPainter(self)
        if self._map.even:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.words())
            return
        low, high = f"{self._map.lowest:.2f}", f"{self._map.highest:.2f}"
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, low)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, high)
        advance = painter.fontMetrics().horizontalAdvance
        left = advance(low) + 6
        ramp = QRectF(left, self.height() / 2 - 5, self.width() - left - advance(high) - 6, 10)
        gradient = QLinearGradient(ramp.topLeft(), ramp.topRight())
        for stop, (red, green, blue, _) in zip(_STOPS, _COLOURS.astype(int).tolist(), strict=True):
            gradient.setColorAt(float(stop), QColor(red, green, blue))
        painter.fillRect(ramp, gradient)


def _tr(text: str) -> str:
    return QCoreApplication.translate("HeatMap", text)
