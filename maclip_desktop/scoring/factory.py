"""Choosing and making a scorer. Imports neither torch nor open_clip until a model is wanted."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from maclip_desktop.disk import is_file
from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring.parameters import MaclipParameters
from maclip_desktop.scoring.prompts import PROMPT_PAIRS
from maclip_desktop.scoring.scorer import Scorer, ShouldStop, never
from maclip_desktop.scoring.weights_folder import complete_path, find_weights

if TYPE_CHECKING:
    from maclip_desktop.scoring.maclip import MaclipScorer

__all__ = ["ScorerChoice", "ScorerKind", "create_scorer", "find_weights"]

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, bytes so far and bytes in all (None where unknown)."""

SELF_CHECKS = "self-checks.json"
"""Beside the weights: what the self-checks of reduced precisions found."""

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
    exact_decode: bool = False
    """Whether photos are decoded whole, however large."""
    keep: bool = False
    """Whether the data folder is to hold these weights from now on: ``weights`` is imported, and a download is not
    stopped by a file that is there and that OpenAI did not publish.
    """

    @property
    def from_now_on(self) -> "ScorerChoice":
        """What this choice is once its scorer is there: weights that were kept are found by themselves."""
        return replace(self, weights=None, remembered_weights=None, keep=False) if self._imports else self

    @property
    def _imports(self) -> bool:
        # With prompts of one's own the file itself is remembered: it serves the paper's as well, another day.
        return self.keep and self.parameters.prompts == PROMPT_PAIRS

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
        given = self.weights or self._usable_memory()
        return given or find_weights(weights_dir, self.parameters.backbone, self.parameters.prompts)

    def kept_weights(self, weights_dir: Path) -> Path | None:
        """The file that `keep` leaves in the data folder; None where it has to be downloaded. Raises `WeightsError`."""
        backbone, prompts = self.parameters.backbone, self.parameters.prompts
        if self.weights is None:
            found = find_weights(weights_dir, backbone, prompts)
            return found if found is not None and _is_published(found) else None
        if not self._imports:
            return self.weights
        from maclip_desktop.scoring.importing import import_weights

        return import_weights(self.weights, weights_dir, backbone, prompts)


def create_scorer(
    choice: ScorerChoice,
    weights_dir: Path,
    on_progress: Progress | None = None,
    allow_download: bool = False,
    should_stop: ShouldStop = never,
) -> Scorer:
    """Make the scorer that *choice* means; loading MA-CLIP takes seconds, a download minutes.

    *on_progress*: called with what is downloaded, bytes so far, bytes in all or None. *should_stop*: asked now and then
    during a download. Raises `WeightsError`, `DeviceError` or `UsageError`.
    """
    if choice.kind == "technical" or (choice.kind == "auto" and choice.weights_file(weights_dir) is None):
        from maclip_desktop.scoring.technical import TechnicalScorer

        return TechnicalScorer()
    return load_maclip(choice, weights_dir, on_progress, allow_download, should_stop)


def load_maclip(
    choice: ScorerChoice,
    weights_dir: Path,
    on_progress: Progress | None = None,
    allow_download: bool = False,
    should_stop: ShouldStop = never,
) -> "MaclipScorer":
    """Load MA-CLIP as *choice* asks for it; the arguments and errors are those of `create_scorer`."""
    weights = choice.kept_weights(weights_dir) if choice.keep else choice.weights_file(weights_dir)
    if weights is None:
        weights = _get_weights(choice.parameters, weights_dir, on_progress, allow_download, should_stop)

    from maclip_desktop.scoring.maclip import MaclipScorer
    from maclip_desktop.scoring.precision import Verdicts

    return MaclipScorer.load(
        choice.parameters,
        weights,
        choice.device,
        choice.precision,
        choice.exact_decode,
        Verdicts(weights_dir / SELF_CHECKS),
    )


def _is_published(file: Path) -> bool:
    """Whether *file* is sound as far as its beginning tells, and of OpenAI."""
    from maclip_desktop.scoring.inventory import describe

    try:
        return describe(file).known is not None
    except WeightsError:
        return False


def _get_weights(
    parameters: MaclipParameters,
    weights_dir: Path,
    on_progress: Progress | None,
    allow_download: bool,
    should_stop: ShouldStop,
) -> Path:
    backbone, prompts = parameters.backbone, parameters.prompts
    if not allow_download:
        raise WeightsError(
            f"There are no CLIP {backbone} weights in {weights_dir}; get them with 'maclip-desktop weights download"
            f" --backbone {backbone}', or give a file with --weights."
        )
    from maclip_desktop.scoring.download import download_weights

    # What is made compact knows the paper's prompts only, and somebody's own want the text encoder.
    own = prompts != PROMPT_PAIRS
    compact = download_weights(backbone, weights_dir, on_progress, should_stop, keep_complete=own)
    return complete_path(weights_dir, backbone) if own else compact
