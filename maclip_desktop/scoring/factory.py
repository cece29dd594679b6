"""Choosing and making a scorer. Imports neither torch nor open_clip until a model is wanted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring.parameters import MaclipParameters
from maclip_desktop.scoring.scorer import Scorer
from maclip_desktop.scoring.weights_folder import find_weights

__all__ = ["ScorerChoice", "ScorerKind", "create_scorer", "find_weights"]

ScorerKind = Literal["auto", "maclip", "technical"]


@dataclass(frozen=True)
class ScorerChoice:
    """What the user asked to be scored with."""

    kind: ScorerKind = "auto"
    """``auto`` is MA-CLIP where weights are given or found, and the technical scorer elsewhere."""
    weights: Path | None = None
    """A file of CLIP weights, or None for the one in the data folder."""
    parameters: MaclipParameters = field(default_factory=MaclipParameters)
    device: str = "auto"
    precision: str = "auto"


def create_scorer(
    choice: ScorerChoice,
    weights_dir: Path,
    on_progress: Callable[[str, int, int | None], None] | None = None,
    allow_download: bool = False,
) -> Scorer:
    """Make the scorer that *choice* means; loading MA-CLIP takes seconds, a download minutes.

    *on_progress*: called with what is downloaded, bytes so far, bytes in all or None. Raises `WeightsError`,
    `DeviceError` or `UsageError`.
    """
    weights = choice.weights or find_weights(weights_dir, choice.parameters.backbone)
    if choice.kind == "technical" or (choice.kind == "auto" and weights is None):
        from maclip_desktop.scoring.technical import TechnicalScorer

        return TechnicalScorer()
    if weights is None:
        weights = _get_weights(choice.parameters.backbone, weights_dir, on_progress, allow_download)

    from maclip_desktop.scoring.maclip import MaclipScorer

    return MaclipScorer.load(choice.parameters, weights, choice.device, choice.precision)


def _get_weights(
    backbone: str,
    weights_dir: Path,
    on_progress: Callable[[str, int, int | None], None] | None,
    allow_download: bool,
) -> Path:
    if not allow_download:
        raise WeightsError(
            f"There are no CLIP {backbone} weights in {weights_dir}; download them with"
            " 'maclip-desktop score --scorer maclip', or give a file with --weights."
        )
    from maclip_desktop.scoring.download import download_weights

    return download_weights(backbone, weights_dir, on_progress)
