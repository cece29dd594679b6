"""CLIPs with every backbone's own kind, patches and features, but few and narrow layers: files of a few megabytes."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import open_clip
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from maclip_desktop.scoring.architecture import ARCHITECTURES
from maclip_desktop.scoring.backbone import open_clip_name
from maclip_desktop.scoring.parameters import BACKBONES
from maclip_desktop.scoring.standin import standin_state

_RESNET: dict[str, Any] = {"layers": [1, 1, 1, 1], "width": 16}
_TRANSFORMER: dict[str, Any] = {"layers": 1, "width": 64}


def shrink_clips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make open_clip and the program believe that the backbones are small."""
    real = open_clip.get_model_config

    def reduced(name: str) -> dict[str, Any]:
        config: dict[str, Any] = copy.deepcopy(real(name))
        vision = config["vision_cfg"]
        vision.update(_RESNET if isinstance(vision["layers"], list) else _TRANSFORMER)
        config["text_cfg"].update({"width": 64, "heads": 1, "layers": 1})
        return config

    monkeypatch.setattr(open_clip, "get_model_config", reduced)
    for name in BACKBONES:
        one = ARCHITECTURES[name]
        small = _TRANSFORMER if one.patch else _RESNET
        blocks = (1,) if one.patch else (1, 1, 1, 1)
        reduced_one = replace(one, blocks=blocks, width=small["width"], text_width=64, text_layers=1)
        monkeypatch.setitem(ARCHITECTURES, name, reduced_one)


def small_state(backbone: str = "RN50", dtype: torch.dtype = torch.float16) -> dict[str, Tensor]:
    """Random weights of a small CLIP; `shrink_clips` must have been called."""
    state = standin_state(backbone)
    return {name: value.to(dtype) if value.is_floating_point() else value for name, value in state.items()}


def write_small_weights(path: Path, backbone: str = "RN50", changed: Mapping[str, Tensor] | None = None) -> Path:
    """Write `small_state`, some tensors *changed*, as safetensors and return *path*."""
    save_file(small_state(backbone) | dict(changed or {}), path)
    return path


def whole_clip(backbone: str, state: Mapping[str, Tensor]) -> open_clip.model.CLIP:
    """open_clip's own network holding *state*, in float32, ready for inference."""
    model = open_clip.model.CLIP(**open_clip.get_model_config(open_clip_name(backbone)))
    model.load_state_dict({name: value.float() for name, value in state.items()})
    return model.requires_grad_(False).eval()
