"""Where in a photo a score comes from: the scores of its tiles."""

from collections.abc import Iterator
from dataclasses import dataclass

TILE_SIDE = 224
"""Pixels of a tile's side, in the fitted picture."""

TILE_STRIDE = 128
"""Pixels from one tile's edge to the next one's: tiles overlap."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A part of a photo, in parts of its width and height: 0..1 from the top left corner of the upright photo."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class TileScores:
    """The score of every tile of a photo, and of the photo as a whole at the size of one."""

    width: int
    """Pixels of the picture that was cut into tiles: the photo as the protocol fitted it."""
    height: int
    values: tuple[float, ...]
    """One score a tile, row by row from the top left."""
    whole: float
    """The score of the view that shows the whole photo."""

    def __post_init__(self) -> None:
        if len(self.values) != self.columns * self.rows:
            raise ValueError(f"{len(self.values)} tile scores for {self.columns} x {self.rows} tiles")

    @property
    def columns(self) -> int:
        return len(tile_starts(self.width))

    @property
    def rows(self) -> int:
        return len(tile_starts(self.height))

    def rectangles(self) -> Iterator[Rectangle]:
        """The place of every tile in the photo, in the order of the values; neighbours overlap."""
        for top in tile_starts(self.height):
            for left in tile_starts(self.width):
                yield Rectangle(left / self.width, top / self.height, TILE_SIDE / self.width, TILE_SIDE / self.height)


def tile_starts(length: int) -> range:
    """Where tiles begin along a side of *length* pixels, 224 or more: only whole tiles."""
    return range(0, length - TILE_SIDE + 1, TILE_STRIDE)
