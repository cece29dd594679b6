"""From a photo to its views."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from maclip_desktop.errors import PhotoError
from maclip_desktop.scoring.parameters import Protocol
from maclip_desktop.scoring.view_encoder import picture_tensor
from maclip_desktop.scoring.views import (
    CLIP_DEVIATION,
    CLIP_MEAN,
    cut_views,
    fit_to_protocol,
    fitted_pixels,
    normalise,
    whole_view,
)

SIZES = [(224, 224), (448, 448), (500, 353), (224, 1001), (731, 480)]


def random_photo(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)


def as_batch(pixels: NDArray[np.uint8]) -> Tensor:
    mean, deviation = (torch.tensor(values)[:, None, None] for values in (CLIP_MEAN, CLIP_DEVIATION))
    return ((torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1) - mean) / deviation)[None]


def views_of(pixels: NDArray[np.uint8]) -> Tensor:
    return torch.cat(list(cut_views(picture_tensor(pixels, torch.device("cpu")))))


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_tiles_are_those_of_an_unfold_with_stride_128(height: int, width: int) -> None:
    pixels = random_photo(height, width)
    columns = functional.unfold(as_batch(pixels), kernel_size=224, stride=128)[0]
    expected = columns.T.reshape(-1, 3, 224, 224)

    tiles = views_of(pixels)[:-1]

    assert torch.allclose(tiles, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_whole_comes_last_and_is_torchs_bilinear_without_antialiasing(height: int, width: int) -> None:
    pixels = random_photo(height, width)
    expected = functional.interpolate(as_batch(pixels), size=(224, 224), mode="bilinear", align_corners=False)[0]

    *_, whole = views_of(pixels)

    assert torch.allclose(whole, expected, atol=5e-6, rtol=0)


def test_the_whole_of_a_large_photo_reads_the_right_pixels() -> None:
    pixels = random_photo(3001, 4003)
    expected = functional.interpolate(as_batch(pixels), size=(224, 224), mode="bilinear", align_corners=False)
    whole = normalise(whole_view(torch.from_numpy(pixels))[None])
    assert torch.allclose(whole, expected, atol=5e-5, rtol=0)


def test_a_row_of_tiles_is_a_block_and_the_whole_another() -> None:
    assert [len(block) for block in cut_views(torch.from_numpy(random_photo(480, 1000)))] == [7, 7, 7, 1]


def test_cutting_leaves_the_picture_alone() -> None:
    picture = torch.from_numpy(random_photo(300, 300))
    before = picture.clone()
    for block in cut_views(picture):
        block.zero_()
    assert torch.equal(picture, before)


@pytest.mark.parametrize(("protocol", "side"), [(Protocol.RESIZE448, 448), (Protocol.RESIZE224, 224)])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 3000), (300, 200), (1000, 700)])
def test_resizing_protocols_squash_any_shape_with_bicubic(
    protocol: Protocol, side: int, height: int, width: int
) -> None:
    pixels = random_photo(height, width)
    expected = Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC)
    assert np.array_equal(fit_to_protocol(pixels, protocol), np.asarray(expected))


def test_resized_protocols_give_five_and_two_views() -> None:
    pixels = random_photo(600, 900)
    assert len(views_of(fit_to_protocol(pixels, Protocol.RESIZE448))) == 5
    assert len(views_of(fit_to_protocol(pixels, Protocol.RESIZE224))) == 2


def test_native_takes_a_large_photo_as_it_is() -> None:
    pixels = random_photo(225, 900)
    assert fit_to_protocol(pixels, Protocol.NATIVE) is pixels


@pytest.mark.parametrize(
    ("size", "enlarged"), [((100, 150), (224, 336)), ((150, 100), (336, 224)), ((1, 1), (224, 224))]
)
def test_native_enlarges_a_small_photo_to_a_short_side_of_224(size: tuple[int, int], enlarged: tuple[int, int]) -> None:
    assert fit_to_protocol(random_photo(*size), Protocol.NATIVE).shape[:2] == enlarged


def test_native_refuses_a_strip_that_would_become_enormous() -> None:
    with pytest.raises(PhotoError, match=r"20000 x 10 pixels is too thin .* resize448"):
        fit_to_protocol(np.zeros((10, 20000, 3), np.uint8), Protocol.NATIVE)


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize(("height", "width"), [(300, 500), (224, 224), (100, 150), (1000, 60)])
def test_the_size_told_beforehand_is_about_what_comes_out(protocol: Protocol, height: int, width: int) -> None:
    fitted = fit_to_protocol(np.zeros((height, width, 3), np.uint8), protocol)
    made = fitted.shape[0] * fitted.shape[1]
    assert fitted_pixels(width, height, protocol) == pytest.approx(made, rel=0.01)
