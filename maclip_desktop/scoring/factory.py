"""Choosing and making a scorer. Imports neither torch nor open_clip until a model is wanted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from maclip_desktop.disk import is_file
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
    remembered_weights: Path | None = None
    """A file that was chosen another day; used where it is still there and ``weights`` is None."""
    parameters: MaclipParameters = field(default_factory=MaclipParameters)
    device: str = "auto"
    precision: str = "auto"

    @property
    def lost_weights(self) -> Path | None:
        """The remembered file if it would be used and is gone: to be told, as something else scores then."""
        lost = self.kind != "technical" and self.weights is None and self.remembered_weights is not None
        return self.remembered_weights if lost and not self._usable_memory() else None

    def _usable_memory(self) -> Path | None:
        file = self.remembered_weights
        return file if file is not None and is_file(file) else None

    def weights_file(self, weights_dir: Path) -> Path | None:
        """The file that is meant: the one given, the one remembered, the one in the data folder, or None."""
        return self.weights or self._usable_memory() or find_weights(weights_dir, self.parameters.backbone)


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
    weights = choice.weights_file(weights_dir)
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
