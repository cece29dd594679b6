"""The formats that CLIP weights come in: safetensors, a PyTorch state dict, or OpenAI's TorchScript archive."""

import logging
import pickle
import struct
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring.known_weights import is_published
from maclip_desktop.scoring.torchscript import is_torchscript, read_torchscript
from maclip_desktop.scoring.weights_file import damaged, file_sha256, first_bytes, looks_like_safetensors, unreadable

_NOT_WEIGHTS = {"input_resolution", "context_length", "vocab_size", "attn_mask", "num_batches_tracked"}
"""What OpenAI's archive and old checkpoints hold beside the parameters."""

_ZIP_START = b"PK\x03\x04"
_PICKLE_START = b"\x80"

DAMAGE = (
    *(SafetensorError, zipfile.BadZipFile, struct.error, EOFError, MemoryError, ArithmeticError),
    *(RuntimeError, ValueError, TypeError, LookupError, AttributeError, AssertionError),
)
"""What the readers of these formats were seen to raise for files with single bytes changed."""

log = logging.getLogger(__name__)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The floating point tensors of *path* in open_clip's layout, as stored, on the CPU; counters are left out.

    They may be mapped from the file: copy what is to be kept. No program in the file is run. Raises `WeightsError`
    where the file is missing, unreadable, damaged, something else, or without tensors.
    """
    state = _usual_names(_tensors_of(_read_any_format(path)))
    if not state:
        raise WeightsError(f"{path} holds no weights; choose a file of CLIP weights.")
    return state


def _read_any_format(path: Path) -> Any:
    start = first_bytes(path)
    try:
        # torch speaks of pickle's versions to programmers, not to users.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if start.startswith(_ZIP_START):
                return _read_archive(path) if is_torchscript(path) else _read_state_dict(path, mapped=True)
            if looks_like_safetensors(start):
                return load_file(path)
            if start.startswith(_PICKLE_START):
                return _read_state_dict(path, mapped=False)
    except OSError as error:
        raise unreadable(path, error) from error
    except DAMAGE as error:
        raise damaged(path) from error
    raise WeightsError(
        f"{path} is not a file of weights; give a safetensors file, a PyTorch state dict or OpenAI's archive."
    )


def _read_archive(path: Path) -> Mapping[str, Tensor]:
    try:
        return read_torchscript(path)
    except pickle.UnpicklingError as error:
        # What OpenAI published, byte for byte, brings no program to be afraid of.
        if not is_published(file_sha256(path)):
            raise _suspicious(path) from error
        log.info("Reading %s with TorchScript: %s", path, error)
    archive: torch.jit.ScriptModule = torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
    return archive.state_dict()


def _read_state_dict(path: Path, mapped: bool) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        if "truncated" in str(error):
            raise EOFError from error
        raise _suspicious(path) from error


def _suspicious(path: Path) -> WeightsError:
    return WeightsError(
        f"{path} is damaged or holds more than weights, and was not opened because a program could be hidden in it;"
        " use a safetensors file instead."
    )


def _tensors_of(content: Any) -> dict[str, Tensor]:
    if not isinstance(content, Mapping):
        return {}
    inner = content.get("state_dict")
    named = inner if isinstance(inner, Mapping) else content
    return {
        name: value.detach()
        for name, value in named.items()
        if isinstance(name, str) and isinstance(value, Tensor) and value.is_floating_point()
    }


def _usual_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Undo the prefixes of data-parallel training and of open_clip's separate text tower."""
    if all(name.startswith("module.") for name in state):
        state = {name.removeprefix("module."): value for name, value in state.items()}
    state = {name.removeprefix("text."): value for name, value in state.items()}
    return {name: value for name, value in state.items() if name.rpartition(".")[2] not in _NOT_WEIGHTS}
