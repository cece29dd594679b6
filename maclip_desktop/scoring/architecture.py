"""Which CLIP a set of weights belongs to, told by the shapes of its tensors."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import open_clip
from torch import Tensor

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring.backbone import empty_clip, open_clip_name
from maclip_desktop.scoring.parameters import BACKBONES

_OTHER_CLIPS = ("RN50x16", "RN50x64", "ViT-L-14-336")
"""OpenAI's other encoders: recognised to be named in a refusal, not used."""

Signature = tuple[Any, ...]


def recognise(state: Mapping[str, Tensor]) -> str | None:
    """The name of the CLIP that *state* belongs to, or None."""
    try:
        found = _signature_of_weights(state)
    except (KeyError, IndexError):
        return None
    return next((name for name in BACKBONES + _OTHER_CLIPS if _signature_of_config(name) == found), None)


def require_fit(state: Mapping[str, Tensor], backbone: str, path: Path) -> None:
    """Raise `WeightsError` unless *state*, read from *path*, is a complete set of *backbone* weights."""
    expected = {name: value.shape for name, value in empty_clip(backbone).state_dict().items()}
    if expected == {name: value.shape for name, value in state.items()}:
        return
    found = recognise(state)
    if found in BACKBONES and found != backbone:
        raise WeightsError(f"{path} holds {found}, but {backbone} was asked for; use --backbone {found}.")
    if found in _OTHER_CLIPS:
        raise WeightsError(f"{path} holds {found}, which this program cannot use; choose a file of {backbone} weights.")
    wrong = [name for name, shape in expected.items() if name not in state or state[name].shape != shape]
    wrong += [name for name in state if name not in expected]
    raise WeightsError(
        f"{path} is not a complete set of CLIP {backbone} weights (tensors that are missing or do not fit:"
        f" {len(wrong)}, the first is {wrong[0]}); choose a file of {backbone} weights."
    )


def _signature_of_weights(state: Mapping[str, Tensor]) -> Signature:
    stem = state["visual.conv1.weight"].shape
    embed = state["text_projection"].shape[1]
    if "visual.attnpool.positional_embedding" in state:
        tokens = state["visual.attnpool.positional_embedding"].shape[0]
        blocks = tuple(_count(state, rf"visual\.layer{stage}\.(\d+)\.conv1\.weight") for stage in range(1, 5))
        return "resnet", stem[0] * 2, blocks, embed, tokens
    tokens = state["visual.positional_embedding"].shape[0]
    layers = _count(state, r"visual\.transformer\.resblocks\.(\d+)\.ln_1\.weight")
    return "vit", stem[0], stem[-1], layers, embed, tokens


def _signature_of_config(name: str) -> Signature:
    config = open_clip.get_model_config(open_clip_name(name))
    vision, embed = config["vision_cfg"], config["embed_dim"]
    cells = vision["image_size"] // (vision["patch_size"] or 32)
    if isinstance(vision["layers"], list):
        return "resnet", vision["width"], tuple(vision["layers"]), embed, cells**2 + 1
    return "vit", vision["width"], vision["patch_size"], vision["layers"], embed, cells**2 + 1


def _count(state: Mapping[str, Tensor], pattern: str) -> int:
    return sum(re.fullmatch(pattern, name) is not None for name in state)
