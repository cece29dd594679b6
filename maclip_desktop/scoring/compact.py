"""Compact files of weights: the image tower and the prompts' text features, ready to be used."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import safetensors.torch
import torch
from torch import Tensor

from maclip_desktop.errors import UsageError, WeightsError
from maclip_desktop.scoring.architecture import ARCHITECTURES, require_complete
from maclip_desktop.scoring.compact_header import (
    IMAGE_PREFIX,
    TEXT_FEATURES,
    CompactHeader,
    Provenance,
    compact_header,
    require_checksum,
    with_checksum,
)
from maclip_desktop.scoring.prompts import PromptPairs
from maclip_desktop.scoring.safe_writing import write_safely
from maclip_desktop.scoring.tower import ImageTower
from maclip_desktop.scoring.weights_file import damaged, first_bytes, split_header, unreadable
from maclip_desktop.scoring.weights_format import DAMAGE

Storage = Literal["auto", "float32", "float16"]
"""``auto``: each tensor as float16 where that loses nothing; ``float16``: every matrix, rounded where it must be."""

_DTYPE_NAMES = {torch.float32: "F32", torch.float16: "F16"}


@dataclass(frozen=True)
class SourcedTower:
    """An image tower, and where its numbers come from."""

    tower: ImageTower
    provenance: Provenance


def read_compact(path: Path, backbone: str | None, prompts: PromptPairs | None) -> SourcedTower:
    """Read a compact file; None for *backbone* or *prompts* takes what the file holds.

    Raises `WeightsError` where the file cannot be read, is damaged, made by a newer program, for another backbone or
    for other prompts.
    """
    first_bytes(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    outside = split_header(content, path)
    header = compact_header(outside, path)
    require_checksum(outside, memoryview(content)[outside.data_start :], path)
    header.require_backbone(backbone, path)
    header.require_prompts(prompts, path)
    try:
        tensors = safetensors.torch.load(content)
    except DAMAGE as error:
        raise damaged(path) from error
    return SourcedTower(_tower(tensors, header, path), header.provenance)


def write_compact(source: SourcedTower, target: Path, storage: Storage = "auto") -> None:
    """Write *source* to *target*: at once as a whole, or not at all.

    Raises `UsageError` for an unknown *storage* and `WeightsError` where the file cannot be written.
    """
    if storage not in get_args(Storage):
        raise UsageError(
            f"There is no precision {storage!r} for weights; choose one of {', '.join(get_args(Storage))}."
        )
    tower = source.tower
    stored = {name: _stored(value, storage) for name, value in tower.state.items()}
    rounded = any(not torch.equal(stored[name].float(), value.float()) for name, value in tower.state.items())
    provenance = replace(source.provenance, lossy=source.provenance.lossy or rounded)
    header = CompactHeader(tower.backbone, tower.prompts, tower.logit_scale, provenance)
    tensors = {f"{IMAGE_PREFIX}{name}": value for name, value in stored.items()}
    write_safely(target, _safetensors(header.metadata(), tensors | {TEXT_FEATURES: tower.text_features}))


def require_numbers(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Raise `WeightsError` where a tensor holds what is no finite number."""
    for name, value in tensors.items():
        # The extremes tell, and are ten times as quick to find as to look at every number's kind.
        if value.numel() and not all(math.isfinite(extreme) for extreme in value.aminmax()):
            raise WeightsError(f"{path} holds numbers that are not finite (in {name}); get the file again.")


def _tower(tensors: dict[str, Tensor], header: CompactHeader, path: Path) -> ImageTower:
    expected = {f"{IMAGE_PREFIX}{name}": s for name, s in ARCHITECTURES[header.backbone].image_shapes().items()}
    expected[TEXT_FEATURES] = (len(header.prompts), 2, ARCHITECTURES[header.backbone].embed)
    require_complete({name: tuple(value.shape) for name, value in tensors.items()}, expected, header.backbone, path)
    if any(value.dtype not in _DTYPE_NAMES for value in tensors.values()):
        raise damaged(path)
    require_numbers(tensors | {"the logit scale": torch.tensor(header.logit_scale)}, path)
    text_features = tensors.pop(TEXT_FEATURES).float()
    return ImageTower(
        backbone=header.backbone,
        state={name.removeprefix(IMAGE_PREFIX): value for name, value in tensors.items()},
        prompts=header.prompts,
        text_features=text_features,
        logit_scale=header.logit_scale,
        sha256=header.provenance.name,
        known=header.provenance.known,
    )


def _stored(value: Tensor, storage: Storage) -> Tensor:
    full = value.float()
    if storage == "float32":
        return full
    half = value.half()
    # Vectors are few and some hold very small numbers, so that they are not rounded even where matrices are.
    exact = torch.equal(half.float(), full)
    may_round = storage == "float16" and full.ndim > 1 and bool(half.isfinite().all())
    return half if exact or may_round else full


def _safetensors(metadata: Mapping[str, str], tensors: Mapping[str, Tensor]) -> Iterator[bytes | memoryview]:
    """The bytes of a safetensors file, tensor by tensor: a second copy of all would be a lot of memory."""
    # Wide numbers first, so that everything stays aligned.
    ordered = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    table: dict[str, Any] = {}
    end = 0
    for name in ordered:
        begin, end = end, end + tensors[name].nbytes
        table[name] = {
            "dtype": _DTYPE_NAMES[tensors[name].dtype],
            "shape": list(tensors[name].shape),
            "data_offsets": [begin, end],
        }
    sealed = with_checksum(metadata, table, (_bytes(tensors[name]) for name in ordered))
    header = json.dumps({"__metadata__": sealed, **table}).encode()
    header += b" " * (-len(header) % 8)
    yield len(header).to_bytes(8, "little") + header
    yield from (_bytes(tensors[name]) for name in ordered)


def _bytes(tensor: Tensor) -> memoryview:
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().data
