"""Telling which CLIP a set of weights belongs to."""

import subprocess
import sys
from pathlib import Path

import pytest

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring.architecture import ARCHITECTURES, Shape, recognise, require_fit
from maclip_desktop.scoring.backbone import empty_clip
from maclip_desktop.scoring.parameters import BACKBONES

FILE = Path("some/weights.pt")


def open_clips_shapes(backbone: str) -> dict[str, Shape]:
    state = empty_clip("ViT-L-14-336" if "336" in backbone else backbone).state_dict()
    return {name: tuple(value.shape) for name, value in state.items() if not name.endswith("num_batches_tracked")}


def complete(backbone: str) -> dict[str, Shape]:
    return ARCHITECTURES[backbone].complete_shapes()


def test_looking_at_shapes_loads_no_model_library() -> None:
    program = (
        "import sys, maclip_desktop.scoring.architecture;"
        "sys.exit(', '.join({'torch', 'open_clip', 'safetensors'} & set(sys.modules)) or None)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_every_backbone_of_the_program_is_known() -> None:
    assert set(BACKBONES) <= set(ARCHITECTURES)


@pytest.mark.parametrize("backbone", ARCHITECTURES)
def test_the_shapes_are_those_of_open_clips_networks(backbone: str) -> None:
    assert complete(backbone) == open_clips_shapes(backbone)


@pytest.mark.parametrize("backbone", ARCHITECTURES)
def test_every_clip_of_openai_is_recognised_by_its_shapes(backbone: str) -> None:
    assert recognise(complete(backbone)) == backbone


@pytest.mark.parametrize("backbone", BACKBONES)
def test_the_image_tower_is_the_visual_part_without_positions(backbone: str) -> None:
    visual = {
        name.removeprefix("visual."): shape
        for name, shape in complete(backbone).items()
        if name.startswith("visual.") and not name.endswith("positional_embedding")
    }
    assert ARCHITECTURES[backbone].image_shapes() == visual


def test_other_networks_are_not_recognised() -> None:
    assert recognise({"layer1.0.conv1.weight": (64, 64, 1, 1)}) is None
    assert recognise({"visual.conv1.weight": (3,), "text_projection": (3,)}) is None


@pytest.mark.parametrize("backbone", BACKBONES)
def test_the_right_weights_fit(backbone: str) -> None:
    assert require_fit(complete(backbone), backbone, FILE) == backbone


@pytest.mark.parametrize("backbone", BACKBONES)
def test_where_nothing_is_asked_for_the_weights_tell_the_backbone(backbone: str) -> None:
    assert require_fit(complete(backbone), None, FILE) == backbone


def refusal(shapes: dict[str, Shape], backbone: str | None) -> str:
    with pytest.raises(WeightsError) as caught:
        require_fit(shapes, backbone, FILE)
    return str(caught.value)


def test_another_backbone_is_named_with_the_option_to_use_it() -> None:
    sentence = refusal(complete("ViT-B/32"), "RN50")
    assert sentence == f"{FILE} holds ViT-B/32, but RN50 was asked for; use --backbone ViT-B/32."


@pytest.mark.parametrize(("asked", "mend"), [("RN50", "of RN50 weights."), (None, "ViT-B/16 or ViT-L/14 weights.")])
def test_a_clip_that_is_not_supported_is_named_without_that_option(asked: str | None, mend: str) -> None:
    sentence = refusal(complete("RN50x16"), asked)
    assert "holds CLIP RN50x16, which this program cannot use" in sentence
    assert sentence.endswith(mend)
    assert "--backbone" not in sentence


def test_something_unknown_is_no_clip_where_nothing_is_asked_for() -> None:
    assert "not those of a CLIP that this program knows" in refusal({"layer.weight": (3, 3)}, None)


@pytest.mark.parametrize("asked", ["RN50", None])
def test_a_missing_tensor_is_named(asked: str | None) -> None:
    shapes = complete("RN50")
    del shapes["visual.attnpool.c_proj.bias"]
    sentence = refusal(shapes, asked)
    assert "are missing or do not fit: 1, the first is visual.attnpool.c_proj.bias" in sentence


def test_a_tensor_of_another_shape_is_named() -> None:
    sentence = refusal(complete("RN50") | {"ln_final.bias": (5,)}, "RN50")
    assert "not a complete set of CLIP RN50 weights" in sentence
    assert "ln_final.bias" in sentence


def test_an_unknown_tensor_is_named() -> None:
    assert "adapter.weight" in refusal(complete("RN50") | {"adapter.weight": (5,)}, "RN50")
