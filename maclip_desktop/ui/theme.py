"""Colours and fonts of our own painting, for light and dark palettes."""

from PySide6.QtGui import QColor, QPalette

# Score colours go from orange to blue, which people who confuse red and green still tell apart.
# Each is dark enough for white text (contrast at least 4.5:1).
_SCORE_STEPS = ((0.25, "#b3400e"), (0.40, "#a35200"), (0.55, "#6b6200"), (0.70, "#2f6f6a"), (9.9, "#1f5fa8"))

PICK = QColor("#1f7a34")
REJECT = QColor("#b3261e")
BADGE_TEXT = QColor("#ffffff")
FAILED = QColor("#6b6b6b")
TAG_GROUND = QColor("#26282b")
TAG = QColor(0x26, 0x28, 0x2B, 205)
"""Behind small words on a photo: dark enough for white text on any photo."""


def score_colour(value: float) -> QColor:
    """The badge colour of a score; MA-CLIP's scores may pass 1 and share the last colour."""
    return QColor(next(colour for limit, colour in _SCORE_STEPS if value < limit or limit > 9))


def is_dark(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Base).lightness() < 128


def mat(palette: QPalette) -> QColor:
    """The ground around a large picture: a step darker than the window, as in a frame."""
    window = palette.color(QPalette.ColorRole.Window)
    return window.darker(140) if is_dark(palette) else window.darker(112)


def tile_ground(palette: QPalette) -> QColor:
    """The ground behind a thumbnail: a step away from the view's own, also where that is black."""
    base, text = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
    share = 0.16 if is_dark(palette) else 0.07
    pairs = ((base.red(), text.red()), (base.green(), text.green()), (base.blue(), text.blue()))
    return QColor(*(round(one + share * (other - one)) for one, other in pairs))
