"""The technical scorer: sharpness, exposure, contrast and noise, without any weights.

Each part is 0..1 and their product makes the score, so that one bad part ruins a photo and cannot be outweighed: what
culling is about. The few constants were set by perceptual reasons and checked against opinion scores on two sets of
photographs (`tests/benchmarks/technical_correlation.py`); nothing was trained.
"""

import math
from collections.abc import Sequence

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import Reason, Score, TechnicalMeasures
from maclip_desktop.scoring.measures import PixelStatistics, read_statistics

_SHOWN_POWER = 1 / 3
"""Parts are shown as cube roots, which spreads ordinary photos over 0..1 instead of crowding them near 0."""

# Where each part, before its cube root, stands at one half. Halving or doubling any one of them moves the rank
# correlation with people by less than 0.02.
_HALF_DETAIL = 0.05
_HALF_SIDE = 64
_HALF_MIDDLE = 0.2
_HALF_WHITE = 0.6
_HALF_TONES = 0.05
_HALF_COLOUR = 0.1
_HALF_NOISE = 0.04

_CLIPPED_LOSS = 0.7
_NEAR_WHITE_LOSS = 0.5
_TONES_WEIGHT = 0.3
_COLOUR_SHARE = 0.4

_MIDDLING_PRODUCT = 0.42
"""The product of the shown parts that a middling photo has: it scores one half."""
_STEEPNESS = 3

# Reasons are given late: a photo that people like should have none. The fields are those of `PixelStatistics`.
_BLURRED_BELOW = 0.004
_DARK_BELOW = 0.3
_BURNT_ABOVE = 0.12
_FLAT_BELOW = 0.06
_NOISY_ABOVE = 0.03
_SMALL_BELOW = 200


class TechnicalScorer:
    """Scores photos by what can be measured; needs no weights, no network and no accelerator."""

    name = "technical"
    model_id = "technical-1"
    device = "CPU"

    def prepare(self, photo: DecodedPhoto) -> TechnicalMeasures:
        """Do all the work; may run in several threads at once."""
        return measure(photo)

    def score(self, prepared: Sequence[TechnicalMeasures]) -> list[Score]:
        """Wrap the measures, in their order; ``value`` lies in 0..1."""
        return [
            Score(value=measures.score, scorer=self.name, model_id=self.model_id, technical=measures)
            for measures in prepared
        ]


def measure(photo: DecodedPhoto) -> TechnicalMeasures:
    """Measure *photo*: four parts and their joined score, each 0..1, and why it is low."""
    return judge(read_statistics(photo))


def judge(seen: PixelStatistics) -> TechnicalMeasures:
    """Turn statistics into parts, score and reasons."""
    parts = [part**_SHOWN_POWER for part in (_sharpness(seen), _exposure(seen), _contrast(seen), _cleanness(seen))]
    sharpness, exposure, contrast, noise = parts
    return TechnicalMeasures(sharpness, exposure, contrast, noise, score=_joined(parts), reasons=_reasons(seen))


def _sharpness(seen: PixelStatistics) -> float:
    """Fine detail that is there; a photo of few pixels cannot hold any, however crisp they are."""
    return _rising(seen.detail, _HALF_DETAIL) * _rising(seen.short_side, _HALF_SIDE, power=2)


def _exposure(seen: PixelStatistics) -> float:
    """Bright middle tones, light tones that reach white, and few of them burnt out."""
    lit = _rising(seen.middle, _HALF_MIDDLE) * _rising(seen.white, _HALF_WHITE, power=2)
    # The root lets the first lost highlights count most.
    return lit * math.exp(-_CLIPPED_LOSS * math.sqrt(seen.clipped) - _NEAR_WHITE_LOSS * seen.near_white)


def _contrast(seen: PixelStatistics) -> float:
    """Spread of tones and of colours."""
    tones = math.pow(_rising(seen.tone_spread, _HALF_TONES, power=2), _TONES_WEIGHT)
    # Colour adds to contrast; a black-and-white photo only goes without the addition.
    return tones * (1 - _COLOUR_SHARE + _COLOUR_SHARE * _rising(seen.colour_spread, _HALF_COLOUR))


def _cleanness(seen: PixelStatistics) -> float:
    return 1 / (1 + (seen.noise / _HALF_NOISE) ** 2)


def _rising(amount: float, half: float, power: float = 1) -> float:
    """Rise from 0 towards 1, passing one half at *half* (Hill's curve): it never saturates, so order is kept."""
    raised = math.pow(amount, power)
    return raised / (raised + math.pow(half, power))


def _joined(parts: Sequence[float]) -> float:
    product = math.prod(parts) ** _STEEPNESS
    middling = _MIDDLING_PRODUCT**_STEEPNESS
    return min(1.0, (1 + middling) * product / (product + middling))


def _reasons(seen: PixelStatistics) -> tuple[Reason, ...]:
    dark = seen.bright < _DARK_BELOW
    # Detail fades with the light: measured against the photo's own white, a dark photo is not called blurred as well.
    found = {
        Reason.SMALL: seen.short_side < _SMALL_BELOW,
        Reason.TOO_DARK: dark,
        Reason.BURNT_OUT: seen.clipped > _BURNT_ABOVE,
        Reason.BLURRED: seen.detail < _BLURRED_BELOW * seen.white,
        Reason.FLAT: seen.tone_spread < _FLAT_BELOW and not dark,
        Reason.NOISY: seen.noise > _NOISY_ABOVE,
    }
    return tuple(reason for reason, holds in found.items() if holds)
