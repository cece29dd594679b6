"""Where the tiles lie: found, scrolled to, walked over and dragged over."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from maclip_desktop.ui.photo_grid import PhotoGrid
from maclip_desktop.ui.photo_model import PhotoModel
from tests.gui.helping import photo_row, rows_changed


@pytest.fixture
def photos(grid: PhotoGrid, model: PhotoModel) -> PhotoModel:
    """Nine photos in three columns; the first is current and selected."""
    filled_with(grid, model, 9)
    return model


def filled_with(grid: PhotoGrid, model: PhotoModel, count: int) -> PhotoGrid:
    model.apply(rows_changed(*(photo_row(number, number / 1000) for number in range(1, count + 1))))
    grid.select_row(0)
    return grid


def test_every_tile_is_found_where_it_lies(grid: PhotoGrid, model: PhotoModel) -> None:
    filled_with(grid, model, 100)
    grid.verticalScrollBar().setValue(777)
    for row in grid.visible_rows():
        place = grid.visualRect(model.index(row)).intersected(grid.viewport().rect())
        for point in (place.topLeft(), place.bottomRight(), place.center()):
            assert grid.indexAt(point).row() == row


def test_beside_the_tiles_there_is_no_photo(grid: PhotoGrid, photos: PhotoModel) -> None:
    below = grid.visualRect(photos.index(8)).bottomLeft() + QPoint(5, 20)
    assert not grid.indexAt(below).isValid()
    assert not grid.indexAt(QPoint(grid.columns() * grid.cell().width() + 1, 5)).isValid()


def test_the_last_tile_can_be_scrolled_to_and_no_further(grid: PhotoGrid, model: PhotoModel) -> None:
    filled_with(grid, model, 100)
    QTest.keyClick(grid, Qt.Key.Key_End)
    bar = grid.verticalScrollBar()
    assert bar.value() == bar.maximum()
    assert grid.visualRect(model.index(99)).bottom() == grid.viewport().rect().bottom()
    QTest.keyClick(grid, Qt.Key.Key_Home)
    assert bar.value() == 0


def test_a_page_is_as_many_lines_as_are_in_sight(grid: PhotoGrid, model: PhotoModel) -> None:
    filled_with(grid, model, 100)
    page = grid.viewport().height() // grid.cell().height() * grid.columns()
    QTest.keyClick(grid, Qt.Key.Key_PageDown)
    assert grid.currentIndex().row() == page
    QTest.keyClick(grid, Qt.Key.Key_PageUp)
    assert grid.currentIndex().row() == 0


def test_down_from_above_a_short_last_line_goes_to_its_end(grid: PhotoGrid, model: PhotoModel) -> None:
    columns = grid.columns()
    filled_with(grid, model, columns + 1)
    grid.select_row(columns - 1)
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert grid.currentIndex().row() == columns
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert grid.currentIndex().row() == columns


def test_dragging_selects_what_it_touches(grid: PhotoGrid, photos: PhotoModel) -> None:
    """From the second tile to the one below the first: two columns, two lines."""
    columns = grid.columns()
    begin, end = (grid.visualRect(photos.index(row)).center() for row in (1, columns))
    QTest.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=begin)
    QTest.mouseMove(grid.viewport(), (begin + end) / 2)
    QTest.mouseMove(grid.viewport(), end)
    QTest.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert grid.selected_ids() == (1, 2, columns + 1, columns + 2)


def test_a_drag_the_other_way_selects_the_same(grid: PhotoGrid, photos: PhotoModel) -> None:
    columns = grid.columns()
    begin, end = (grid.visualRect(photos.index(row)).center() for row in (columns, 1))
    QTest.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=begin)
    QTest.mouseMove(grid.viewport(), (begin + end) / 2)
    QTest.mouseMove(grid.viewport(), end)
    QTest.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert grid.selected_ids() == (1, 2, columns + 1, columns + 2)


def test_nothing_of_the_model_is_asked_for_what_is_out_of_sight(
    grid: PhotoGrid, model: PhotoModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A view that counts all rows whenever one changes holds up the window."""
    filled_with(grid, model, 1000)
    asked: list[int] = []
    plain = PhotoModel.rowCount

    def counted(self: PhotoModel, *parent: object) -> int:
        asked.append(1)
        return plain(self)

    monkeypatch.setattr(PhotoModel, "rowCount", counted)
    model.apply(rows_changed(photo_row(500, 0.9), photo_row(2000, 0.1)))
    grid.repaint()
    assert 0 < len(asked) < 500
