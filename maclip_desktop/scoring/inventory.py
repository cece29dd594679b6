"""Which weights are there, and are they sound? Loads torch only for files that cannot be looked at without."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from maclip_desktop.disk import is_file
from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring.architecture import recognise
from maclip_desktop.scoring.compact_header import (
    IMAGE_PREFIX,
    CompactHeader,
    compact_header,
    is_compact,
    provenance_of,
)
from maclip_desktop.scoring.known_weights import calls_itself_openais, identify
from maclip_desktop.scoring.parameters import BACKBONES
from maclip_desktop.scoring.prompts import PROMPT_PAIRS, PromptPairs
from maclip_desktop.scoring.weights_file import SafetensorsHeader, file_sha256, read_header, unreadable
from maclip_desktop.scoring.weights_folder import complete_path, part_path, weights_files

Kind = Literal["compact", "complete", "unfinished download"]

_PRECISIONS = {"F16": "float16", "F32": "float32", "BF16": "bfloat16", "F64": "float64"}


@dataclass(frozen=True)
class WeightsFile:
    """What is known of a file of weights."""

    path: Path
    size: int
    """Bytes."""
    modified: float
    """Seconds since 1970."""
    kind: Kind
    backbone: str | None = None
    precision: str | None = None
    """Of the image tower's numbers: ``"float16"``, ``"float32"`` or, where some are this and some that, ``"float16 and
    float32"``."""
    sha256: str | None = None
    """Of the complete file, also for a compact one made of it."""
    known: str | None = None
    """What the complete file is known as, for people; None where nothing is known of it."""
    remark: str = ""
    """What a user should know of a file that is not known."""
    rounded: bool = False
    """Whether numbers were rounded to float16 when the compact file was made."""
    own_prompts: PromptPairs | None = None
    """The prompts of a compact file, None where they are the paper's."""
    program: str | None = None
    """The version of this program that made the compact file."""
    error: str | None = None
    """The sentence that says what is wrong with the file."""


def inventory(weights_dir: Path) -> dict[str, list[WeightsFile]]:
    """Every file of weights in the data folder by backbone; the first of each is the one that is used.

    A complete file is read once for its hash. What is wrong with a file is in it; nothing is raised.
    """
    return {backbone: list(_files_of(weights_dir, backbone)) for backbone in BACKBONES}


def describe(path: Path) -> WeightsFile:
    """Look at the file *path*. Raises `WeightsError` where it cannot be read or its beginning is damaged."""
    header = read_header(path)
    if header is not None and is_compact(header):
        return _compact(path, header)
    sha256 = file_sha256(path)
    kinds, shapes = _complete_table(path, header)
    backbone = recognise(shapes)
    known = provenance_of(path, sha256, backbone).known if backbone else identify(sha256)
    remark = "not a file that OpenAI published" if not known and calls_itself_openais(path) else ""
    return _outside(
        path,
        "complete",
        backbone=backbone,
        precision=_precision(kinds),
        sha256=sha256,
        known=known,
        remark=remark,
    )


def verify(path: Path, backbone: str | None = None) -> WeightsFile:
    """Read all of *path*, check its sums, its tensors and their numbers. Raises `WeightsError` for what is wrong."""
    from maclip_desktop.scoring.compact import read_compact, require_numbers
    from maclip_desktop.scoring.weights import read_complete

    if is_compact(read_header(path)):
        read_compact(path, backbone, None)
    else:
        tensors, _ = read_complete(path, backbone)
        require_numbers(tensors, path)
    return describe(path)


def _files_of(weights_dir: Path, backbone: str) -> Iterator[WeightsFile]:
    for path in weights_files(weights_dir, backbone):
        try:
            yield describe(path)
        except WeightsError as error:
            yield _damaged(path, backbone, str(error))
    part = part_path(complete_path(weights_dir, backbone))
    if is_file(part):
        yield _outside(part, "unfinished download", backbone=backbone)


def _damaged(path: Path, backbone: str, sentence: str) -> WeightsFile:
    try:
        return _outside(path, "complete", backbone=backbone, error=sentence)
    except WeightsError:
        return WeightsFile(path, 0, 0.0, "complete", backbone, error=sentence)


def _outside(path: Path, kind: Kind, **known: object) -> WeightsFile:
    try:
        status = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    return WeightsFile(path, status.st_size, status.st_mtime, kind, **known)  # type: ignore[arg-type]


def _compact(path: Path, outside: SafetensorsHeader) -> WeightsFile:
    header: CompactHeader = compact_header(outside, path)
    provenance = header.provenance
    return _outside(
        path,
        "compact",
        backbone=header.backbone,
        precision=_precision(
            tensor["dtype"] for name, tensor in outside.tensors.items() if name.startswith(IMAGE_PREFIX)
        ),
        sha256=provenance.sha256,
        known=provenance.known,
        rounded=provenance.lossy,
        own_prompts=None if header.prompts == PROMPT_PAIRS else header.prompts,
        program=header.program,
    )


def _complete_table(path: Path, header: SafetensorsHeader | None) -> tuple[list[str], dict[str, tuple[int, ...]]]:
    """The kinds of numbers in the image tower, and the shapes of all tensors, of a complete file."""
    if header is not None:
        return [one["dtype"] for name, one in header.tensors.items() if name.startswith(IMAGE_PREFIX)], header.shapes
    from maclip_desktop.scoring.weights_format import read_tensors

    tensors = read_tensors(path)
    kinds = [
        str(value.dtype).removeprefix("torch.") for name, value in tensors.items() if name.startswith(IMAGE_PREFIX)
    ]
    return kinds, {name: tuple(value.shape) for name, value in tensors.items()}


def _precision(kinds: Iterable[str]) -> str | None:
    named = sorted({_PRECISIONS.get(kind, kind) for kind in kinds} - {"I64"})
    return " and ".join(named) or None
