"""The grid: keys, mouse, selection, columns, and which thumbnails are asked for."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from maclip_desktop.core.flags import Flag
from maclip_desktop.core.ordering import FlagFilter, SortOrder
from maclip_desktop.ui.photo_grid import PhotoGrid
from maclip_desktop.ui.photo_model import PhotoModel, Role
from tests.gui.helping import Pictures, child, photo_row, rows_changed

CTRL = Qt.KeyboardModifier.ControlModifier
PLAIN = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def photos(grid: PhotoGrid, model: PhotoModel) -> PhotoModel:
    """Nine photos 1 ... 9 in this order; the first is current and selected."""
    model.apply(rows_changed(*(photo_row(number, number / 10) for number in range(1, 10))))
    grid.select_row(0)
    return model


def click(qtbot: QtBot, grid: PhotoGrid, row: int, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    place = grid.visualRect(grid.model().index(row, 0)).center()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, modifiers, place)


# --- marks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "flag"),
    [
        (Qt.Key.Key_P, Flag.PICK),
        (Qt.Key.Key_X, Flag.REJECT),
        (Qt.Key.Key_U, Flag.NONE),
        (Qt.Key.Key_Delete, Flag.REJECT),
    ],
)
def test_a_key_asks_for_its_flag(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel, key: Qt.Key, flag: Flag) -> None:
    with qtbot.waitSignal(grid.flag_asked) as asked:
        QTest.keyClick(grid, key)
    assert asked.args == [flag]
    assert grid.selected_ids() == (1,)


def test_a_mark_alone_stays_on_the_photo(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel) -> None:
    QTest.keyClick(grid, Qt.Key.Key_P)
    assert grid.currentIndex().row() == 0


def test_shift_with_a_mark_goes_to_the_next_photo(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel) -> None:
    marked: list[tuple[int, ...]] = []
    grid.flag_asked.connect(lambda _flag: marked.append(grid.selected_ids()))
    QTest.keyClick(grid, Qt.Key.Key_P, SHIFT)
    QTest.keyClick(grid, Qt.Key.Key_X, SHIFT)
    assert marked == [(1,), (2,)]
    assert grid.selected_ids() == (3,)


def test_after_marks_with_shift_a_range_begins_at_the_current_photo(grid: PhotoGrid, photos: PhotoModel) -> None:
    for key in (Qt.Key.Key_X, Qt.Key.Key_X, Qt.Key.Key_P):
        QTest.keyClick(grid, key, SHIFT)
    QTest.keyClick(grid, Qt.Key.Key_Right, SHIFT)
    assert grid.selected_ids() == (4, 5)


def test_after_marks_with_shift_a_click_with_shift_begins_at_the_current_photo(
    qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel
) -> None:
    QTest.keyClick(grid, Qt.Key.Key_X, SHIFT)
    QTest.keyClick(grid, Qt.Key.Key_X, SHIFT)
    click(qtbot, grid, 4, SHIFT)
    assert grid.selected_ids() == (3, 4, 5)


def test_a_range_shrinks_again_when_the_arrows_go_back(grid: PhotoGrid, photos: PhotoModel) -> None:
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(grid, key, SHIFT)
    assert grid.selected_ids() == (1, 2)


def test_shift_with_a_mark_on_the_last_photo_stays_there(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel) -> None:
    grid.select_row(8)
    QTest.keyClick(grid, Qt.Key.Key_P, SHIFT)
    assert grid.selected_ids() == (9,)


def test_keys_with_ctrl_are_no_marks(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel) -> None:
    with qtbot.assertNotEmitted(grid.flag_asked):
        QTest.keyClick(grid, Qt.Key.Key_X, CTRL)


def test_letters_do_not_search(qtbot: QtBot, grid: PhotoGrid, model: PhotoModel) -> None:
    model.apply(rows_changed(photo_row(1), photo_row(2)))
    grid.select_row(0)
    QTest.keyClicks(grid, "IMG_2")
    assert grid.selected_ids() == (1,)


@pytest.mark.qt_log_ignore("^This plugin does not support", extend=True)
def test_the_menu_marks_the_selected_photos(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel) -> None:
    place = grid.visualRect(photos.index(0)).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, grid.viewport().mapToGlobal(place))
    QApplication.sendEvent(grid.viewport(), event)
    menu = child(grid, QMenu)
    assert [action.data() for action in menu.actions()] == [Flag.PICK, Flag.REJECT, Flag.NONE]
    with qtbot.waitSignal(grid.flag_asked) as asked:
        place = menu.actionGeometry(menu.actions()[1]).center()
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == [Flag.REJECT]


@pytest.mark.qt_log_ignore("^This plugin does not support", extend=True)
def test_the_menu_offers_to_try_again_what_could_not_be_read(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel) -> None:
    photos.apply(rows_changed(photo_row(2, error="Damaged.")))
    grid.select_photos((1, 2))
    assert grid.selected_failed() == (2,)
    grid.customContextMenuRequested.emit(QPoint(5, 5))
    menu = child(grid, QMenu)
    again = menu.actions()[-1]
    assert again.text() == "&Try again"
    with qtbot.waitSignal(grid.retry_asked), qtbot.assertNotEmitted(grid.flag_asked):
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(again).center())


def test_there_is_no_menu_where_nothing_is_selected(grid: PhotoGrid, photos: PhotoModel) -> None:
    grid.clearSelection()
    grid.customContextMenuRequested.emit(QPoint(5, 5))
    assert grid.findChild(QMenu) is None


# --- selection -------------------------------------------------------------------------------------------------


def test_ctrl_and_shift_with_a_click_select_several(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel) -> None:
    click(qtbot, grid, 1)
    click(qtbot, grid, 3, CTRL)
    assert grid.selected_ids() == (2, 4)
    click(qtbot, grid, 6)
    click(qtbot, grid, 4, SHIFT)
    assert grid.selected_ids() == (5, 6, 7)


def test_the_ids_come_in_display_order(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel) -> None:
    photos.set_view(SortOrder.BEST_FIRST, FlagFilter.ALL, None)
    click(qtbot, grid, 4)
    click(qtbot, grid, 0, CTRL)
    assert grid.selected_ids() == (9, 5)


def test_right_goes_on_to_the_next_line(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel) -> None:
    grid.select_row(grid.columns() - 1)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    assert grid.currentIndex().row() == grid.columns()
    QTest.keyClick(grid, Qt.Key.Key_Left)
    assert grid.currentIndex().row() == grid.columns() - 1


def test_down_goes_one_line_down(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel) -> None:
    QTest.keyClick(grid, Qt.Key.Key_Down)
    assert grid.selected_ids() == (1 + grid.columns(),)


def test_shift_with_arrows_selects_several(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel) -> None:
    QTest.keyClick(grid, Qt.Key.Key_Right, SHIFT)
    assert grid.selected_ids() == (1, 2)


@pytest.mark.parametrize("key", [Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End])
def test_a_mark_lands_where_the_eye_is_after_any_way_of_going(
    qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel, key: Qt.Key
) -> None:
    grid.select_row(4)
    QTest.keyClick(grid, key, CTRL)
    assert grid.selected_ids() == (photos.photo_id(grid.currentIndex().row()),)


def test_going_where_one_is_already_lets_go_of_the_others(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel) -> None:
    QTest.keyClick(grid, Qt.Key.Key_A, CTRL)
    QTest.keyClick(grid, Qt.Key.Key_Home)
    assert grid.selected_ids() == (1,)


def test_undone_photos_are_selected_again(grid: PhotoGrid, photos: PhotoModel) -> None:
    grid.select_photos((7, 3, 99))
    assert grid.selected_ids() == (3, 7)
    assert grid.currentIndex().row() == 2


def test_a_photo_that_leaves_hands_the_eye_to_the_one_that_takes_its_place(
    qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel
) -> None:
    photos.set_view(SortOrder.WORST_FIRST, FlagFilter.UNFLAGGED, None)
    grid.select_row(3)
    looked_at: list[int | None] = []
    grid.current_photo.connect(looked_at.append)
    photos.apply(rows_changed(photo_row(4, 0.4, Flag.REJECT)))
    assert grid.selected_ids() == (5,)
    assert looked_at[-1] == 5


def test_after_the_last_photo_the_eye_goes_to_the_one_before(grid: PhotoGrid, photos: PhotoModel) -> None:
    grid.select_row(8)
    photos.apply(rows_changed(removed=(9,)))
    assert grid.selected_ids() == (8,)


def test_several_photos_that_leave_hand_the_eye_to_the_first_place(
    qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel
) -> None:
    click(qtbot, grid, 2)
    click(qtbot, grid, 5, CTRL)
    photos.apply(rows_changed(removed=(3, 6)))
    assert grid.selected_ids() == (4,)


def test_the_eye_keeps_its_place_when_a_new_order_leaves_its_photo_out(grid: PhotoGrid, photos: PhotoModel) -> None:
    grid.select_row(4)
    photos.apply(rows_changed(photo_row(5, 0.5, Flag.REJECT)))
    photos.set_view(SortOrder.WORST_FIRST, FlagFilter.UNFLAGGED, None)
    assert grid.selected_ids() == (6,)


def test_a_photo_elsewhere_that_leaves_does_not_move_the_eye(grid: PhotoGrid, photos: PhotoModel) -> None:
    grid.select_row(3)
    photos.apply(rows_changed(removed=(1, 8)))
    assert grid.selected_ids() == (4,)


# --- place -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [260, 423, 640, 641, 777, 1000, 1237])
def test_the_columns_fill_the_width(qtbot: QtBot, grid: PhotoGrid, photos: PhotoModel, width: int) -> None:
    grid.resize(width, 500)
    columns = grid.columns()
    first, last, next_line = (grid.visualRect(photos.index(row)) for row in (0, columns - 1, columns))
    assert last.top() == first.top() < next_line.top()
    assert next_line.left() == first.left()
    assert 0 <= grid.viewport().width() - last.right() <= columns + 1


def test_the_rows_on_screen_are_those_qt_shows(qtbot: QtBot, grid: PhotoGrid, model: PhotoModel) -> None:
    model.apply(rows_changed(*(photo_row(number, number / 1000) for number in range(1, 301))))
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum() // 2)
    viewport = grid.viewport().rect()
    seen = {row for row in range(300) if grid.visualRect(model.index(row)).intersects(viewport)}
    assert seen and seen <= set(grid.visible_rows())
    assert len(grid.visible_rows()) <= len(seen) + 2 * grid.columns()


# --- thumbnails ------------------------------------------------------------------------------------------------


def test_what_is_on_screen_is_asked_for_first(
    qtbot: QtBot, grid: PhotoGrid, model: PhotoModel, thumbnails: Pictures
) -> None:
    with qtbot.waitSignal(grid.visible_photos) as visible:
        model.apply(rows_changed(*(photo_row(number, number / 1000) for number in range(1, 301))))
    thumbnails.work()
    shown = list(visible.args[0])
    assert thumbnails.asked[: len(shown)] == shown
    assert len(shown) < len(thumbnails.asked) < 300


def test_scrolling_asks_for_the_photos_that_come_into_view(
    qtbot: QtBot, grid: PhotoGrid, model: PhotoModel, thumbnails: Pictures
) -> None:
    with qtbot.waitSignal(grid.visible_photos):
        model.apply(rows_changed(*(photo_row(number, number / 1000) for number in range(1, 301))))
    thumbnails.work()
    with qtbot.waitSignal(grid.visible_photos) as visible:
        grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    already = len(thumbnails.asked)
    thumbnails.work()
    assert thumbnails.asked[already] == visible.args[0][0]
    assert 300 in visible.args[0]


def test_a_thumbnail_that_arrived_is_shown_and_not_asked_for_again(
    qtbot: QtBot, grid: PhotoGrid, model: PhotoModel, thumbnails: Pictures
) -> None:
    with qtbot.waitSignal(grid.visible_photos):
        model.apply(rows_changed(photo_row(1, 0.5)))
    thumbnails.work()
    assert model.index(0).data(Role.TILE).pixmap is not None
    with qtbot.waitSignal(grid.visible_photos):
        model.apply(rows_changed(photo_row(1, 0.6)))
    thumbnails.work()
    assert thumbnails.asked == [1]


def test_a_thumbnail_that_failed_is_not_asked_for_until_the_file_changes(
    qtbot: QtBot, grid: PhotoGrid, model: PhotoModel, thumbnails: Pictures
) -> None:
    thumbnails.broken.add(1)
    for score in (0.1, 0.2, 0.3):
        with qtbot.waitSignal(grid.visible_photos):
            model.apply(rows_changed(photo_row(1, score)))
        thumbnails.work()
    assert thumbnails.asked == [1]
    with qtbot.waitSignal(grid.visible_photos):
        model.apply(rows_changed(photo_row(1, mtime_ns=2)))
    thumbnails.work()
    assert thumbnails.asked == [1, 1]


def test_every_kind_of_tile_can_be_painted(
    qtbot: QtBot, grid: PhotoGrid, model: PhotoModel, thumbnails: Pictures
) -> None:
    thumbnails.broken.add(4)
    model.apply(
        rows_changed(
            photo_row(1, 0.1, Flag.REJECT),
            photo_row(2, 1.4, Flag.PICK),
            photo_row(3),
            photo_row(4, error="Damaged."),
            photo_row(5, 0.5, path=Path("/photos/same.jpg")),
            photo_row(6, 0.5, path=Path("/photos/same.jpg"), score_is_old=True),
            photo_row(7, 0.5, path=Path("/photos/same.jpg"), copies=2),
            photo_row(8, 0.5, path=Path("/photos/same.jpg"), beside=("same.CR3",)),
            photo_row(9, 0.5, path=Path("/photos/same.jpg"), folder_id=2),
        )
    )
    model.set_missing(frozenset({2}))
    grid.resize(1200, 700)
    qtbot.waitUntil(lambda: not grid._ask.isActive())
    thumbnails.work()
    grid.selectAll()
    tiles = [grid.grab(grid.visualRect(model.index(row))).toImage() for row in range(9)]
    assert all(one != other for number, one in enumerate(tiles) for other in tiles[number + 1 :])
