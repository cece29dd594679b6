"""The MA-CLIP scorer."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import Cues, Score, TechnicalMeasures
from maclip_desktop.core.tiles import TileScores
from maclip_desktop.scoring.cues import ViewCues, view_cues
from maclip_desktop.scoring.devices import photos_at_once, require_precision, resolve_device
from maclip_desktop.scoring.parameters import MaclipParameters
from maclip_desktop.scoring.precision import Verdicts, choose_precision
from maclip_desktop.scoring.prompts import PromptPairs
from maclip_desktop.scoring.scorer import ShouldStop, never
from maclip_desktop.scoring.tower import ImageTower
from maclip_desktop.scoring.view_encoder import CPU, ViewEncoder, picture_tensor
from maclip_desktop.scoring.views import fit_to_protocol, fitted_pixels, squashed_side
from maclip_desktop.scoring.weights import read_tower

Measure = Callable[[DecodedPhoto], TechnicalMeasures]

UNKNOWN_WEIGHTS = "The weights are not known to this program, so the scores may mean nothing."
"""What stands beside scores made with weights that did not come from OpenAI."""

MEASURED_SIDE = 1000
"""Pixels of the longer side that the technical measures, which explain a score, want to see."""

REDUCED = "reduced"
DRAFT = "draft"
SRGB = "srgb"
"""Traits of a model id: a precision below float32 that passed the self-check, photos decoded no larger than needed,
colours converted to sRGB.

The first does not name the precision, so that scores keep their id where the CPU has to take over from a graphics card.
"""


@dataclass(frozen=True, slots=True)
class PreparedPhoto:
    """A photo waiting for the model: bytes only, the views are cut when their turn comes."""

    picture: Tensor
    """uint8 (height, width, 3), resized as the protocol asks."""
    technical: TechnicalMeasures


class MaclipScorer:
    """Magnitude-aware CLIP (AAAI 2026): a no-reference quality score, higher is better.

    `prepare` may run in many threads; `score` belongs to one thread at a time.
    """

    name = "maclip"

    def __init__(
        self,
        tower: ImageTower,
        encoder: ViewEncoder,
        parameters: MaclipParameters,
        precision_trait: str | None = None,
        exact_decode: bool = False,
        measure: Measure | None = None,
    ) -> None:
        """*precision_trait*: how a precision below float32 shows in the model id.

        *measure*: what explains a score; the technical measures unless given.
        """
        self._precision_trait = precision_trait
        self.warning = None if tower.known else UNKNOWN_WEIGHTS
        self.weights_sha256 = tower.sha256
        self._parameters = parameters
        self._encoder = encoder
        self._exact_decode = exact_decode
        self._measure = measure or _technical_measures
        self._text_features = tower.text_features
        self._logit_scale = tower.logit_scale

    @classmethod
    def load(
        cls,
        parameters: MaclipParameters,
        weights: Path,
        device: str = "auto",
        precision: str = "auto",
        exact_decode: bool = False,
        verdicts: Verdicts | None = None,
    ) -> "MaclipScorer":
        """Read *weights* and build the scorer: up to some seconds, so keep it out of the window's thread.

        Raises `WeightsError`, `DeviceError` or `UsageError`.
        """

        def read() -> ImageTower:
            return read_tower(weights, parameters.backbone, parameters.prompts)

        resolve_device(device)  # before much is read
        return cls.from_tower(read(), parameters, device, precision, exact_decode, verdicts, reload=read)

    @classmethod
    def from_tower(
        cls,
        tower: ImageTower,
        parameters: MaclipParameters,
        device: str = "auto",
        precision: str = "auto",
        exact_decode: bool = False,
        verdicts: Verdicts | None = None,
        reload: Callable[[], ImageTower] | None = None,
    ) -> "MaclipScorer":
        """Build the scorer around *tower*, made for the prompts of *parameters*.

        *verdicts*: where self-checks of the reduced precision are remembered. *reload*: gets the tower once more, which
        is then not kept. Raises `DeviceError` or `UsageError`.
        """
        torch_device = resolve_device(device)
        asked = require_precision(precision, torch_device)
        kept = verdicts or Verdicts()
        taken = choose_precision(tower, parameters, torch_device, kept) if asked == "auto" else asked

        def precision_on_cpu(tower: ImageTower) -> str:
            if asked == "auto" and taken != "float32":
                return choose_precision(tower, parameters, CPU, kept)
            return "float32" if taken == "float16" else taken

        encoder = ViewEncoder(tower, torch_device, taken, reload, precision_on_cpu)
        trait = None if taken == "float32" else REDUCED if asked == "auto" else taken
        return cls(tower, encoder, parameters, trait, exact_decode)

    def under(self, parameters: MaclipParameters) -> "MaclipScorer":
        """The same network at work under other *parameters*, of the same backbone and prompts; it is shared."""
        other = copy(self)
        other._parameters = parameters
        return other

    @property
    def model_id(self) -> str:
        """Names everything a score depends on; stable from run to run."""
        drafts = not self._exact_decode and squashed_side(self._parameters.protocol) is not None
        traits = (self._precision_trait, DRAFT if drafts else None, SRGB if self.colour_managed else None)
        return self._parameters.model_id(self.weights_sha256, *filter(None, traits))

    @property
    def device(self) -> str:
        """Where the model runs, as shown to the user; another one after a fault."""
        return self._encoder.title

    @property
    def precision(self) -> str:
        """``"float32"``, ``"bfloat16"`` or ``"float16"``."""
        return self._encoder.precision

    @property
    def photos_at_once(self) -> int:
        """How many photos are worth gathering for one call of `score`."""
        return photos_at_once(self._encoder.device)

    @property
    def prompts(self) -> PromptPairs:
        """The pairs that photos are compared with."""
        return self._parameters.prompts

    def take_notice(self) -> str | None:
        """What the user should be told since this was last asked: that a device failed and another goes on."""
        return self._encoder.take_notice()

    @property
    def colour_managed(self) -> bool:
        """Whether colours are to be converted to sRGB. Not for exact decoding: the method takes values as stored."""
        return not self._exact_decode

    def min_side(self, width: int, height: int) -> int | None:
        """Pixels of the short side that a photo of *width* x *height* must keep when it is decoded; None for all.

        Only photos of at least twice the needed size are decoded reduced: then the protocol's own resizing still
        averages over what is left.
        """
        needed = squashed_side(self._parameters.protocol)
        if self._exact_decode or needed is None or not width or not height:
            return None
        short, long = min(width, height), max(width, height)
        enough = max(needed, -(-MEASURED_SIDE * short // long))
        return enough if short >= 2 * enough else None

    def prepare(self, photo: DecodedPhoto) -> PreparedPhoto:
        """Resize as the protocol asks and take the technical measures. Raises `PhotoError` for an extreme strip."""
        fitted = fit_to_protocol(photo.pixels, self._parameters.protocol)
        return PreparedPhoto(picture_tensor(fitted, self._encoder.device), self._measure(photo))

    def prepared_bytes(self, width: int, height: int) -> int:
        """Bytes of a prepared photo's pixels."""
        return 3 * fitted_pixels(width, height, self._parameters.protocol)

    def score(self, prepared: Sequence[PreparedPhoto], should_stop: ShouldStop = never) -> list[Score]:
        """Score photos in their order; a photo's score does not depend on its neighbours.

        Raises `ScoringStopped` soon after *should_stop* says yes: it is asked before every micro-batch.
        """
        return [
            self._score_of(features, photo)
            for features, photo in zip(self.features(prepared, should_stop), prepared, strict=True)
        ]

    def features(self, prepared: Sequence[PreparedPhoto], should_stop: ShouldStop = never) -> list[Tensor]:
        """The image features of every photo's views: float32 (views, D) on the CPU, tiles first, the whole last."""
        return self._encoder.encode([photo.picture for photo in prepared], should_stop)

    def quality(self, features: Tensor, parameters: MaclipParameters) -> float:
        """The score of a photo with these *features* under other *parameters* (of the same backbone and prompts)."""
        return view_cues(features, self._text_features, self._logit_scale, parameters).quality.mean().item()

    def _score_of(self, features: Tensor, photo: PreparedPhoto) -> Score:
        cues = view_cues(features, self._text_features, self._logit_scale, self._parameters)
        return Score(
            value=cues.quality.mean().item(),
            scorer=self.name,
            model_id=self.model_id,
            views=len(features),
            cues=mean_cues(cues, self._parameters.prompts),
            technical=photo.technical,
            tiles=_tile_scores(cues, photo.picture),
            embedding=features.mean(dim=0).numpy().astype("<f2").tobytes(),
        )


def mean_cues(cues: ViewCues, prompts: PromptPairs) -> Cues:
    """The parts of a photo's score: means over its views."""
    positives = (positive for positive, _ in prompts)
    return Cues(
        q_sim=cues.q_sim.mean().item(),
        q_mag=cues.q_mag.mean().item(),
        w_sim=cues.w_sim.mean().item(),
        w_mag=cues.w_mag.mean().item(),
        prompts=dict(zip(positives, cues.prompts.mean(dim=0).tolist(), strict=True)),
    )


def _tile_scores(cues: ViewCues, picture: Tensor) -> TileScores:
    *tiles, whole = cues.quality.tolist()
    height, width = picture.shape[:2]
    return TileScores(width, height, tuple(tiles), whole)


def _technical_measures(photo: DecodedPhoto) -> TechnicalMeasures:
    from maclip_desktop.scoring.technical import measure

    return measure(photo)
