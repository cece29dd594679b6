"""Gathering the views of several photos into micro-batches."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import torch
from torch import Tensor

from maclip_desktop.scoring.scorer import ScoringStopped, ShouldStop, never

Encoder = Callable[[Tensor], Tensor]
"""(N, 3, 224, 224) views of 0..1 -> (N, D) features."""


def encode_photos(
    photos: Sequence[Iterable[Tensor]], encode: Encoder, batch_size: int, should_stop: ShouldStop = never
) -> list[Tensor]:
    """Encode the views of each photo: one (views, D) tensor per photo, in the order given.

    Micro-batches are filled across the borders of photos, so that every one but the last holds *batch_size* views
    and never more than that many exist at a time. *photos*: for each photo its views, (3, 224, 224).
    Raises `ScoringStopped` where *should_stop* says yes before a micro-batch.
    """
    features: list[list[Tensor]] = [[] for _ in photos]
    views = ((index, view) for index, photo in enumerate(photos) for view in photo)
    for batch in _batches(views, batch_size):
        if should_stop():
            raise ScoringStopped
        encoded = encode(torch.stack([view for _, view in batch]))
        for (index, _), feature in zip(batch, encoded, strict=True):
            features[index].append(feature)
    return [torch.stack(of_photo) for of_photo in features]


def _batches(views: Iterator[tuple[int, Tensor]], size: int) -> Iterator[list[tuple[int, Tensor]]]:
    while batch := list(islice(views, size)):
        yield batch
