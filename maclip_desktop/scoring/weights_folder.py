"""Where trained weights lie in the application's data folder. Imports neither torch nor open_clip."""

from pathlib import Path

from maclip_desktop.disk import is_file
from maclip_desktop.scoring.prompts import PROMPT_PAIRS, PromptPairs, prompts_mark

_COMPACT_SUFFIX = ".maclip.safetensors"
_COMPLETE_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")
"""In the order of preference: the formats that cannot hold a program come first."""


def weights_stem(backbone: str) -> str:
    """The name of a backbone's weights file without its suffix: ``ViT-B/32`` -> ``ViT-B-32``."""
    return backbone.replace("/", "-")


def compact_path(weights_dir: Path, backbone: str, prompts: PromptPairs = PROMPT_PAIRS) -> Path:
    """Where the compact weights of *backbone* made for *prompts* belong."""
    mark = "" if prompts == PROMPT_PAIRS else f".{prompts_mark(prompts)}"
    return _named(weights_dir, backbone, mark + _COMPACT_SUFFIX)


def complete_path(weights_dir: Path, backbone: str) -> Path:
    """Where downloaded complete weights of *backbone* belong."""
    return _named(weights_dir, backbone, _COMPLETE_SUFFIXES[0])


def part_path(target: Path) -> Path:
    """Where a download to *target* gathers what has arrived."""
    return target.with_name(target.name + ".part")


def weights_files(weights_dir: Path, backbone: str) -> list[Path]:
    """The files of *backbone* in the data folder: the compact one, those for own prompts, then by preference."""
    candidates = (compact_path(weights_dir, backbone), *_for_own_prompts(weights_dir, backbone))
    return [path for path in (*candidates, *_complete(weights_dir, backbone)) if is_file(path)]


def find_weights(weights_dir: Path, backbone: str, prompts: PromptPairs = PROMPT_PAIRS) -> Path | None:
    """The weights of *backbone* in the data folder, downloaded or imported, or None.

    A compact file made for *prompts* is taken before complete ones, which load more slowly.
    """
    made = compact_path(weights_dir, backbone, prompts)
    # The last is of no use for other prompts, which is to be said of it.
    candidates = (made, *_complete(weights_dir, backbone), compact_path(weights_dir, backbone))
    return next((path for path in candidates if is_file(path)), None)


def _for_own_prompts(weights_dir: Path, backbone: str) -> list[Path]:
    try:
        return sorted(weights_dir.glob(f"{weights_stem(backbone)}.*{_COMPACT_SUFFIX}"))
    except OSError:  # a folder that the system refuses to look at holds nothing of use
        return []


def _complete(weights_dir: Path, backbone: str) -> list[Path]:
    return [_named(weights_dir, backbone, suffix) for suffix in _COMPLETE_SUFFIXES]


def _named(weights_dir: Path, backbone: str, suffix: str) -> Path:
    # Built by hand: with_suffix would take a dot in the name for the start of a suffix.
    return weights_dir / f"{weights_stem(backbone)}{suffix}"
