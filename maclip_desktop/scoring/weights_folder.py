"""Where trained weights lie in the application's data folder. Imports neither torch nor open_clip."""

from pathlib import Path

from maclip_desktop.disk import is_file

_SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")
"""In the order of preference: the formats that cannot hold a program come first."""


def weights_stem(backbone: str) -> str:
    """The name of a backbone's weights file without its suffix: ``ViT-B/32`` -> ``ViT-B-32``."""
    return backbone.replace("/", "-")


def find_weights(weights_dir: Path, backbone: str) -> Path | None:
    """The weights of *backbone* in the data folder, downloaded or imported, or None."""
    # Built by hand: with_suffix would take a dot in the name for the start of a suffix.
    candidates = (weights_dir / f"{weights_stem(backbone)}{suffix}" for suffix in _SUFFIXES)
    return next((path for path in candidates if is_file(path)), None)
