"""The technical scorer: sharpness, exposure, contrast and noise, without any weights.

The parts are joined as a weighted product, so that one bad part ruins a photo and cannot be outweighed: what culling is
about. Detail and contrast are measured against the photo's own highlights, so that more light alone makes nothing
sharper: a photo falls when it is darkened (it no longer reaches white) and when it is brightened (it burns out).

The few constants were chosen for their rank correlation with opinion scores on two sets of photographs and for graded
degradations falling at every step (`tests/benchmarks/technical_correlation.py`); nothing was trained.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import Reason, Score, TechnicalMeasures
from maclip_desktop.scoring.measures import PixelStatistics, read_statistics
from maclip_desktop.scoring.scorer import ShouldStop, never

# Where each measure stands at one half. Changing any one of them by a quarter moves the rank correlation with people by
# less than 0.01.
_HALF_DETAIL = 0.05
_HALF_SIDE = 64
_HALF_MEAN = 1.0
_HALF_WHITE = 2.7
_HALF_TONES = 0.05
_HALF_COLOUR = 0.15
_HALF_NOISE = 0.04

_DETAIL_POWER = 1.5
"""Above 1, because detail in a bright photo is seen less than the same detail in a dark one (found, not derived)."""
_LIT_WEIGHT = 0.85
_WHITE_WEIGHT = 1.7
_CLIPPED_LOSS = 0.85
_CLIPPED_POWER = 0.75
_BLOWN_LOSS = 2
_LIGHTNESS_LOSS = 0.2
_TONES_WEIGHT = 0.1
_COLOUR_SHARE = 0.35

_MIDDLING = -2.75
"""Logarithm of the product of the parts that a middling photo has: it scores one half."""
_STEEPNESS = 2

_SHOWN_POWER = {"sharpness": 0.5, "exposure": 0.25, "contrast": 1.0, "noise": 0.5}
"""Parts are shown as roots, which spread ordinary photos over 0..1; the score is made of the parts themselves."""

# Reasons are given late: a photo that people like should have none. The fields are those of `PixelStatistics`.
_BLURRED_BELOW = 0.005
_DARK_BELOW = 0.3
_BURNT_ABOVE = 0.2
_FLAT_BELOW = 0.06
_NOISY_ABOVE = 0.03
_SMALL_BELOW = 200

_EXPLAINED_BELOW = 0.25
"""A score so low gets a reason in any case: what it lacks most, compared with a middling photo."""
_MIDDLING_SHOWN = {Reason.BLURRED: 0.55, Reason.TOO_DARK: 0.75, Reason.FLAT: 0.8, Reason.NOISY: 1.0}


class TechnicalScorer:
    """Scores photos by what can be measured; needs no weights, no network and no accelerator."""

    name = "technical"
    model_id = "technical-2"
    device = "CPU"
    precision = "float32"
    photos_at_once = 8
    colour_managed = True
    warning = None

    def min_side(self, width: int, height: int) -> int | None:
        """All of a photo is looked at."""
        return None

    def take_notice(self) -> str | None:
        """Nothing ever happens here."""
        return None

    def prepare(self, photo: DecodedPhoto) -> TechnicalMeasures:
        """Do all the work; may run in several threads at once."""
        return measure(photo)

    def prepared_bytes(self, width: int, height: int) -> int:
        """Nothing worth counting: a few numbers."""
        return 0

    def score(self, prepared: Sequence[TechnicalMeasures], should_stop: ShouldStop = never) -> list[Score]:
        """Wrap the measures, in their order; ``value`` lies in 0..1. Too quick to be stopped."""
        return [
            Score(value=measures.score, scorer=self.name, model_id=self.model_id, technical=measures)
            for measures in prepared
        ]


def measure(photo: DecodedPhoto) -> TechnicalMeasures:
    """Measure *photo*: four parts and their joined score, each 0..1, and why it is low."""
    return judge(read_statistics(photo))


def judge(seen: PixelStatistics) -> TechnicalMeasures:
    """Turn statistics into parts, score and reasons."""
    parts = {
        "sharpness": _sharpness(seen),
        "exposure": _exposure(seen),
        "contrast": _contrast(seen),
        "noise": _cleanness(seen),
    }
    shown = {name: value ** _SHOWN_POWER[name] for name, value in parts.items()}
    score = _joined(parts.values())
    reasons = _reasons(seen)
    if not reasons and score < _EXPLAINED_BELOW:
        reasons = (_weakest(shown, seen),)
    return TechnicalMeasures(**shown, score=score, reasons=reasons)


def _weakest(shown: Mapping[str, float], seen: PixelStatistics) -> Reason:
    """What a low photo lacks most."""
    lacking = {
        reason: shown[part] / middling
        for part, (reason, middling) in zip(
            ("sharpness", "exposure", "contrast", "noise"), _MIDDLING_SHOWN.items(), strict=True
        )
    }
    weakest = min(lacking, key=lambda reason: lacking[reason])
    too_light = seen.clipped > 0 and seen.mean > seen.highlights / 2
    return Reason.BURNT_OUT if weakest is Reason.TOO_DARK and too_light else weakest


def _sharpness(seen: PixelStatistics) -> float:
    """Fine detail that is there; a photo of few pixels cannot hold any, however crisp they are."""
    detail = seen.detail / math.pow(seen.highlights, _DETAIL_POWER)
    return _rising(detail, _HALF_DETAIL) * _rising(seen.short_side, _HALF_SIDE, power=2)


def _exposure(seen: PixelStatistics) -> float:
    """A light mean for its highlights, light tones that reach white, and few of them burnt out."""
    lit = math.pow(_rising(seen.mean / seen.highlights, _HALF_MEAN), _LIT_WEIGHT)
    white = math.pow(_rising(seen.white, _HALF_WHITE, power=2) / _rising(1, _HALF_WHITE, power=2), _WHITE_WEIGHT)
    lost = _CLIPPED_LOSS * math.pow(seen.clipped, _CLIPPED_POWER) + _LIGHTNESS_LOSS * seen.lightness
    # Squared: a lamp or a piece of sky is forgiven, half a picture of nothing is not.
    return lit * white * math.exp(-lost - _BLOWN_LOSS * seen.blown**2)


def _contrast(seen: PixelStatistics) -> float:
    """Spread of tones and of colours, for the highlights."""
    tones = _rising(seen.tone_spread / seen.highlights, _HALF_TONES, power=2)
    colours = _rising(seen.colour_spread / seen.highlights, _HALF_COLOUR)
    # Colour adds to contrast; a black-and-white photo only goes without the addition.
    return math.pow(tones, _TONES_WEIGHT) * (1 - _COLOUR_SHARE + _COLOUR_SHARE * colours)


def _cleanness(seen: PixelStatistics) -> float:
    return 1 / (1 + (seen.noise / _HALF_NOISE) ** 2)


def _rising(amount: float, half: float, power: float = 1) -> float:
    """Rise from 0 towards 1, passing one half at *half* (Hill's curve): it never saturates, so order is kept."""
    raised = math.pow(amount, power)
    return raised / (raised + math.pow(half, power))


def _joined(parts: Iterable[float]) -> float:
    """The product of the parts on an S-curve of its logarithm: 0..1, one half for a middling photo."""
    product = math.prod(parts)
    return product**_STEEPNESS / (product**_STEEPNESS + math.exp(_STEEPNESS * _MIDDLING))


def _reasons(seen: PixelStatistics) -> tuple[Reason, ...]:
    dark = seen.bright < _DARK_BELOW
    found = {
        Reason.SMALL: seen.short_side < _SMALL_BELOW,
        Reason.TOO_DARK: dark,
        Reason.BURNT_OUT: seen.clipped > _BURNT_ABOVE,
        Reason.BLURRED: seen.detail < _BLURRED_BELOW * seen.highlights,
        Reason.FLAT: seen.tone_spread < _FLAT_BELOW and not dark,
        Reason.NOISY: seen.noise > _NOISY_ABOVE,
    }
    return tuple(reason for reason, holds in found.items() if holds)
