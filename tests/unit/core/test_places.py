"""Places in words, and the one that is far worse than all others."""

import numpy as np
import pytest

from maclip_desktop.core.places import Place, WeakSpot, place_of, weak_spot
from maclip_desktop.core.tiles import Rectangle, TileScores, tile_starts


def spots(width: int, height: int, *values: float) -> list[WeakSpot]:
    return list(weak_spot(TileScores(width, height, values, 0.5)))


@pytest.mark.parametrize(
    ("left", "top", "place"),
    [
        (0.0, 0.0, "in the upper left"),
        (0.4, 0.0, "at the top"),
        (0.8, 0.4, "at the right"),
        (0.4, 0.4, "in the middle"),
        (0.0, 0.8, "in the lower left"),
        (0.8, 0.8, "in the lower right"),
    ],
)
def test_a_place_is_where_the_middle_lies(left: float, top: float, place: str) -> None:
    assert place_of(Rectangle(left, top, 0.2, 0.2)) == place


def test_a_photo_that_is_one_tile_is_in_the_middle() -> None:
    assert place_of(Rectangle(0, 0, 1, 1)) is Place.MIDDLE


def test_one_low_tile_is_named_with_its_place() -> None:
    [spot] = spots(448, 448, 0.3, 0.6, 0.6, 0.6)
    assert spot.place is Place.UPPER_LEFT
    assert (spot.strength, spot.score, spot.elsewhere) == pytest.approx((0.5, 0.3, 0.6))


def test_no_place_is_named_where_two_are_low() -> None:
    assert not spots(448, 448, 0.3, 0.31, 0.6, 0.6)


def test_no_place_is_named_in_an_even_photo() -> None:
    assert not spots(448, 448, 0.55, 0.6, 0.6, 0.6)


def test_no_place_is_named_where_there_is_one_tile() -> None:
    assert not spots(224, 224, 0.1)


def test_no_place_is_named_where_scores_are_not_above_zero() -> None:
    assert not spots(448, 448, -0.9, -0.1, -0.1, -0.1)


def test_one_odd_tile_among_hundreds_is_no_low_place() -> None:
    side = 224 + 20 * 128
    scores = np.full(len(tile_starts(side)) ** 2, 0.6)
    scores[5] = 0.0
    assert not spots(side, side, *scores)


def test_a_low_corner_of_a_large_photo_is_named() -> None:
    side = 224 + 20 * 128
    scores = np.full((21, 21), 0.6)
    scores[14:, 14:] = 0.2
    [spot] = spots(side, side, *scores.ravel())
    assert spot.place is Place.LOWER_RIGHT
