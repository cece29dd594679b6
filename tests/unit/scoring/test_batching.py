"""Gathering views of several photos into micro-batches."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from maclip_desktop.scoring.batching import encode_photos
from maclip_desktop.scoring.scorer import ScoringStopped


def numbered_views(photo: int, count: int) -> Iterator[Tensor]:
    for view in range(count):
        yield torch.tensor([float(photo), float(view)])


class RecordingEncoder:
    """Gives the views back as features and remembers the sizes of the batches."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, views: Tensor) -> Tensor:
        self.sizes.append(len(views))
        return views.clone()


@pytest.mark.parametrize("batch_size", [1, 3, 4, 100])
def test_every_feature_returns_to_its_photo_in_order(batch_size: int) -> None:
    counts = [5, 1, 9, 2]
    features = encode_photos(
        [numbered_views(photo, count) for photo, count in enumerate(counts)], RecordingEncoder(), batch_size
    )
    for photo, (feature, count) in enumerate(zip(features, counts, strict=True)):
        assert feature.tolist() == [[photo, view] for view in range(count)]


def test_batches_are_filled_across_photos() -> None:
    encoder = RecordingEncoder()
    encode_photos([numbered_views(photo, 5) for photo in range(4)], encoder, 8)
    assert encoder.sizes == [8, 8, 4]


def test_views_are_cut_only_when_their_batch_comes() -> None:
    cut: list[int] = []

    def views() -> Iterator[Tensor]:
        for index in range(10):
            cut.append(index)
            yield torch.zeros(1)

    cut_before_batch: list[int] = []

    def encode(batch: Tensor) -> Tensor:
        cut_before_batch.append(len(cut))
        return batch

    encode_photos([views()], encode, 4)
    assert cut_before_batch == [4, 8, 10]


def test_no_photos_give_no_features() -> None:
    assert encode_photos([], RecordingEncoder(), 8) == []


def test_it_stops_between_two_batches_when_asked() -> None:
    encoder = RecordingEncoder()
    with pytest.raises(ScoringStopped):
        encode_photos([numbered_views(0, 100)], encoder, 10, should_stop=lambda: len(encoder.sizes) == 3)
    assert encoder.sizes == [10, 10, 10]
