"""From a photo to its 224x224 views."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from maclip_desktop.core.tiles import TILE_SIDE, tile_starts
from maclip_desktop.errors import PhotoError
from maclip_desktop.scoring.parameters import Protocol

VIEW_SIDE = TILE_SIDE

MAX_ENLARGED_PIXELS = 16_000_000
"""A thin strip is not enlarged beyond this; it would become thousands of views of a few pixels."""

_SQUASHED_SIDE = {Protocol.RESIZE448: 448, Protocol.RESIZE224: 224}


def fit_to_protocol(pixels: NDArray[np.uint8], protocol: Protocol) -> NDArray[np.uint8]:
    """Resize (height, width, 3) pixels as *protocol* asks; every side of the result is 224 or more.

    Raises `PhotoError` for a strip so thin that its enlargement makes no sense.
    """
    height, width = pixels.shape[:2]
    side = _SQUASHED_SIDE.get(protocol)
    if side is not None:
        return _resized(pixels, side, side)
    short = min(height, width)
    if short >= VIEW_SIDE:
        return pixels
    tall, wide = (max(VIEW_SIDE, round(length * VIEW_SIDE / short)) for length in (height, width))
    if tall * wide > MAX_ENLARGED_PIXELS:
        raise PhotoError(
            f"A photo of {width} x {height} pixels is too thin for the protocol native; use the protocol resize448."
        )
    return _resized(pixels, tall, wide)


def fitted_pixels(width: int, height: int, protocol: Protocol) -> int:
    """About how many pixels `fit_to_protocol` makes of a photo of this size; 0 for one of an unknown size, 0."""
    side = _SQUASHED_SIDE.get(protocol)
    if side is not None:
        return side * side
    short = min(width, height)
    enlargement = max(1.0, VIEW_SIDE / short) if short else 0.0
    return round(width * height * enlargement**2)


def cut_views(pixels: NDArray[np.uint8]) -> Iterator[Tensor]:
    """Yield the tiles row by row, then the whole photo: float32 (3, 224, 224), values 0..1.

    *pixels*: (height, width, 3), no side under 224. One view is made at a time, so that a large photo is never
    copied as a whole.
    """
    height, width = pixels.shape[:2]
    for top in tile_starts(height):
        for left in tile_starts(width):
            yield _to_unit_range(pixels[top : top + VIEW_SIDE, left : left + VIEW_SIDE])
    yield whole_view(pixels)


def whole_view(pixels: NDArray[np.uint8]) -> Tensor:
    """The whole photo at (3, 224, 224), 0..1: bilinear, no antialiasing, corners not aligned.

    Only the pixels that the interpolation reads are gathered, at most 448 x 448 of them.
    """
    above, below, row_share = _neighbours(pixels.shape[0])
    left, right, column_share = _neighbours(pixels.shape[1])
    rows, columns = np.concatenate([above, below]), np.concatenate([left, right])
    corners = _to_unit_range(pixels[rows[:, None], columns[None, :]])
    lines = _between(corners[:, :, :VIEW_SIDE], corners[:, :, VIEW_SIDE:], torch.from_numpy(column_share))
    return _between(lines[:, :VIEW_SIDE], lines[:, VIEW_SIDE:], torch.from_numpy(row_share)[:, None])


def _resized(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))


def _to_unit_range(pixels: NDArray[np.uint8]) -> Tensor:
    # The copy also turns read-only pixels into an array that torch may own.
    return torch.from_numpy(pixels.transpose(2, 0, 1).copy()).float().div_(255)


def _neighbours(length: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """For each of the 224 output pixels the two source pixels and the share of the second, in float32 as torch does."""
    scale = np.float32(length) / np.float32(VIEW_SIDE)
    positions = scale * (np.arange(VIEW_SIDE, dtype=np.float32) + np.float32(0.5)) - np.float32(0.5)
    positions = np.maximum(positions, np.float32(0))
    first = positions.astype(np.intp)
    return first, np.minimum(first + 1, length - 1), positions - first.astype(np.float32)


def _between(first: Tensor, second: Tensor, share: Tensor) -> Tensor:
    return first * (1 - share) + second * share
