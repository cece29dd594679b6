"""Reading CLIP weights for scoring: a compact file of ours, or a complete one."""

import math
from pathlib import Path

import torch
from torch import Tensor

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring.architecture import require_fit
from maclip_desktop.scoring.compact import SourcedTower, read_compact, require_numbers
from maclip_desktop.scoring.compact_header import IMAGE_PREFIX, Provenance, is_compact, provenance_of
from maclip_desktop.scoring.prompts import PROMPT_PAIRS, PromptPairs
from maclip_desktop.scoring.tower import ImageTower
from maclip_desktop.scoring.weights_file import file_sha256, read_header
from maclip_desktop.scoring.weights_format import read_tensors

__all__ = ["file_sha256", "read_complete", "read_sourced", "read_tower", "read_weights"]

_KEPT = (torch.float16, torch.float32)
_POSITIONS = "positional_embedding"


def read_tower(path: Path, backbone: str | None, prompts: PromptPairs = PROMPT_PAIRS) -> ImageTower:
    """The image tower in *path* and the text features of *prompts*.

    A compact file is read as it is, in a fraction of a second; a complete file takes seconds, as its text encoder has
    to read the prompts. *backbone*: what the file must hold; None takes what it is.

    Raises `WeightsError`, in one sentence, where the file is missing, unreadable, damaged, something else, made for
    another backbone, or compact and made for other prompts. No program in the file is run.
    """
    return read_sourced(path, backbone, prompts).tower


def read_sourced(
    path: Path, backbone: str | None, prompts: PromptPairs | None = None, origin: str = ""
) -> SourcedTower:
    """As `read_tower`, and where the numbers come from.

    *prompts*: None takes those of a compact file, and the paper's for a complete one. *origin*: how a complete file
    was got, for people.
    """
    if is_compact(read_header(path)):
        return read_compact(path, backbone, prompts)
    state, found = read_complete(path, backbone)
    image = {name.removeprefix(IMAGE_PREFIX): value for name, value in state.items() if name.startswith(IMAGE_PREFIX)}
    # Copies let go of the file: a mapped file that vanishes would take the program down with it.
    tower = {name: _own(value) for name, value in image.items() if name.rpartition(".")[2] != _POSITIONS}
    require_numbers(tower, path)
    text = {name: value for name, value in state.items() if not name.startswith(IMAGE_PREFIX)}
    return _with_prompts(
        path, found, tower, text, prompts or PROMPT_PAIRS, provenance_of(path, file_sha256(path), found, origin)
    )


def read_complete(path: Path, backbone: str | None) -> tuple[dict[str, Tensor], str]:
    """The tensors of a complete file in open_clip's layout, perhaps mapped from it, and the backbone they belong to.

    Raises `WeightsError`.
    """
    if is_compact(read_header(path)):
        raise WeightsError(f"{path} is a compact file, which has no text encoder; give the complete weights.")
    state = read_tensors(path)
    return state, require_fit({name: tuple(value.shape) for name, value in state.items()}, backbone, path)


def read_weights(path: Path, backbone: str) -> dict[str, Tensor]:
    """The tensors of a complete file in open_clip's layout, in float32, on the CPU. Raises `WeightsError`."""
    state, _ = read_complete(path, backbone)
    return {name: value.to(torch.float32, copy=True) for name, value in state.items()}


def _own(value: Tensor) -> Tensor:
    dtype = value.dtype if value.dtype in _KEPT else torch.float32
    return value.to(dtype, copy=True, memory_format=torch.contiguous_format)


def _with_prompts(
    path: Path,
    backbone: str,
    tower: dict[str, Tensor],
    text: dict[str, Tensor],
    prompts: PromptPairs,
    provenance: Provenance,
) -> SourcedTower:
    # Only here: importing open_clip takes longer than all the rest.
    from maclip_desktop.scoring.backbone import encode_prompts

    logit_scale = float(text["logit_scale"].float().exp())
    features = encode_prompts(backbone, text, prompts)
    if not (math.isfinite(logit_scale) and bool(features.isfinite().all())):
        raise WeightsError(f"{path} holds numbers that are not finite (in the text encoder); get the file again.")
    found = ImageTower(backbone, tower, prompts, features, logit_scale, provenance.name, provenance.known)
    return SourcedTower(found, provenance)
