"""Stand-in CLIP weights as a complete file; the numbers are the benchmark's own."""

from pathlib import Path

from safetensors.torch import save_file

from maclip_desktop.scoring.standin import SEED, standin_state


def write_standin_weights(path: Path, backbone: str = "RN50", seed: int = SEED) -> Path:
    """Write `standin_state` as safetensors (about 200 MB for RN50) and return *path*."""
    save_file(standin_state(backbone, seed), path)
    return path
