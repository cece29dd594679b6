"""Where trained weights lie in the application's data folder. Imports neither torch nor open_clip."""

from pathlib import Path

from maclip_desktop.disk import is_file
from maclip_desktop.scoring.prompts import PROMPT_PAIRS, PromptPairs

_COMPACT_SUFFIX = ".maclip.safetensors"
_COMPLETE_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")
"""In the order of preference: the formats that cannot hold a program come first."""


def weights_stem(backbone: str) -> str:
    """The name of a backbone's weights file without its suffix: ``ViT-B/32`` -> ``ViT-B-32``."""
    return backbone.replace("/", "-")


def compact_path(weights_dir: Path, backbone: str) -> Path:
    """Where the compact weights of *backbone* belong."""
    return _named(weights_dir, backbone, _COMPACT_SUFFIX)


def complete_path(weights_dir: Path, backbone: str) -> Path:
    """Where downloaded complete weights of *backbone* belong."""
    return _named(weights_dir, backbone, _COMPLETE_SUFFIXES[0])


def part_path(target: Path) -> Path:
    """Where a download to *target* gathers what has arrived."""
    return target.with_name(target.name + ".part")


def weights_files(weights_dir: Path, backbone: str) -> list[Path]:
    """The files of *backbone* that are in the data folder: the compact one first, then by preference."""
    complete = (_named(weights_dir, backbone, suffix) for suffix in _COMPLETE_SUFFIXES)
    return [path for path in (compact_path(weights_dir, backbone), *complete) if is_file(path)]


def find_weights(weights_dir: Path, backbone: str, prompts: PromptPairs = PROMPT_PAIRS) -> Path | None:
    """The weights of *backbone* in the data folder, downloaded or imported, or None.

    The compact file is taken before complete ones, which load more slowly; but a complete one first for *prompts* of
    one's own, which a compact file is rarely made for.
    """
    files = weights_files(weights_dir, backbone)
    if prompts != PROMPT_PAIRS:
        files.sort(key=lambda path: path == compact_path(weights_dir, backbone))
    return next(iter(files), None)


def _named(weights_dir: Path, backbone: str, suffix: str) -> Path:
    # Built by hand: with_suffix would take a dot in the name for the start of a suffix.
    return weights_dir / f"{weights_stem(backbone)}{suffix}"
