"""From a photo to its 224x224 views."""

from collections.abc import Iterator
from functools import cache, lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from maclip_desktop.core.tiles import TILE_SIDE, TILE_STRIDE
from maclip_desktop.errors import PhotoError
from maclip_desktop.scoring.parameters import Protocol

VIEW_SIDE = TILE_SIDE

MAX_ENLARGED_PIXELS = 16_000_000
"""A thin strip is not enlarged beyond this; it would become thousands of views of a few pixels."""

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_DEVIATION = (0.26862954, 0.26130258, 0.27577711)
"""Of red, green and blue in 0..1, over the pictures that CLIP was trained on (OpenAI)."""

_SQUASHED_SIDE = {Protocol.RESIZE448: 448, Protocol.RESIZE224: 224}


def squashed_side(protocol: Protocol) -> int | None:
    """The side that *protocol* squashes every photo to, or None where it leaves them as they are."""
    return _SQUASHED_SIDE.get(protocol)


def fit_to_protocol(pixels: NDArray[np.uint8], protocol: Protocol) -> NDArray[np.uint8]:
    """Resize (height, width, 3) pixels as *protocol* asks; every side of the result is 224 or more.

    Raises `PhotoError` for a strip so thin that its enlargement makes no sense.
    """
    height, width = pixels.shape[:2]
    side = squashed_side(protocol)
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
    side = squashed_side(protocol)
    if side is not None:
        return side * side
    short = min(width, height)
    enlargement = max(1.0, VIEW_SIDE / short) if short else 0.0
    return round(width * height * enlargement**2)


def cut_views(picture: Tensor) -> Iterator[Tensor]:
    """Yield a photo's normalised views in blocks: the tiles row by row, then the whole photo as a block of one.

    *picture*: (height, width, 3) uint8, no side under 224, on any device. Blocks are float32 (n, 3, 224, 224),
    channels last, where the picture is. One row of tiles exists at a time: a large photo is never copied as a whole.
    """
    rows = picture.unfold(0, VIEW_SIDE, TILE_STRIDE).unfold(1, VIEW_SIDE, TILE_STRIDE)
    for row in rows:
        yield normalise(row.contiguous(memory_format=torch.channels_last).float())
    yield normalise(whole_view(picture)[None].contiguous(memory_format=torch.channels_last))


def normalise(views: Tensor) -> Tensor:
    """Bring views (N, 3, height, width) of 0..255 to the range that CLIP was trained on; changes *views*."""
    span, shift = _normalisation(views.device)
    return views.div_(span).sub_(shift)


def whole_view(picture: Tensor) -> Tensor:
    """The whole photo at float32 (3, 224, 224), 0..255: bilinear, no antialiasing, corners not aligned.

    Only the pixels that the interpolation reads are gathered, at most 448 x 448 of them.
    """
    above, below, row_share = _neighbours(picture.shape[0], picture.device)
    left, right, column_share = _neighbours(picture.shape[1], picture.device)
    corners = picture[torch.cat([above, below])][:, torch.cat([left, right])].permute(2, 0, 1).float()
    lines = torch.lerp(corners[..., :VIEW_SIDE], corners[..., VIEW_SIDE:], column_share)
    return torch.lerp(lines[:, :VIEW_SIDE], lines[:, VIEW_SIDE:], row_share[:, None])


def _resized(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC))


# Kept, because sending constants to a graphics card anew would make the processor wait for all it has to do.
@cache
def _normalisation(device: torch.device) -> tuple[Tensor, Tensor]:
    deviation = torch.tensor(CLIP_DEVIATION, device=device)[:, None, None]
    mean = torch.tensor(CLIP_MEAN, device=device)[:, None, None]
    return 255 * deviation, mean / deviation


@lru_cache(maxsize=16)
def _neighbours(length: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """For each of the 224 output pixels the two source pixels and the share of the second, in float32 as torch does."""
    positions = (length / VIEW_SIDE) * (torch.arange(VIEW_SIDE, device=device) + 0.5) - 0.5
    positions = positions.clamp_(min=0)
    first = positions.long()
    return first, (first + 1).clamp_(max=length - 1), positions - first
