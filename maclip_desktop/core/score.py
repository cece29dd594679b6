"""A score and the parts it can be opened up into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from maclip_desktop.core.tiles import TileScores


class Reason(StrEnum):
    """Why a photo is low, in plain words (the values are what lists show)."""

    BLURRED = "blurred"
    TOO_DARK = "too dark"
    BURNT_OUT = "burnt out"
    FLAT = "low contrast"
    NOISY = "noisy"
    SMALL = "low resolution"


@dataclass(frozen=True, slots=True)
class TechnicalMeasures:
    """What can be measured without a model; each value in 0..1, higher is better."""

    sharpness: float
    exposure: float
    contrast: float
    noise: float
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Cues:
    """The parts of an MA-CLIP score, each a mean over the photo's views."""

    q_sim: float
    q_mag: float
    w_sim: float
    w_mag: float
    prompts: Mapping[str, float]
    """Positive prompt -> its probability against its antonym, 0..1."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a scorer says of one photo; higher ``value`` is better.

    ``value`` of the technical scorer lies in 0..1. MA-CLIP's is not bounded by 1.
    """

    value: float
    scorer: str
    """``"maclip"`` or ``"technical"``."""
    model_id: str
    """Names weights, backbone, protocol and parameters: scores of different model ids do not compare."""
    views: int = 1
    cues: Cues | None = None
    technical: TechnicalMeasures | None = None
    tiles: TileScores | None = field(default=None, repr=False)
    """The score of every tile, or None where the scorer has no tiles."""
    embedding: bytes | None = field(default=None, repr=False)
    """Mean image feature over the views as little-endian float16, or None."""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return self.technical.reasons if self.technical else ()
