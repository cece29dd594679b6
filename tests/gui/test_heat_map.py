"""The heat map: relative to the photo and honest about it."""

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPixmap
from pytestqt.qtbot import QtBot

from maclip_desktop.core.tiles import TileScores
from maclip_desktop.ui.heat_map import HeatMap, Legend
from maclip_desktop.ui.main_window import MainWindow
from maclip_desktop.ui.preview import Canvas
from tests.gui.conftest import make_window
from tests.gui.helping import Pictures

UNEVEN = HeatMap.of(TileScores(448, 448, (0.2, 0.8, 0.8, 0.8), 0.5))
EVEN = HeatMap.of(TileScores(448, 448, (0.6, 0.605, 0.6, 0.6), 0.5))


def test_low_is_warm_and_covers_more_than_high() -> None:
    low, high = UNEVEN.image.pixelColor(0, 0), UNEVEN.image.pixelColor(10, 10)
    assert low.red() > low.blue()
    assert high.blue() > high.red()
    assert low.alpha() > high.alpha()


def test_the_colours_span_the_range_of_the_photo() -> None:
    narrow = HeatMap.of(TileScores(448, 448, (0.5, 0.6, 0.6, 0.6), 0.5))
    for corner in (0, 10):
        assert narrow.image.pixelColor(corner, corner) == UNEVEN.image.pixelColor(corner, corner)
    assert (narrow.lowest, narrow.highest) == pytest.approx((0.5, 0.6))


def test_a_photo_that_is_alike_everywhere_is_called_even() -> None:
    assert EVEN.even
    assert not UNEVEN.even


def test_a_photo_of_one_tile_is_even() -> None:
    assert HeatMap.of(TileScores(224, 224, (0.3,), 0.3)).even


@pytest.mark.parametrize(
    ("left", "top", "score"),
    [(0.01, 0.01, 0.2), (0.78, 0.78, 0.8), (0.79, 0.1, None), (0.1, 0.79, None), (-0.01, 0.1, None)],
)
def test_every_place_has_its_score_and_the_uncovered_edges_none(left: float, top: float, score: float | None) -> None:
    assert UNEVEN.score_at(left, top) == (None if score is None else pytest.approx(score))


@pytest.mark.parametrize(
    ("heat_map", "words"),
    [
        (UNEVEN, "From 0.20, the lowest in this photo, to 0.80, the highest"),
        (EVEN, "Even: 0.60 all over"),
        (HeatMap.of(TileScores(448, 448, (0.6, 0.615, 0.6, 0.6), 0.5)), "Even: 0.60 to 0.61"),
        (None, ""),
    ],
)
def test_the_legend_says_what_the_colours_mean(qtbot: QtBot, heat_map: HeatMap | None, words: str) -> None:
    legend = Legend()
    qtbot.addWidget(legend)
    legend.show_map(heat_map)
    assert legend.words() == legend.accessibleName() == words


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    """A red photo of 100 x 100 in the middle of 200 x 200: it lies at 50..150."""
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(200, 200)
    photo = QPixmap(100, 100)
    photo.fill("#ff0000")
    canvas.show_pixmap(photo)
    return canvas


def colour_at(canvas: Canvas, x: int, y: int) -> QColor:
    return canvas.grab().toImage().pixelColor(x, y)


def test_the_photo_below_the_colours_is_grey(canvas: Canvas) -> None:
    canvas.lay_over(UNEVEN)
    beside = colour_at(canvas, 145, 145)
    assert beside.red() == beside.green() == beside.blue()
    assert colour_at(canvas, 55, 55).red() > colour_at(canvas, 55, 55).blue()


def test_a_new_photo_below_the_colours_is_grey_too(canvas: Canvas) -> None:
    canvas.lay_over(UNEVEN)
    photo = QPixmap(100, 100)
    photo.fill("#00ff00")
    canvas.show_pixmap(photo)
    beside = colour_at(canvas, 145, 145)
    assert beside.red() == beside.green() > 100


def test_an_even_photo_keeps_its_colours(canvas: Canvas) -> None:
    canvas.lay_over(EVEN)
    assert colour_at(canvas, 100, 100).name() == "#ff0000"


def test_without_the_map_the_photo_has_its_colours_back(canvas: Canvas) -> None:
    canvas.lay_over(UNEVEN)
    canvas.lay_over(None)
    assert colour_at(canvas, 145, 145).name() == "#ff0000"


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (52, 52, "Tiles score 0.200 here"),
        (140, 60, "No tile reaches this edge; only the view of the whole photo shows it."),
        (20, 20, ""),
    ],
)
def test_the_cursor_is_told_the_score_below_it(canvas: Canvas, x: int, y: int, words: str) -> None:
    canvas.lay_over(UNEVEN)
    assert canvas.words_at(QPointF(x, y)) == words


def test_the_cursor_is_told_nothing_without_the_map(canvas: Canvas) -> None:
    assert canvas.words_at(QPointF(60, 60)) == ""


def test_the_switch_is_remembered(qtbot: QtBot, thumbnails: Pictures, previews: Pictures) -> None:
    window = make_window(thumbnails, previews, heat_map=True)
    qtbot.addWidget(window)
    assert window.inspector.heat_map.isChecked()
    window.inspector.heat_map.setChecked(False)
    assert not window.settings().heat_map


def test_the_key_is_listed(window: MainWindow) -> None:
    assert "<b>H</b></td><td>Heat map<" in window.menus.keys_text()
