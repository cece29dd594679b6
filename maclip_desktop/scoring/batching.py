"""Gathering the views of several photos into micro-batches."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import torch
from torch import Tensor

EncodeViews = Callable[[Tensor], Tensor]
"""(N, 3, 224, 224) normalised views -> (N, D) features."""


def encode_photos(
    photos: Sequence[Iterable[Tensor]], encode: EncodeViews, batch_size: Callable[[], int]
) -> list[Tensor]:
    """Encode the views of each photo: one float32 (views, D) tensor per photo on the CPU, in the order given.

    Micro-batches are filled across the borders of photos, so that every one but the last holds `batch_size()` views.
    *photos*: for each photo its views in blocks (n, 3, 224, 224); a block is made when its turn comes.
    """
    counts = [0] * len(photos)
    features = [encode(batch) for batch in _batches(_counted(photos, counts), batch_size)]
    # Only here the CPU waits for another device, which has been fed all along.
    return list(torch.split(torch.cat(features).float().cpu(), counts)) if features else []


def _counted(photos: Sequence[Iterable[Tensor]], counts: list[int]) -> Iterator[Tensor]:
    for index, blocks in enumerate(photos):
        for block in blocks:
            counts[index] += len(block)
            yield block


def _batches(blocks: Iterator[Tensor], size: Callable[[], int]) -> Iterator[Tensor]:
    waiting: list[Tensor] = []
    for block in blocks:
        rest = block
        while (missing := max(1, size() - sum(map(len, waiting)))) <= len(rest):
            yield torch.cat([*waiting, rest[:missing]])
            waiting, rest = [], rest[missing:]
        if len(rest):
            waiting.append(rest)
    if waiting:
        yield torch.cat(waiting)
