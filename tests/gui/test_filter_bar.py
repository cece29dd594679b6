"""The bar above the grid: order, filter, and what can be done with all photos."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton, QSplitter, QWidget
from pytestqt.qtbot import QtBot

from maclip_desktop.core.ordering import FlagFilter, SortOrder
from maclip_desktop.ui.filter_bar import FilterBar
from tests.gui.helping import button


@pytest.fixture
def bar(qtbot: QtBot) -> FilterBar:
    bar = FilterBar()
    qtbot.addWidget(bar)
    bar.show()
    return bar


def test_a_choice_of_order_or_filter_is_said_once(qtbot: QtBot, bar: FilterBar) -> None:
    for box in bar.findChildren(QComboBox):
        with qtbot.waitSignal(bar.view_changed):
            QTest.keyClick(box, Qt.Key.Key_Down)
    assert (bar.sort_order(), bar.flag_filter()) == (SortOrder.BEST_FIRST, FlagFilter.UNFLAGGED)


def test_a_view_can_be_shown_without_being_said(qtbot: QtBot, bar: FilterBar) -> None:
    with qtbot.assertNotEmitted(bar.view_changed):
        bar.set_view(SortOrder.NAME, FlagFilter.PICKS)
    assert (bar.sort_order(), bar.flag_filter()) == (SortOrder.NAME, FlagFilter.PICKS)


@pytest.mark.parametrize(
    ("text", "signal"),
    [("Flag &low scores…", "flag_below_asked"), ("E&xport…", "export_asked"), ("&Sort again", "resort_asked")],
)
def test_a_button_asks_for_what_it_says(qtbot: QtBot, bar: FilterBar, text: str, signal: str) -> None:
    bar.show_misplaced(3)
    with qtbot.waitSignal(getattr(bar, signal)):
        QTest.mouseClick(button(bar, text), Qt.MouseButton.LeftButton)


def test_a_fresh_sort_is_offered_only_where_it_would_change_something(bar: FilterBar) -> None:
    offer = button(bar, "&Sort again")
    assert not offer.isVisible()
    bar.show_misplaced(1)
    assert offer.isVisible()
    bar.show_misplaced(0)
    assert not offer.isVisible()


def test_a_click_on_the_bar_leaves_the_keys_to_the_grid(bar: FilterBar) -> None:
    policies = {one.focusPolicy() for one in (*bar.findChildren(QComboBox), *bar.findChildren(QPushButton))}
    assert policies == {Qt.FocusPolicy.TabFocus}


def test_a_narrow_bar_has_two_rows_and_hides_nothing(qtbot: QtBot) -> None:
    window, bar = QSplitter(), FilterBar()
    qtbot.addWidget(window)
    window.addWidget(bar)
    window.show()
    bar.show_misplaced(1)
    window.resize(900, 80)
    export, sort = button(bar, "E&xport…"), bar.findChildren(QComboBox)[0]
    qtbot.waitUntil(lambda: _top(export) == _top(sort))
    window.resize(bar.minimumSizeHint().width(), 80)
    qtbot.waitUntil(lambda: _top(export) > _top(sort))
    assert bar.minimumSizeHint().width() < 400
    assert export.mapTo(bar, export.rect().bottomRight()).x() < bar.width()


def _top(widget: QWidget) -> int:
    return widget.mapTo(widget.window(), QPoint()).y()
