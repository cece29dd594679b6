"""Taking weights into the application's data folder as a compact file."""

from pathlib import Path

from maclip_desktop.scoring.compact import SourcedTower, Storage, write_compact
from maclip_desktop.scoring.prompts import PromptPairs
from maclip_desktop.scoring.weights import read_sourced
from maclip_desktop.scoring.weights_folder import compact_path


def import_weights(
    source: Path,
    weights_dir: Path,
    backbone: str | None = None,
    prompts: PromptPairs | None = None,
    precision: Storage = "auto",
) -> Path:
    """Check the weights in *source*, keep what scoring needs of them in *weights_dir*, and return the compact file.

    *backbone*: what it must hold; None takes what it is. *prompts*: None means the paper's, or those that a compact
    *source* was made for. The file *source* is left as it is; an earlier compact file of the same backbone and
    prompts is replaced.
    Raises `WeightsError`.
    """
    return keep_compact(read_sourced(source, backbone, prompts), weights_dir, precision)


def keep_compact(weights: SourcedTower, weights_dir: Path, precision: Storage = "auto") -> Path:
    """Write what was read to its place in *weights_dir* and return the file. Raises `WeightsError`."""
    target = compact_path(weights_dir, weights.tower.backbone, weights.tower.prompts)
    write_compact(weights, target, precision)
    return target
