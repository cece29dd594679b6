"""What is painted of one photo, looked at pixel by pixel."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionViewItem

from maclip_desktop.core.flags import Flag
from maclip_desktop.jobs.thumbnails import Picture
from maclip_desktop.ui.photo_delegate import PhotoDelegate
from maclip_desktop.ui.photo_model import PhotoModel, Tile
from tests.gui.helping import photo_row, rows_changed


def painted(size: tuple[int, int], flag: Flag = Flag.NONE, offline: bool = False, **about: Any) -> np.ndarray:
    """A tile of a grey photo with a thumbnail of this width and height, as the view would show it."""
    model = PhotoModel()
    model.apply(rows_changed(photo_row(1, 0.5, flag, path=Path("/photos/a.jpg"), **about)))
    thumbnail = QImage(*size, QImage.Format.Format_RGB32)
    thumbnail.fill(0x808080)
    request = model.picture_request(0)
    assert request is not None
    model.take_picture(Picture(request, thumbnail))
    model.set_missing(frozenset({1}) if offline else frozenset())
    delegate = PhotoDelegate(190, QFontMetrics(QApplication.font()))
    canvas = QImage(delegate.cell, QImage.Format.Format_RGB32)
    canvas.fill(0xFFFFFF)
    option = QStyleOptionViewItem()
    option.rect = QRect(canvas.rect())
    painter = QPainter(canvas)
    delegate.paint(painter, option, model.index(0))
    painter.end()
    return np.array(canvas.constBits()).reshape(canvas.height(), canvas.width(), 4)[..., :3].astype(int)


def added(size: tuple[int, int], **state: Any) -> np.ndarray:
    """Where a state paints something that is not there without it; a dimmed photo counts only by its tags."""
    changed = np.abs(painted(size, **state) - painted(size)).max(axis=-1) > 0
    picture = np.abs(painted(size) - 0x80).max(axis=-1) == 0
    return np.asarray(changed & ~picture)


@pytest.mark.parametrize("size", [(1, 1), (16, 12), (64, 64), (190, 20), (20, 190)])
def test_on_a_small_photo_no_mark_covers_another(qapp: QApplication, size: tuple[int, int]) -> None:
    states: tuple[dict[str, Any], ...] = (
        {"flag": Flag.PICK},
        {"offline": True},
        {"copies": 2},
        {"beside": ("a.cr2",)},
    )
    places = [added(size, **state) for state in states]
    assert all(place.any() for place in places)
    assert np.sum(places, axis=0).max() == 1


class TestATileThatWasPaintedBefore:
    """It is kept, and never shown once anything on it is another."""

    @pytest.fixture
    def model(self, qapp: QApplication) -> PhotoModel:
        model = PhotoModel()
        model.apply(rows_changed(photo_row(1, 0.5, path=Path("/photos/a.jpg"))))
        return model

    @pytest.fixture
    def delegate(self, monkeypatch: pytest.MonkeyPatch) -> tuple[PhotoDelegate, list[str]]:
        """A delegate, and the names of the tiles it has drawn."""
        delegate = PhotoDelegate(190, QFontMetrics(QApplication.font()))
        drawn: list[str] = []
        draw = delegate._draw

        def noted(painter: QPainter, rect: QRect, tile: Tile, *rest: Any) -> None:
            drawn.append(tile.name)
            draw(painter, rect, tile, *rest)

        monkeypatch.setattr(delegate, "_draw", noted)
        return delegate, drawn

    def show(self, delegate: PhotoDelegate, model: PhotoModel, **state: Any) -> None:
        canvas = QImage(delegate.cell * state.get("ratio", 1), QImage.Format.Format_RGB32)
        canvas.setDevicePixelRatio(state.get("ratio", 1))
        option = QStyleOptionViewItem()
        option.rect = QRect(0, 0, delegate.cell.width() + state.get("wider", 0), delegate.cell.height())
        option.state |= state.get("state", QStyle.StateFlag.State_None)
        option.palette = state.get("palette", QApplication.palette())
        painter = QPainter(canvas)
        delegate.paint(painter, option, model.index(0))
        painter.end()

    def test_is_not_drawn_again(self, delegate: tuple[PhotoDelegate, list[str]], model: PhotoModel) -> None:
        for _ in range(3):
            self.show(delegate[0], model)
        assert delegate[1] == ["a.jpg"]

    @pytest.mark.parametrize(
        "state",
        [
            {"state": QStyle.StateFlag.State_Selected},
            {"state": QStyle.StateFlag.State_HasFocus},
            {"wider": 10},
            {"ratio": 2},
        ],
    )
    def test_is_drawn_for_another_state(
        self, delegate: tuple[PhotoDelegate, list[str]], model: PhotoModel, state: dict[str, Any]
    ) -> None:
        self.show(delegate[0], model)
        self.show(delegate[0], model, **state)
        assert len(delegate[1]) == 2

    def test_is_drawn_in_other_colours(self, delegate: tuple[PhotoDelegate, list[str]], model: PhotoModel) -> None:
        dark = QPalette(Qt.GlobalColor.black)
        self.show(delegate[0], model)
        self.show(delegate[0], model, palette=dark)
        assert len(delegate[1]) == 2

    @pytest.mark.parametrize(
        "change", [{"score": 0.6}, {"flag": Flag.REJECT}, {"error": "broken"}, {"copies": 2}, {"beside": ("a.cr2",)}]
    )
    def test_is_drawn_for_other_data(
        self, delegate: tuple[PhotoDelegate, list[str]], model: PhotoModel, change: dict[str, Any]
    ) -> None:
        self.show(delegate[0], model)
        model.apply(rows_changed(replace(photo_row(1, 0.5, path=Path("/photos/a.jpg")), **change)))
        self.show(delegate[0], model)
        assert len(delegate[1]) == 2

    def test_is_drawn_for_another_thumbnail(self, delegate: tuple[PhotoDelegate, list[str]], model: PhotoModel) -> None:
        request = model.picture_request(0)
        assert request is not None
        for colour in (0x808080, 0x404040):
            thumbnail = QImage(60, 40, QImage.Format.Format_RGB32)
            thumbnail.fill(colour)
            model.take_picture(Picture(request, thumbnail))
            self.show(delegate[0], model)
        assert len(delegate[1]) == 2
