"""The MA-CLIP scorer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import Cues, Score, TechnicalMeasures
from maclip_desktop.scoring.backbone import ClipNetwork, build_network, normalise
from maclip_desktop.scoring.batching import encode_photos
from maclip_desktop.scoring.cues import ViewCues, view_cues
from maclip_desktop.scoring.devices import device_title, dtype_of, resolve_device, resolve_precision
from maclip_desktop.scoring.parameters import MaclipParameters
from maclip_desktop.scoring.prompts import PROMPT_PAIRS
from maclip_desktop.scoring.scorer import ShouldStop, never
from maclip_desktop.scoring.views import cut_views, fit_to_protocol, fitted_pixels
from maclip_desktop.scoring.weights import file_sha256, read_weights

MICRO_BATCH = 16
"""Views per pass through the network: about 10 MB of input, and activations of some hundred MB."""

Measure = Callable[[DecodedPhoto], TechnicalMeasures]


@dataclass(frozen=True, slots=True)
class PreparedPhoto:
    """A photo waiting for the model: bytes only, the views are cut when their turn comes."""

    pixels: NDArray[np.uint8]
    """(height, width, 3), resized as the protocol asks."""
    technical: TechnicalMeasures


class MaclipScorer:
    """Magnitude-aware CLIP (AAAI 2026): a no-reference quality score, higher is better.

    `prepare` may run in many threads; `score` belongs to one thread at a time.
    """

    name = "maclip"

    def __init__(
        self,
        network: ClipNetwork,
        parameters: MaclipParameters,
        model_id: str,
        device: torch.device | None = None,
        precision: str = "float32",
        measure: Measure | None = None,
    ) -> None:
        """*precision*: a resolved one. *measure*: what explains a score; the technical measures unless given."""
        self.model_id = model_id
        self._parameters = parameters
        self._torch_device = device or torch.device("cpu")
        self._dtype = dtype_of(precision)
        self._measure = measure or _technical_measures
        self._encoder = network.image_encoder.to(self._torch_device, self._dtype).eval()
        self._text_features = network.text_features
        self._logit_scale = network.logit_scale
        self.device = device_title(self._torch_device)

    @classmethod
    def load(
        cls, parameters: MaclipParameters, weights: Path, device: str = "auto", precision: str = "auto"
    ) -> "MaclipScorer":
        """Read *weights* and build the scorer: a second or more, so keep it out of the window's thread.

        Raises `WeightsError`, `DeviceError` or `UsageError`.
        """
        torch_device = resolve_device(device)
        resolved = resolve_precision(precision, torch_device)
        network = build_network(parameters.backbone, read_weights(weights, parameters.backbone))
        model_id = parameters.model_id(file_sha256(weights), *([] if resolved == "float32" else [resolved]))
        return cls(network, parameters, model_id, torch_device, resolved)

    def prepare(self, photo: DecodedPhoto) -> PreparedPhoto:
        """Resize as the protocol asks and take the technical measures. Raises `PhotoError` for an extreme strip."""
        return PreparedPhoto(fit_to_protocol(photo.pixels, self._parameters.protocol), self._measure(photo))

    def prepared_bytes(self, width: int, height: int) -> int:
        """Bytes of a prepared photo's pixels."""
        return 3 * fitted_pixels(width, height, self._parameters.protocol)

    def score(self, prepared: Sequence[PreparedPhoto], should_stop: ShouldStop = never) -> list[Score]:
        """Score photos in their order; a photo's score does not depend on its neighbours.

        Raises `ScoringStopped` soon after *should_stop* says yes: it is asked before every micro-batch.
        """
        return [
            self._score_of(
                features, view_cues(features, self._text_features, self._logit_scale, self._parameters), photo
            )
            for features, photo in zip(self.features(prepared, should_stop), prepared, strict=True)
        ]

    def features(self, prepared: Sequence[PreparedPhoto], should_stop: ShouldStop = never) -> list[Tensor]:
        """The image features of every photo's views: float32 (views, D) on the CPU, tiles first, the whole last."""
        return encode_photos([cut_views(photo.pixels) for photo in prepared], self._encode, MICRO_BATCH, should_stop)

    @torch.inference_mode()
    def _encode(self, views: Tensor) -> Tensor:
        views = normalise(views.to(self._torch_device)).to(self._dtype)
        # float32 means float32: a graphics card would otherwise round the factors of its convolutions to 10 bits.
        with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            features: Tensor = self._encoder(views)
        return features.float().cpu()

    def _score_of(self, features: Tensor, cues: ViewCues, photo: PreparedPhoto) -> Score:
        return Score(
            value=cues.quality.mean().item(),
            scorer=self.name,
            model_id=self.model_id,
            views=len(features),
            cues=mean_cues(cues),
            technical=photo.technical,
            embedding=features.mean(dim=0).numpy().astype("<f2").tobytes(),
        )


def mean_cues(cues: ViewCues) -> Cues:
    """The parts of a photo's score: means over its views."""
    return Cues(
        q_sim=cues.q_sim.mean().item(),
        q_mag=cues.q_mag.mean().item(),
        w_sim=cues.w_sim.mean().item(),
        w_mag=cues.w_mag.mean().item(),
        prompts=dict(zip((positive for positive, _ in PROMPT_PAIRS), cues.prompts.mean(dim=0).tolist(), strict=True)),
    )


def _technical_measures(photo: DecodedPhoto) -> TechnicalMeasures:
    from maclip_desktop.scoring.technical import measure

    return measure(photo)
