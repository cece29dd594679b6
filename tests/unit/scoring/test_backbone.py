"""The network that open_clip builds, as MA-CLIP needs it."""

import copy
from typing import Any

import open_clip
import pytest
import torch
from open_clip.transformer import QuickGELU
from torch import nn

from maclip_desktop.scoring.backbone import build_network, clip_with_weights, empty_clip, normalise
from maclip_desktop.scoring.parameters import BACKBONES
from maclip_desktop.scoring.prompts import PROMPT_PAIRS
from tests.helpers.standin import standin_state


@pytest.fixture(scope="module")
def rn50() -> Any:
    return clip_with_weights("RN50", full_precision_state("RN50"))


@pytest.fixture(scope="module")
def views() -> torch.Tensor:
    return normalise(torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0)))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every backbone with its own kind, patches and sizes, but few and narrow layers."""
    real = open_clip.get_model_config

    def reduced(name: str) -> dict[str, Any]:
        config: dict[str, Any] = copy.deepcopy(real(name))
        vision = config["vision_cfg"]
        of_resnet = isinstance(vision["layers"], list)
        vision.update({"layers": [1, 1, 1, 1], "width": 16} if of_resnet else {"layers": 1, "width": 64})
        config["text_cfg"].update({"width": 64, "heads": 1, "layers": 1})
        return config

    monkeypatch.setattr(open_clip, "get_model_config", reduced)


def full_precision_state(backbone: str) -> dict[str, torch.Tensor]:
    return {name: value.float() for name, value in standin_state(backbone).items()}


def test_the_text_tower_has_the_activation_of_openais_weights(rn50: Any) -> None:
    activations = [module for module in rn50.transformer.modules() if isinstance(module, nn.GELU | QuickGELU)]
    assert len(activations) == 12
    assert all(isinstance(activation, QuickGELU) for activation in activations)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_no_backbone_has_the_plain_gelu(backbone: str) -> None:
    modules = list(empty_clip(backbone).modules())
    assert any(isinstance(module, QuickGELU) for module in modules)
    assert not any(isinstance(module, nn.GELU) for module in modules)


def test_the_attention_pool_has_no_positional_embedding(rn50: Any) -> None:
    assert torch.count_nonzero(rn50.visual.attnpool.positional_embedding) == 0


def test_the_text_tower_keeps_its_positional_embedding(rn50: Any) -> None:
    assert torch.count_nonzero(rn50.positional_embedding) > 0


def test_the_network_is_in_evaluation_mode_and_not_trainable(rn50: Any) -> None:
    assert not any(module.training for module in rn50.modules())
    assert not any(parameter.requires_grad for parameter in rn50.parameters())


def test_every_part_of_the_network_holds_numbers(rn50: Any) -> None:
    assert not any(tensor.is_meta for tensor in [*rn50.parameters(), *rn50.buffers()])


def test_a_network_built_without_initialising_is_the_same_network(small: None, views: torch.Tensor) -> None:
    state = full_precision_state("RN50")
    slow = open_clip.model.CLIP(**open_clip.get_model_config("RN50-quickgelu"))
    slow.load_state_dict(state)
    nn.init.zeros_(slow.visual.attnpool.positional_embedding)
    slow.eval()
    quick = clip_with_weights("RN50", state)
    tokens = open_clip.tokenize([prompt for pair in PROMPT_PAIRS for prompt in pair])
    with torch.inference_mode():
        assert torch.equal(quick.encode_image(views), slow.encode_image(views))
        assert torch.equal(quick.encode_text(tokens), slow.encode_text(tokens))


def test_text_features_are_one_pair_per_row(small: None) -> None:
    state = full_precision_state("RN50")
    model = clip_with_weights("RN50", state)
    features = build_network("RN50", state).text_features
    assert features.shape == (5, 2, 1024)
    with torch.inference_mode():
        noisy = model.encode_text(open_clip.tokenize(["noisy image"]))[0]
    assert torch.allclose(features[4, 1], noisy, atol=1e-5)


def test_the_logit_scale_is_exponentiated(small: None) -> None:
    assert build_network("RN50", full_precision_state("RN50")).logit_scale == pytest.approx(99.5, abs=1.0)


def test_the_text_tower_is_let_go(small: None) -> None:
    encoder = build_network("RN50", full_precision_state("RN50")).image_encoder
    assert type(encoder).__name__ == "ModifiedResNet"
    assert not any(isinstance(module, QuickGELU) for module in encoder.modules())


def test_rn50x4_takes_views_smaller_than_its_training_size(small: None, views: torch.Tensor) -> None:
    state = full_precision_state("RN50x4")
    assert state["visual.attnpool.positional_embedding"].shape[0] == 82
    with torch.inference_mode():
        assert build_network("RN50x4", state).image_encoder(views).shape == (2, 640)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_features_do_not_depend_on_the_positional_embedding(small: None, views: torch.Tensor, backbone: str) -> None:
    state = full_precision_state(backbone)
    (name,) = (name for name in state if name.startswith("visual.") and name.endswith("positional_embedding"))
    other = {**state, name: torch.full_like(state[name], 9.0)}
    with torch.inference_mode():
        features = build_network(backbone, state).image_encoder(views)
        assert torch.equal(features, build_network(backbone, other).image_encoder(views))
    assert features.std() > 0.01


def test_normalising_uses_clips_mean_and_deviation() -> None:
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])[:, None, None].expand(3, 224, 224)
    deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711])[:, None, None]
    normalised = normalise(torch.stack([mean, mean + deviation]))
    assert normalised[0].abs().max() < 1e-6
    assert (normalised[1] - 1).abs().max() < 1e-5
