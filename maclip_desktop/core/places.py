"""Places in a photo in plain words, and the one that is far worse than all others."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from maclip_desktop.core.tiles import Rectangle, TileScores

FAR_LOWER = 0.2
"""A place is far lower where it lies this share of the rest's mean below the next lowest place."""


class Place(StrEnum):
    """The nine fields of a photo cut in thirds, as they follow "the score is lower ..."."""

    UPPER_LEFT = "in the upper left"
    TOP = "at the top"
    UPPER_RIGHT = "in the upper right"
    LEFT = "at the left"
    MIDDLE = "in the middle"
    RIGHT = "at the right"
    LOWER_LEFT = "in the lower left"
    BOTTOM = "at the bottom"
    LOWER_RIGHT = "in the lower right"


_IN_READING_ORDER = tuple(Place)


@dataclass(frozen=True, slots=True)
class WeakSpot:
    """One place scores far lower than every other."""

    strength: float
    """The share by which it falls below the rest, 0..1."""
    place: Place
    score: float
    """Mean of the tiles of this place."""
    elsewhere: float
    """Mean of all other tiles."""


def place_of(rectangle: Rectangle) -> Place:
    """The third of the photo's width and of its height in which the middle of *rectangle* lies."""
    column, row = (min(2, int(3 * part)) for part in rectangle.centre)
    return _IN_READING_ORDER[3 * row + column]


def weak_spot(tiles: TileScores) -> Iterator[WeakSpot]:
    """The place that is far lower than every other, if there is one.

    Places and not single tiles are compared: of a thousand tiles one is always far below the others.
    """
    by_place: dict[Place, list[float]] = defaultdict(list)
    for rectangle, value in zip(tiles.rectangles(), tiles.values, strict=True):
        by_place[place_of(rectangle)].append(value)
    if len(by_place) < 2:
        return
    means = sorted((fmean(values), place) for place, values in by_place.items())
    (lowest, place), (next_lowest, _) = means[:2]
    elsewhere = fmean(value for other, values in by_place.items() if other is not place for value in values)
    if elsewhere > 0 and next_lowest - lowest >= FAR_LOWER * elsewhere:
        yield WeakSpot(min(1.0, 1 - lowest / elsewhere), place, lowest, elsewhere)
