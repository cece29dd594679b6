"""MA-CLIP for Python programs.

    from maclip_desktop import Maclip

    scorer = Maclip(backbone="RN50")
    result = scorer("photo.jpg")
    print(result.score, result.q_sim, result.q_mag)

Source of the method: "Beyond Cosine Similarity: Magnitude-Aware CLIP for No-Reference Image Quality Assessment"
(AAAI 2026).
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from maclip_desktop.core.score import Score
from maclip_desktop.core.tiles import Rectangle
from maclip_desktop.errors import PhotoError, UsageError
from maclip_desktop.imaging.decode import decoded
from maclip_desktop.imaging.failures import shown
from maclip_desktop.imaging.given import from_array, from_image
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.jobs.tasks import MAX_HELD_BYTES, ahead, decode_threads
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.factory import ScorerChoice, load_maclip
from maclip_desktop.scoring.maclip import MaclipScorer, PreparedPhoto
from maclip_desktop.scoring.parameters import MaclipParameters
from maclip_desktop.scoring.prompts import PROMPT_PAIRS, PromptPairs

Photo = str | os.PathLike[str] | Image.Image | NDArray[Any]
"""A file, a Pillow image, or an array as `imaging.given.from_array` takes it."""


@dataclass(frozen=True)
class Tile:
    """The score of one 224 x 224 view of a photo."""

    place: Rectangle
    """Where it lies in the upright photo, in parts of its width and height."""
    score: float


@dataclass(frozen=True)
class MaclipResult:
    """What MA-CLIP says of one photo. All numbers but the tiles' are means over the photo's views."""

    score: float
    """Higher is better; not bounded by 1."""
    q_sim: float
    """Prompt similarity, 0..1 (equation 6)."""
    q_mag: float
    """Magnitude of the feature, 0 or more (equation 10)."""
    w_sim: float
    """Weight of the prompt similarity, 0..1 (equation 14); ``w_sim + w_mag`` is 1."""
    w_mag: float
    prompts: Mapping[str, float]
    """Positive prompt -> its probability against its antonym, 0..1."""
    tiles: tuple[Tile, ...]
    """Row by row from the top left."""
    whole: float
    """The score of the view that shows the whole photo."""
    embedding: NDArray[np.float32]
    """(D,): the mean image feature over the views, not normalised, rounded to float16."""


class Maclip:
    """Scores photos: no reference needed, no training.

    One object belongs to one thread. The weights are loaded when it is made.
    """

    def __init__(
        self,
        backbone: str = "RN50",
        weights: str | os.PathLike[str] | None = None,
        device: str = "auto",
        precision: str = "auto",
        *,
        prompts: Sequence[tuple[str, str]] = PROMPT_PAIRS,
        exact_decode: bool = True,
    ) -> None:
        """Load the network.

        Args:
            backbone: RN50, RN101, RN50x4, ViT-B/32, ViT-B/16 or ViT-L/14.
            weights: a file of CLIP weights, compact or complete; None takes what the program has downloaded or
                imported, and downloads it where there is none.
            device: auto, cpu, cuda, cuda:N or mps.
            precision: float32, bfloat16, float16, or auto: the reduced one where the device is faster in it and the
                scores of built-in test pictures stay within 2e-3 of float32's.
            prompts: pairs of (positive, negative) prompts. Other than the paper's need complete weights, or ones
                imported with them.
            exact_decode: False decodes large files no larger than needed: faster, and 3e-5 off at most where it was
                measured (with stand-in weights; `maclip-desktop bench --compare-precisions` measures it with yours).

        Raises:
            UsageError: there is no such backbone, device or precision, or the prompts cannot be used.
            WeightsError: the weights are missing, damaged or made for another backbone, or cannot be downloaded.
            DeviceError: the device is missing or cannot compute in the precision.
        """
        self._parameters = MaclipParameters(backbone=backbone, prompts=_pairs(prompts))
        choice = ScorerChoice(
            kind="maclip",
            weights=None if weights is None else Path(weights).expanduser(),
            parameters=self._parameters,
            device=device,
            precision=precision,
            exact_decode=exact_decode,
        )
        self._scorer = load_maclip(choice, AppPaths.default().weights, allow_download=True)

    @property
    def device(self) -> str:
        """Where the network runs."""
        return self._scorer.device

    @property
    def warning(self) -> str | None:
        """What must stand beside the scores, a sentence: that the weights are nobody's known ones. Or None."""
        return self._scorer.warning

    @property
    def precision(self) -> str:
        """In what the network computes; the cues always in float32."""
        return self._scorer.precision

    @overload
    def __call__(self, photos: Photo, **options: Any) -> MaclipResult: ...

    @overload
    def __call__(self, photos: Sequence[Photo], **options: Any) -> list[MaclipResult]: ...

    def __call__(self, photos: Photo | Sequence[Photo], **options: Any) -> MaclipResult | list[MaclipResult]:
        """Score one photo, or several: a photo's numbers do not depend on the others (to 1e-6).

        Args:
            photos: a path, a Pillow image, an array (height, width[, channels]), or a list of these.
            options: ``protocol`` (resize448, native or resize224; resize448 unless given), ``box_lam`` (0.5),
                ``base_cos`` (1.0), ``base_norm`` (0.6), ``alpha`` (1.0), ``magnitude`` (box-cox, l1 or l2),
                ``fixed_w_sim`` (None, or 0..1: a constant weight of the prompt similarity).

        Raises:
            PhotoError: a file or an image cannot be read or is too large; the sentence names it. Nothing is scored.
            UsageError: an option is unknown or out of range, or an array is no picture.
        """
        scorer = self._scorer.under(self._with(options))
        if isinstance(photos, str | os.PathLike | Image.Image | np.ndarray):
            return _result(*scorer.score([_prepared(photos, *_size(photos), scorer)]))
        with ThreadPoolExecutor(decode_threads(), thread_name_prefix="decode") as pool:
            return [_result(score) for scores in _scored(photos, scorer, pool) for score in scores]

    def _with(self, options: Mapping[str, Any]) -> MaclipParameters:
        unknown = options.keys() - _OPTIONS.keys()
        if unknown:
            raise UsageError(f"There is no option {sorted(unknown)[0]!r}; the options are {', '.join(_OPTIONS)}.")
        return replace(self._parameters, **{_OPTIONS[name]: value for name, value in options.items()})


_OPTIONS = {
    "protocol": "protocol",
    "box_lam": "box_lambda",
    "base_cos": "base_cos",
    "base_norm": "base_norm",
    "alpha": "alpha",
    "magnitude": "magnitude",
    "fixed_w_sim": "fixed_w_sim",
}
"""Names of the paper's quick start -> ours."""


def _pairs(prompts: Sequence[Sequence[str]]) -> PromptPairs:
    try:
        pairs = tuple((positive, negative) for positive, negative in prompts)
        if all(isinstance(prompt, str) for pair in pairs for prompt in pair):
            return pairs
    except (TypeError, ValueError):
        pass  # said below
    raise UsageError("Prompts must be pairs of a positive and a negative text.")


def _scored(photos: Iterable[Photo], scorer: MaclipScorer, pool: Executor) -> Iterator[list[Score]]:
    """Decoded ahead of the model, within bounds of memory however large the photos are."""
    sized = ((photo, *_size(photo)) for photo in photos)
    pairs = ahead(
        sized,
        lambda one: _prepared(*one, scorer),
        pool,
        2 * scorer.photos_at_once,
        lambda one: scorer.prepared_bytes(*one[1:]),
    )
    batch: list[PreparedPhoto] = []
    with closing(pairs):  # after a photo that fails nobody wants those begun after it
        for _, future in pairs:
            batch.append(future.result())
            held = sum(prepared.picture.nbytes for prepared in batch)
            if len(batch) >= scorer.photos_at_once or held > MAX_HELD_BYTES // 2:
                yield scorer.score(batch)
                batch = []
    if batch:
        yield scorer.score(batch)


def _size(photo: Photo) -> tuple[int, int]:
    """Width and height, upright."""
    if isinstance(photo, Image.Image):
        return photo.size
    if isinstance(photo, np.ndarray):
        return (photo.shape[1], photo.shape[0]) if photo.ndim > 1 else (0, 0)
    info = read_info(Path(photo).expanduser())
    return info.width, info.height


def _prepared(photo: Photo, width: int, height: int, scorer: MaclipScorer) -> PreparedPhoto:
    """*width* and *height*: the photo's `_size`."""
    if isinstance(photo, Image.Image):
        return scorer.prepare(from_image(photo, colour_managed=scorer.colour_managed))
    if isinstance(photo, np.ndarray):
        return scorer.prepare(from_array(photo))
    path = Path(photo).expanduser()
    side = scorer.min_side(width, height)
    with decoded(path, min_side=side, colour_managed=scorer.colour_managed) as pixels:
        try:
            return scorer.prepare(pixels)
        except PhotoError as error:  # a scorer knows pixels only
            raise PhotoError(f"{shown(path)}: {error}") from error


def _result(score: Score) -> MaclipResult:
    cues, tiles = score.cues, score.tiles
    assert cues is not None and tiles is not None and score.embedding is not None  # MA-CLIP's always has them
    return MaclipResult(
        score=score.value,
        q_sim=cues.q_sim,
        q_mag=cues.q_mag,
        w_sim=cues.w_sim,
        w_mag=cues.w_mag,
        prompts=dict(cues.prompts),
        tiles=tuple(Tile(*pair) for pair in zip(tiles.rectangles(), tiles.values, strict=True)),
        whole=tiles.whole,
        embedding=np.frombuffer(score.embedding, dtype="<f2").astype(np.float32),
    )
