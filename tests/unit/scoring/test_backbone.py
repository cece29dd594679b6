"""The prompts' text features, as open_clip's text encoder makes them."""

import open_clip
import pytest
import torch
from open_clip.transformer import QuickGELU
from torch import nn

from maclip_desktop.scoring.backbone import empty_clip, encode_prompts
from maclip_desktop.scoring.parameters import BACKBONES
from maclip_desktop.scoring.prompts import PROMPT_PAIRS
from tests.helpers.small_clip import shrink_clips, small_state, whole_clip

TOKENS = open_clip.tokenize([prompt for pair in PROMPT_PAIRS for prompt in pair])


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink_clips(monkeypatch)


def text_state(backbone: str, dtype: torch.dtype = torch.float32) -> dict[str, torch.Tensor]:
    return {name: value for name, value in small_state(backbone, dtype).items() if not name.startswith("visual.")}


@pytest.mark.parametrize("backbone", BACKBONES)
def test_no_backbone_has_the_plain_gelu(backbone: str) -> None:
    modules = list(empty_clip(backbone).modules())
    assert any(isinstance(module, QuickGELU) for module in modules)
    assert not any(isinstance(module, nn.GELU) for module in modules)


@pytest.mark.parametrize("backbone", ["RN50", "RN50x4", "ViT-L/14"])
def test_text_features_are_those_of_the_whole_network_pair_by_pair(backbone: str) -> None:
    features = encode_prompts(backbone, text_state(backbone), PROMPT_PAIRS)
    whole = whole_clip(backbone, small_state(backbone))
    with torch.inference_mode():
        expected = whole.encode_text(TOKENS)
    assert features.shape == (5, 2, expected.shape[-1])
    assert torch.allclose(features.reshape(10, -1), expected, atol=1e-6)
    assert expected.std() > 0.01


def test_text_features_are_computed_in_float32_from_half_precision() -> None:
    features = encode_prompts("RN50", text_state("RN50", torch.float16), PROMPT_PAIRS)
    assert features.dtype == torch.float32
    assert torch.equal(features, encode_prompts("RN50", text_state("RN50"), PROMPT_PAIRS))


def test_text_features_may_be_used_anywhere() -> None:
    features = encode_prompts("RN50", text_state("RN50"), PROMPT_PAIRS)
    assert not features.is_inference()
    assert not features.requires_grad


def test_a_text_that_is_too_long_is_cut_as_open_clip_cuts_it() -> None:
    pairs = (("sharp " * 33, "blurry"),)
    long_pairs = (("sharp " * 99, "blurry"),)
    whole = whole_clip("RN50", small_state())
    with torch.inference_mode():
        expected = whole.encode_text(open_clip.tokenize([long_pairs[0][0]]))[0]
    assert torch.allclose(encode_prompts("RN50", text_state("RN50"), long_pairs)[0, 0], expected, atol=1e-6)
    assert not torch.allclose(encode_prompts("RN50", text_state("RN50"), pairs)[0, 0], expected, atol=1e-3)
