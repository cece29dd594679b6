"""Telling which CLIP a set of weights belongs to."""

from pathlib import Path
from typing import Any

import pytest
import torch

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring.architecture import recognise, require_fit
from maclip_desktop.scoring.backbone import empty_clip
from maclip_desktop.scoring.parameters import BACKBONES

FILE = Path("some/weights.pt")


def empty_state(backbone: str) -> dict[str, Any]:
    return dict(empty_clip(backbone).state_dict())


@pytest.mark.parametrize("backbone", [*BACKBONES, "RN50x16", "ViT-L-14-336"])
def test_every_clip_of_openai_is_recognised_by_its_shapes(backbone: str) -> None:
    assert recognise(empty_state(backbone)) == backbone


def test_other_networks_are_not_recognised() -> None:
    assert recognise({"layer1.0.conv1.weight": torch.zeros(64, 64, 1, 1)}) is None
    assert recognise({"visual.conv1.weight": torch.zeros(3), "text_projection": torch.zeros(3)}) is None


@pytest.mark.parametrize("backbone", BACKBONES)
def test_the_right_weights_fit(backbone: str) -> None:
    require_fit(empty_state(backbone), backbone, FILE)


def test_another_backbone_is_named_with_the_option_to_use_it() -> None:
    with pytest.raises(WeightsError) as caught:
        require_fit(empty_state("ViT-B/32"), "RN50", FILE)
    assert str(caught.value) == f"{FILE} holds ViT-B/32, but RN50 was asked for; use --backbone ViT-B/32."


def test_a_clip_that_is_not_supported_is_named_without_that_option() -> None:
    with pytest.raises(WeightsError) as caught:
        require_fit(empty_state("RN50x16"), "RN50", FILE)
    assert "holds RN50x16, which this program cannot use" in str(caught.value)
    assert "--backbone" not in str(caught.value)


def test_a_missing_tensor_is_named() -> None:
    state = empty_state("RN50")
    del state["visual.attnpool.c_proj.bias"]
    with pytest.raises(
        WeightsError, match=r"are missing or do not fit: 1, the first is visual\.attnpool\.c_proj\.bias"
    ):
        require_fit(state, "RN50", FILE)


def test_a_tensor_of_another_shape_is_named() -> None:
    state = empty_state("RN50") | {"ln_final.bias": torch.zeros(5)}
    with pytest.raises(WeightsError, match=r"not a complete set of CLIP RN50 weights .*ln_final\.bias"):
        require_fit(state, "RN50", FILE)


def test_an_unknown_tensor_is_named() -> None:
    state = empty_state("RN50") | {"adapter.weight": torch.zeros(5)}
    with pytest.raises(WeightsError, match=r"adapter\.weight"):
        require_fit(state, "RN50", FILE)
