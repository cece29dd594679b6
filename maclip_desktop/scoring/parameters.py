"""What an MA-CLIP score depends on besides the weights. Imports neither torch nor open_clip."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from maclip_desktop.errors import UsageError
from maclip_desktop.scoring.prompts import PROMPT_PAIRS, PromptPairs, prompts_mark, require_prompt_pairs

BACKBONES = ("RN50", "RN101", "RN50x4", "ViT-B/32", "ViT-B/16", "ViT-L/14")
"""CLIP image encoders by OpenAI's names."""

MAX_BOX_LAMBDA = 10.0
"""Beyond this the Box-Cox power leaves the range of float32."""

MAX_TRUST = 1e6
"""Of the priors and of alpha: far more than enough to silence a cue, and far from what float32 cannot hold."""

_LARGEST = {"box_lambda": MAX_BOX_LAMBDA, "base_cos": MAX_TRUST, "base_norm": MAX_TRUST, "alpha": MAX_TRUST}

_REVISION = "maclip-1"
"""Goes up when the same weights and parameters begin to give other numbers."""


class Protocol(StrEnum):
    """How a photo becomes views."""

    RESIZE448 = "resize448"
    NATIVE = "native"
    RESIZE224 = "resize224"


class Magnitude(StrEnum):
    """How the magnitude of a feature becomes a cue (the paper's table 4)."""

    BOX_COX = "box-cox"
    """The paper's method: mean Box-Cox transform of the standardised absolute values."""
    L1 = "l1"
    """Mean absolute value."""
    L2 = "l2"
    """Euclidean norm."""


@dataclass(frozen=True)
class MaclipParameters:
    """The settings of MA-CLIP; the defaults are the paper's.

    Raises `UsageError` for an unknown backbone, protocol or magnitude, for what is no finite number or out of range,
    and for prompts that cannot be used.
    """

    backbone: str = "RN50"
    protocol: Protocol = Protocol.RESIZE448
    box_lambda: float = 0.5
    """Power of the Box-Cox transformation, -10..10; 0 means the logarithm."""
    base_cos: float = 1.0
    """Prior trust in the prompt similarity, -1e6..1e6."""
    base_norm: float = 0.6
    """Prior trust in the feature magnitude, -1e6..1e6."""
    alpha: float = 1.0
    """How far the cues' difference shifts the trust between them, -1e6..1e6."""
    magnitude: Magnitude = Magnitude.BOX_COX
    fixed_w_sim: float | None = None
    """A constant weight of the prompt similarity, 0..1, in place of the confidence-guided one: 1 is CLIP-IQA, 0 the
    magnitude alone (the paper's tables 3 and 5)."""
    prompts: PromptPairs = PROMPT_PAIRS

    def __post_init__(self) -> None:
        if self.backbone not in BACKBONES:
            raise UsageError(f"There is no backbone {self.backbone!r}; choose one of {', '.join(BACKBONES)}.")
        self._set("protocol", _member(Protocol, self.protocol))
        self._set("magnitude", _member(Magnitude, self.magnitude))
        self._set("prompts", require_prompt_pairs(self.prompts))
        for name, largest in _LARGEST.items():
            self._set(name, _number(getattr(self, name), f"parameter {name.replace('_', '-')}", -largest, largest))
        if self.fixed_w_sim is not None:
            self._set("fixed_w_sim", _number(self.fixed_w_sim, "fixed weight", 0, 1))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def model_id(self, weights_sha256: str, *traits: str) -> str:
        """Name everything the scores depend on.

        *weights_sha256*: the hexadecimal hash of the complete weights. *traits*: what else shows in the numbers, such
        as a reduced precision.
        """
        parts = [
            _REVISION,
            self.backbone,
            weights_sha256[:12],
            self.protocol.value,
            f"l{self.box_lambda!r}",
            f"c{self.base_cos!r}",
            f"n{self.base_norm!r}",
            f"a{self.alpha!r}",
        ]
        if self.magnitude is not Magnitude.BOX_COX:
            parts.append(self.magnitude.value)
        if self.fixed_w_sim is not None:
            parts.append(f"w{self.fixed_w_sim!r}")
        if self.prompts != PROMPT_PAIRS:
            parts.append("p" + prompts_mark(self.prompts))
        return ":".join([*parts, *traits])


Choice = TypeVar("Choice", bound=StrEnum)


def _member(kind: type[Choice], value: str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        name = kind.__name__.lower()
        raise UsageError(f"There is no {name} {value!r}; choose one of {', '.join(kind)}.") from None


def _number(value: object, title: str, least: float, largest: float) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(f"The {title} must be a finite number, not {value}.")
    if not least <= number <= largest:
        raise UsageError(f"The {title} must lie between {least:.15g} and {largest:.15g}, not {number:g}.")
    return number + 0.0  # one zero, and not two that name scores differently
