"""Where in a photo a score comes from: the scores of its tiles."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TILE_SIDE = 224
"""Pixels of a tile's side, in the fitted picture."""

TILE_STRIDE = 128
"""Pixels from one tile's edge to the next one's: tiles overlap."""

CELL_SIDE = 32
"""Pixels of the largest squares of which tiles and their overlaps are made."""

_CELLS_A_STRIDE = TILE_STRIDE // CELL_SIDE
_CELL_WEIGHTS = (1, 2, 3, 4, 3, 2, 1)
"""One for each cell along a tile's side."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A part of a photo, in parts of its width and height: 0..1 from the top left corner of the upright photo."""

    left: float
    top: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """From the left and from the top, 0..1."""
        return self.left + self.width / 2, self.top + self.height / 2


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

    @property
    def covered(self) -> Rectangle:
        """The part of the photo that lies in tiles: less than all of it where no whole one fits at the edges."""
        width, height = (TILE_STRIDE * (count - 1) + TILE_SIDE for count in (self.columns, self.rows))
        return Rectangle(0.0, 0.0, width / self.width, height / self.height)

    def rectangles(self) -> Iterator[Rectangle]:
        """The place of every tile in the photo, in the order of the values; neighbours overlap."""
        for top in tile_starts(self.height):
            for left in tile_starts(self.width):
                yield Rectangle(left / self.width, top / self.height, TILE_SIDE / self.width, TILE_SIDE / self.height)

    def cells(self) -> NDArray[np.float64]:
        """Every place's score: for each square of `CELL_SIDE` a mean of the tiles it lies in.

        A tile counts most at its middle and less and less towards its edges, so that scores pass smoothly from tile to
        tile. Shape (rows, columns) of such squares; together they make up `covered`.
        """
        values = np.array(self.values, dtype=np.float64).reshape(self.rows, self.columns)
        shape = tuple(_CELLS_A_STRIDE * (count - 1) + len(_CELL_WEIGHTS) for count in values.shape)
        total, weights = np.zeros(shape), np.zeros(shape)
        # The cells at one place within all the tiles lie a stride apart.
        for row, column in np.ndindex(len(_CELL_WEIGHTS), len(_CELL_WEIGHTS)):
            weight = _CELL_WEIGHTS[row] * _CELL_WEIGHTS[column]
            places = (_every_stride(row, self.rows), _every_stride(column, self.columns))
            total[places] += weight * values
            weights[places] += weight
        means: NDArray[np.float64] = total / weights
        return means


def _every_stride(first: int, count: int) -> slice:
    return slice(first, first + _CELLS_A_STRIDE * (count - 1) + 1, _CELLS_A_STRIDE)


def tile_starts(length: int) -> range:
    """Where tiles begin along a side of *length* pixels, 224 or more: only whole tiles."""
    return range(0, length - TILE_SIDE + 1, TILE_STRIDE)
