"""Reading a file of CLIP weights: safetensors, a PyTorch state dict, or OpenAI's TorchScript archive."""

import hashlib
import pickle
import re
import stat
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
from maclip_desktop.scoring.architecture import require_fit

_NOT_WEIGHTS = {"input_resolution", "context_length", "vocab_size", "attn_mask"}
"""What OpenAI's archive and old checkpoints hold beside the parameters."""

_ZIP_START = b"PK\x03\x04"
_PICKLE_START = b"\x80"

_DAMAGE = (
    *(SafetensorError, zipfile.BadZipFile, struct.error, EOFError, MemoryError),
    *(RuntimeError, ValueError, TypeError, LookupError, AttributeError, AssertionError),
)
"""What the readers of these formats were seen to raise for files with single bytes changed."""


def read_weights(path: Path, backbone: str) -> dict[str, Tensor]:
    """The tensors of *path* in open_clip's layout, on the CPU, floating point ones in float32.

    No program in the file is run. Raises `WeightsError` where the file is missing, unreadable, damaged, something
    else, or made for another backbone.
    """
    state = _usual_names(_tensors_of(_read_any_format(path)))
    if not state:
        raise WeightsError(f"{path} holds no weights; choose a file of CLIP weights.")
    _complete_batch_counters(state)
    require_fit(state, backbone, path)
    # Copies let go of the file: a mapped file that vanishes would take the program down with it.
    return {
        name: value.to(torch.float32, copy=True) if value.is_floating_point() else value.clone()
        for name, value in state.items()
    }


def file_sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file's content. Raises `WeightsError` where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError(_unreadable(path, error)) from error


def _read_any_format(path: Path) -> Any:
    start = _first_bytes(path)
    try:
        # torch speaks of TorchScript's end and of pickle's versions to programmers, not to users.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if start.startswith(_ZIP_START):
                return _read_torchscript(path) if _is_torchscript(path) else _read_state_dict(path)
            if start[8:9] == b"{":
                return load_file(path)
            if start.startswith(_PICKLE_START):
                return _read_state_dict(path)
    except OSError as error:
        raise WeightsError(_unreadable(path, error)) from error
    except _DAMAGE as error:
        raise WeightsError(f"{path} is damaged or incomplete; get the file again.") from error
    raise WeightsError(
        f"{path} is not a file of weights; give a safetensors file, a PyTorch state dict or OpenAI's archive."
    )


def _first_bytes(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise WeightsError(f"{path} is a folder, not a weights file; choose the file itself.")
        with path.open("rb") as file:
            start = file.read(16)
    except (FileNotFoundError, NotADirectoryError):
        raise WeightsError(f"There is no weights file {path}; check its name.") from None
    except OSError as error:
        raise WeightsError(_unreadable(path, error)) from error
    if not start:
        raise WeightsError(f"{path} is empty; get the weights file again.")
    return start


def _unreadable(path: Path, error: OSError) -> str:
    return f"The weights file {path} cannot be read ({error.strerror or error}); check the file and its permissions."


def _is_torchscript(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return any(name.endswith("/constants.pkl") for name in names) and any("/code/" in name for name in names)


def _read_torchscript(path: Path) -> Mapping[str, Tensor]:
    archive: torch.jit.ScriptModule = torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
    return archive.state_dict()


def _read_state_dict(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "truncated" in str(error):
            raise EOFError from error
        raise WeightsError(
            f"{path} is damaged or holds more than weights, and was not opened because a program could be hidden in it;"
            " use a safetensors file instead."
        ) from error


def _tensors_of(content: Any) -> dict[str, Tensor]:
    if not isinstance(content, Mapping):
        return {}
    inner = content.get("state_dict")
    named = inner if isinstance(inner, Mapping) else content
    return {
        name: value.detach()
        for name, value in named.items()
        if isinstance(name, str) and isinstance(value, Tensor) and name not in _NOT_WEIGHTS
    }


def _usual_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Undo the prefixes of data-parallel training and of open_clip's separate text tower."""
    if all(name.startswith("module.") for name in state):
        state = {name.removeprefix("module."): value for name, value in state.items()}
    state = {name.removeprefix("text."): value for name, value in state.items()}
    return {name: value for name, value in state.items() if name not in _NOT_WEIGHTS}


def _complete_batch_counters(state: dict[str, Tensor]) -> None:
    """Old checkpoints lack the counters of training steps, which inference does not read."""
    for name in list(state):
        if re.search(r"\.running_mean$", name):
            state.setdefault(name.replace("running_mean", "num_batches_tracked"), torch.tensor(0))
