"""Our image networks against open_clip's, whose positional embedding is set to zero."""

from typing import Any

import open_clip
import pytest
import torch
from open_clip.modified_resnet import ModifiedResNet
from open_clip.transformer import QuickGELU, VisionTransformer
from torch import Tensor, nn

from maclip_desktop.scoring.convolution import FusedConvolution, PlainConvolution, fused_convolutions_work
from maclip_desktop.scoring.encoder import Encoder, build_encoder
from maclip_desktop.scoring.prompts import PROMPT_PAIRS
from maclip_desktop.scoring.tower import ImageTower

CPU = torch.device("cpu")
WIDTH = 32


def resnet(layers: tuple[int, int, int, int]) -> ModifiedResNet:
    return ModifiedResNet(list(layers), output_dim=WIDTH, heads=8, image_size=224, width=16)


def transformer(patch: int, layers: int) -> VisionTransformer:
    return VisionTransformer(224, patch, 128, layers, 2, 4.0, output_dim=WIDTH, act_layer=QuickGELU)


def with_drawn_numbers(network: nn.Module) -> nn.Module:
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, value in [*network.named_parameters(), *network.named_buffers()]:
            if name.endswith("running_var"):
                value.uniform_(0.5, 1.5, generator=generator)
            elif value.dtype.is_floating_point:
                fan = value[0].numel() if value.dim() > 1 else 1.0
                value.copy_(torch.randn(value.shape, generator=generator) * (0.2 if value.dim() < 2 else fan**-0.5))
    return network.eval().requires_grad_(False)


def ours(network: nn.Module, precision: str = "float32") -> Encoder:
    state = {name: value for name, value in network.state_dict().items() if "positional" not in name}
    tower = ImageTower("RN50", state, PROMPT_PAIRS, torch.zeros(5, 2, WIDTH), 100.0, "ab")
    return build_encoder(tower, CPU, precision)


def without_position(network: nn.Module) -> nn.Module:
    owner: Any = getattr(network, "attnpool", network)
    nn.init.zeros_(owner.positional_embedding)
    return network


NETWORKS = {
    "two blocks in a stage": lambda: resnet((1, 2, 1, 1)),
    "one block in a stage": lambda: resnet((1, 1, 1, 1)),
    "patches of 32": lambda: transformer(32, 3),
    "patches of 16": lambda: transformer(16, 2),
    "patches of 14, one layer": lambda: transformer(14, 1),
}


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> nn.Module:
    return with_drawn_numbers(NETWORKS[request.param]())


@pytest.fixture
def views() -> Tensor:
    return torch.randn(3, 3, 224, 224, generator=torch.Generator().manual_seed(2))


def test_features_are_open_clips_without_position(network: nn.Module, views: Tensor) -> None:
    features = ours(network)(views)
    expected = without_position(network)(views)
    assert features.shape == (3, WIDTH)
    assert torch.allclose(features, expected, atol=1e-5, rtol=1e-5)


def test_the_positional_embedding_of_the_file_would_have_mattered(network: nn.Module, views: Tensor) -> None:
    assert not torch.allclose(network(views), ours(network)(views), atol=1e-3)


def test_bfloat16_comes_close_and_answers_in_float32(network: nn.Module, views: Tensor) -> None:
    exact, reduced = ours(network)(views), ours(network, "bfloat16")(views.bfloat16())
    assert reduced.dtype == torch.float32
    assert torch.nn.functional.cosine_similarity(exact, reduced).min() > 0.995


def test_numbers_stored_in_float16_are_computed_in_float32(views: Tensor) -> None:
    network = with_drawn_numbers(resnet((1, 1, 1, 1))).half().float()
    assert torch.equal(ours(network.half())(views), ours(network.float())(views))


@pytest.mark.parametrize("name", ["RN50", "RN101", "RN50x4", "ViT-B-32", "ViT-B-16", "ViT-L-14"])
def test_heads_are_64_channels_wide_in_every_clip(name: str) -> None:
    vision = open_clip.get_model_config(f"{name}-quickgelu")["vision_cfg"]
    assert vision.get("head_width", 64) == 64


def test_fused_and_plain_convolutions_compute_the_same() -> None:
    if not fused_convolutions_work():
        pytest.skip("this torch has no fused convolutions on this processor")
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(2, 32, 14, 14, generator=generator).bfloat16().contiguous(memory_format=torch.channels_last)
    weight = (torch.randn(32, 32, 3, 3, generator=generator) * 0.06).bfloat16()
    bias = torch.randn(32, generator=generator).bfloat16()
    plain, fused = PlainConvolution(weight, bias), FusedConvolution(weight, bias)
    for options in ({}, {"relu": False}, {"add": x}, {"add": x, "relu": False}):
        assert torch.allclose(plain(x, **options).float(), fused(x, **options).float(), atol=0.05, rtol=0.02)


def test_a_fused_convolution_takes_another_size_later() -> None:
    if not fused_convolutions_work():
        pytest.skip("this torch has no fused convolutions on this processor")
    weight, bias = torch.ones(16, 16, 1, 1).bfloat16(), torch.zeros(16).bfloat16()
    fused = FusedConvolution(weight, bias)
    for count in (20, 3, 1):
        assert torch.equal(
            fused(torch.ones(count, 16, 8, 8).bfloat16()), torch.full((count, 16, 8, 8), 16.0).bfloat16()
        )
