"""What ``evaluate`` asks of a scorer: several ways of scoring from one pass over each photo."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Protocol, cast

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.errors import PhotoError, UserFacingError
from maclip_desktop.evaluation.paper import (
    FIXED_20,
    FIXED_50,
    FIXED_80,
    L1_ALONE,
    L1_FUSED,
    L2_ALONE,
    L2_FUSED,
    MACLIP,
    Q_MAG,
    Q_SIM,
)
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.jobs.tasks import MAX_HELD_BYTES, ahead, failure, held_bytes, prepare
from maclip_desktop.scoring.parameters import MaclipParameters, Magnitude
from maclip_desktop.scoring.scorer import Scorer

TECHNICAL = "technical"
TECHNICAL_PARTS = ("sharpness", "exposure", "contrast", "noise")


class FeatureScorer(Protocol):
    """What the ablation needs of MA-CLIP beyond a score."""

    def features(self, prepared: Sequence[Any]) -> list[Any]:
        """The image features of every photo's views: the one pass of the network."""

    def quality(self, features: Any, parameters: MaclipParameters) -> float:
        """The photo's score under *parameters*."""


@dataclass(frozen=True)
class Ways:
    """The ways of scoring that are compared; the first is the one asked for."""

    names: tuple[str, ...]
    rate: Callable[[Sequence[Any]], list[tuple[float, ...]]]
    """Prepared photos -> for each photo a score by every way."""


@dataclass(frozen=True, slots=True)
class Rating:
    """A photo's scores by every way, or the sentence why there are none."""

    row: PhotoRow
    scores: tuple[float, ...]
    error: str | None = None


def ways_of(scorer: Scorer, parameters: MaclipParameters, ablation: bool) -> Ways:
    """The ways to score with *scorer*; with *ablation* the paper's alternatives, or the technical scorer's parts."""
    if scorer.name == "technical":
        return _technical_ways(scorer, ablation)
    if not ablation:
        return Ways((MACLIP,), lambda prepared: [(score.value,) for score in scorer.score(prepared)])
    alternatives = alternatives_of(parameters)
    network = cast(FeatureScorer, scorer)

    def rate(prepared: Sequence[Any]) -> list[tuple[float, ...]]:
        return [
            tuple(float(network.quality(features, one)) for one in alternatives.values())
            for features in network.features(prepared)
        ]

    return Ways(tuple(alternatives), rate)


def alternatives_of(own: MaclipParameters) -> dict[str, MaclipParameters]:
    """The parameters asked for and the paper's ablations of them (tables 3 to 5), by name."""
    # Fixed weights are what the ablation varies; with one asked for, "fused" still means by confidence.
    fused = replace(own, fixed_w_sim=None)
    l1, l2 = (replace(fused, magnitude=magnitude) for magnitude in (Magnitude.L1, Magnitude.L2))
    return {
        MACLIP: own,
        Q_SIM: replace(own, fixed_w_sim=1.0),
        Q_MAG: replace(own, fixed_w_sim=0.0),
        L1_ALONE: replace(l1, fixed_w_sim=0.0),
        L2_ALONE: replace(l2, fixed_w_sim=0.0),
        L1_FUSED: l1,
        L2_FUSED: l2,
        FIXED_80: replace(own, fixed_w_sim=0.8),
        FIXED_50: replace(own, fixed_w_sim=0.5),
        FIXED_20: replace(own, fixed_w_sim=0.2),
    }


def rate_photos(
    photos: Sequence[PhotoRow], scorer: Scorer, ways: Ways, pool: Executor, look_ahead: int
) -> Iterator[list[Rating]]:
    """Rate *photos* in batches, decoding ahead of the model; a bad photo never shifts its neighbours.

    Raises the `UserFacingError` that is about the scorer and not about a photo.
    """
    good: list[tuple[PhotoRow, Any]] = []
    pairs = ahead(
        (_with_size(photo) for photo in photos),
        lambda row: prepare(row, scorer),
        pool,
        look_ahead,
        lambda row: held_bytes([row], scorer),
    )
    with closing(cast(Any, pairs)):
        for row, future in pairs:
            error = future.exception()
            if error is None:
                good.append((row, future.result()))
            else:
                yield [_failed(row, error)]
            if len(good) >= scorer.photos_at_once or held_bytes((row for row, _ in good), scorer) > MAX_HELD_BYTES // 2:
                yield _rated(good, ways)
                good = []
    if good:
        yield _rated(good, ways)


def _with_size(row: PhotoRow) -> PhotoRow:
    """With its width and height, which tell how much memory it will take; without, where they cannot be read."""
    try:
        info = read_info(row.path)
    except PhotoError:
        return row
    return replace(row, width=info.width, height=info.height)


def _technical_ways(scorer: Scorer, ablation: bool) -> Ways:
    parts = TECHNICAL_PARTS if ablation else ()

    def rate(prepared: Sequence[Any]) -> list[tuple[float, ...]]:
        return [(score.value, *(getattr(score.technical, part) for part in parts)) for score in scorer.score(prepared)]

    return Ways((TECHNICAL, *parts), rate)


def _rated(pairs: list[tuple[PhotoRow, Any]], ways: Ways) -> list[Rating]:
    """Rate a batch; a photo that spoils it is found by rating one by one."""
    try:
        scores = ways.rate([prepared for _, prepared in pairs])
    except Exception as error:
        if isinstance(error, UserFacingError) and not isinstance(error, PhotoError):
            raise
        if len(pairs) == 1:
            return [_failed(pairs[0][0], error)]
        return [rating for pair in pairs for rating in _rated([pair], ways)]
    return [_finite(row, found) for (row, _), found in zip(pairs, scores, strict=True)]


def _finite(row: PhotoRow, scores: tuple[float, ...]) -> Rating:
    if all(abs(score) < float("inf") for score in scores):
        return Rating(row, scores)
    return Rating(row, (), f"{row.path} got no usable score; try another scorer.")


def _failed(row: PhotoRow, error: BaseException) -> Rating:
    return Rating(row, (), failure(row, error).error)
