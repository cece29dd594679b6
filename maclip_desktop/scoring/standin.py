"""Stand-in CLIP weights: random, so that the program can be run as a whole; their scores mean nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from maclip_desktop.scoring.backbone import empty_clip, encode_prompts
from maclip_desktop.scoring.compact import SourcedTower, write_compact
from maclip_desktop.scoring.compact_header import Provenance
from maclip_desktop.scoring.prompts import PROMPT_PAIRS, PromptPairs
from maclip_desktop.scoring.tower import ImageTower

SEED = 7
_IMAGE = "visual."
_UNUSED = ("positional_embedding", "num_batches_tracked")
_BLOCK = 1_000_003
"""Numbers drawn once and repeated: a prime, so that no row of a matrix repeats its neighbour."""


def standin_state(backbone: str = "RN50", seed: int = SEED) -> dict[str, Tensor]:
    """A complete, deterministic set of float16 weights that lets signals through every layer."""
    rng = np.random.default_rng(seed)
    block = rng.uniform(-1.0, 1.0, _BLOCK).astype(np.float16)
    shapes = {name: tuple(value.shape) for name, value in empty_clip(backbone).state_dict().items()}
    return {name: _weights_like(name, shapes[name], np.roll(block, index)) for index, name in enumerate(sorted(shapes))}


def standin_tower(backbone: str = "RN50", prompts: PromptPairs = PROMPT_PAIRS, seed: int = SEED) -> ImageTower:
    """What is left of `standin_state` for scoring: the same numbers, without the text encoder."""
    state = standin_state(backbone, seed)
    image = {name: value for name, value in state.items() if name.startswith(_IMAGE)}
    text = {name: value for name, value in state.items() if not name.startswith(_IMAGE)}
    return ImageTower(
        backbone=backbone,
        state={name.removeprefix(_IMAGE): value for name, value in image.items() if not name.endswith(_UNUSED)},
        prompts=prompts,
        text_features=encode_prompts(backbone, text, prompts),
        logit_scale=float(state["logit_scale"].float().exp()),
        sha256=f"standin{seed}",
    )


def write_standin_tower(path: Path, backbone: str = "RN50", prompts: PromptPairs = PROMPT_PAIRS) -> Path:
    """Write `standin_tower` as a compact file, as trained weights are kept. Returns *path*; raises `WeightsError`."""
    tower = standin_tower(backbone, prompts)
    write_compact(SourcedTower(tower, Provenance(tower.sha256, origin="random numbers, trained on nothing")), path)
    return path


def _weights_like(name: str, shape: tuple[int, ...], block: NDArray[Any]) -> Tensor:
    if name.endswith("num_batches_tracked"):
        return torch.tensor(0)
    if name == "logit_scale":
        return torch.tensor(4.6, dtype=torch.float16)
    values = torch.from_numpy(np.resize(block, shape))
    if name.endswith("running_var"):
        return values * 0.25 + 1.0
    if len(shape) == 1:
        # Scales lie around one (the last of a residual block lower, or the sum would grow), shifts around zero.
        centre = 0.0 if name.endswith(("bias", "running_mean", "class_embedding")) else 0.3 if "bn3" in name else 1.0
        return values * 0.1 + centre
    fan_in = float(np.prod(shape[1:])) if len(shape) == 4 else float(shape[-1])
    return values * float((6.0 / fan_in) ** 0.5)
