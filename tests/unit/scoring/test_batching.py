"""Gathering views of several photos into micro-batches."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from maclip_desktop.scoring.batching import encode_photos


def numbered_views(photo: int, count: int, block: int = 1) -> Iterator[Tensor]:
    for start in range(0, count, block):
        yield torch.tensor([[float(photo), float(view)] for view in range(start, min(start + block, count))])


class RecordingEncoder:
    """Gives the views back as features and remembers the sizes of the batches."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(self, views: Tensor) -> Tensor:
        self.sizes.append(len(views))
        return views.clone()


@pytest.mark.parametrize("block", [1, 2, 7])
@pytest.mark.parametrize("batch_size", [1, 3, 4, 100])
def test_every_feature_returns_to_its_photo_in_order(batch_size: int, block: int) -> None:
    counts = [5, 1, 9, 2]
    photos = [numbered_views(photo, count, block) for photo, count in enumerate(counts)]
    features = encode_photos(photos, RecordingEncoder(), lambda: batch_size)
    for photo, (feature, count) in enumerate(zip(features, counts, strict=True)):
        assert feature.tolist() == [[photo, view] for view in range(count)]


@pytest.mark.parametrize("block", [1, 2, 5])
def test_batches_are_filled_across_photos(block: int) -> None:
    encoder = RecordingEncoder()
    encode_photos([numbered_views(photo, 5, block) for photo in range(4)], encoder, lambda: 8)
    assert encoder.sizes == [8, 8, 4]


def test_a_block_larger_than_a_batch_is_divided() -> None:
    encoder = RecordingEncoder()
    encode_photos([numbered_views(0, 11, block=11)], encoder, lambda: 4)
    assert encoder.sizes == [4, 4, 3]


def test_views_are_cut_only_when_their_batch_comes() -> None:
    cut: list[int] = []

    def views() -> Iterator[Tensor]:
        for index in range(10):
            cut.append(index)
            yield torch.zeros(1, 2)

    cut_before_batch: list[int] = []

    def encode(batch: Tensor) -> Tensor:
        cut_before_batch.append(len(cut))
        return batch

    encode_photos([views()], encode, lambda: 4)
    assert cut_before_batch == [4, 8, 10]


def test_a_batch_size_that_shrinks_is_followed() -> None:
    encoder = RecordingEncoder()
    encode_photos([numbered_views(0, 14, block=14)], encoder, lambda: 8 if not encoder.sizes else 3)
    assert encoder.sizes == [8, 3, 3]


def test_features_come_back_in_float32() -> None:
    (features,) = encode_photos([numbered_views(0, 3)], lambda views: views.bfloat16(), lambda: 2)
    assert features.dtype == torch.float32


def test_no_photos_give_no_features() -> None:
    assert encode_photos([], RecordingEncoder(), lambda: 8) == []
