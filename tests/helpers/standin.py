"""Stand-in CLIP weights: random, so that the program can be run as a whole; their scores mean nothing."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from maclip_desktop.scoring.backbone import empty_clip

_BLOCK = 1_000_003
"""Numbers drawn once and repeated: a prime, so that no row of a matrix repeats its neighbour."""


def standin_state(backbone: str = "RN50", seed: int = 7) -> dict[str, Tensor]:
    """A complete, deterministic set of float16 weights that lets signals through every layer."""
    rng = np.random.default_rng(seed)
    block = rng.uniform(-1.0, 1.0, _BLOCK).astype(np.float16)
    shapes = {name: tuple(value.shape) for name, value in empty_clip(backbone).state_dict().items()}
    return {name: _weights_like(name, shapes[name], np.roll(block, index)) for index, name in enumerate(sorted(shapes))}


def write_standin_weights(path: Path, backbone: str = "RN50", seed: int = 7) -> Path:
    """Write `standin_state` as safetensors (about 200 MB for RN50) and return *path*."""
    save_file(standin_state(backbone, seed), path)
    return path


def _weights_like(name: str, shape: tuple[int, ...], block: np.ndarray) -> Tensor:
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
