"""Tiles: where they lie in a photo, and what they make of each of its places."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maclip_desktop.core.tiles import CELL_SIDE, Rectangle, TileScores, tile_starts


def tiles(width: int, height: int, *values: float) -> TileScores:
    return TileScores(width, height, values, 0.5)


def of_size(width: int, height: int) -> TileScores:
    count = len(tile_starts(width)) * len(tile_starts(height))
    return tiles(width, height, *np.random.default_rng(0).uniform(0, 1, count))


def test_there_must_be_a_score_for_every_tile() -> None:
    with pytest.raises(ValueError, match="3 tile scores for 2 x 2 tiles"):
        tiles(448, 448, 0.1, 0.2, 0.3)


def test_rectangles_go_row_by_row_from_the_top_left() -> None:
    assert list(tiles(448, 224, 0.1, 0.2).rectangles()) == [Rectangle(0, 0, 0.5, 1), Rectangle(128 / 448, 0, 0.5, 1)]


def test_tiles_of_the_squashed_photo_leave_its_right_and_its_bottom_uncovered() -> None:
    assert of_size(448, 448).covered == Rectangle(0, 0, 352 / 448, 352 / 448)


def test_a_photo_of_the_size_of_a_tile_is_covered() -> None:
    assert of_size(224, 224).covered == Rectangle(0, 0, 1, 1)


def test_one_tile_gives_every_place_its_score() -> None:
    assert np.allclose(tiles(224, 224, 0.7).cells(), np.full((7, 7), 0.7))


def test_two_tiles_pass_into_each_other_where_they_overlap() -> None:
    [row, *_] = tiles(352, 224, 0.0, 1.0).cells()
    assert np.allclose(row, [0, 0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1, 1])


def test_rows_of_tiles_are_rows_of_places() -> None:
    cells = tiles(352, 352, 1.0, 2.0, 3.0, 4.0).cells()
    assert [cells[0, 0], cells[0, -1], cells[-1, 0], cells[-1, -1]] == [1, 2, 3, 4]


@given(width=st.integers(224, 900), height=st.integers(224, 900))
def test_places_make_up_what_is_covered_and_stay_within_the_tiles_scores(width: int, height: int) -> None:
    photo = of_size(width, height)
    cells = photo.cells()
    assert cells.shape[1] * CELL_SIDE == pytest.approx(photo.covered.width * width)
    assert cells.shape[0] * CELL_SIDE == pytest.approx(photo.covered.height * height)
    assert min(photo.values) - 1e-9 <= cells.min() <= cells.max() <= max(photo.values) + 1e-9
