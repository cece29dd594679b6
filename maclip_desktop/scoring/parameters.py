"""What an MA-CLIP score depends on besides the weights. Imports neither torch nor open_clip."""

import math
from dataclasses import dataclass
from enum import StrEnum

from maclip_desktop.errors import UsageError

BACKBONES = ("RN50", "RN101", "RN50x4", "ViT-B/32", "ViT-B/16", "ViT-L/14")
"""CLIP image encoders by OpenAI's names."""

MAX_BOX_LAMBDA = 10.0
"""Beyond this the Box-Cox power leaves the range of float32."""

_REVISION = "maclip-1"
"""Goes up when the same weights and parameters begin to give other numbers."""


class Protocol(StrEnum):
    """How a photo becomes views."""

    RESIZE448 = "resize448"
    NATIVE = "native"
    RESIZE224 = "resize224"


@dataclass(frozen=True)
class MaclipParameters:
    """The settings of MA-CLIP; the defaults are the paper's.

    Raises `UsageError` for an unknown backbone or protocol and for numbers that are not finite.
    """

    backbone: str = "RN50"
    protocol: Protocol = Protocol.RESIZE448
    box_lambda: float = 0.5
    """Power of the Box-Cox transformation, -10..10; 0 means the logarithm."""
    base_cos: float = 1.0
    """Prior trust in the prompt similarity."""
    base_norm: float = 0.6
    """Prior trust in the feature magnitude."""
    alpha: float = 1.0
    """How far the cues' difference shifts the trust between them."""

    def __post_init__(self) -> None:
        if self.backbone not in BACKBONES:
            raise UsageError(f"There is no backbone {self.backbone!r}; choose one of {', '.join(BACKBONES)}.")
        try:
            object.__setattr__(self, "protocol", Protocol(self.protocol))
        except ValueError:
            raise UsageError(f"There is no protocol {self.protocol!r}; choose one of {', '.join(Protocol)}.") from None
        for name in ("box_lambda", "base_cos", "base_norm", "alpha"):
            value = float(getattr(self, name))
            if not math.isfinite(value):
                raise UsageError(f"The parameter {name.replace('_', '-')} must be a finite number, not {value}.")
            object.__setattr__(self, name, value)
        if abs(self.box_lambda) > MAX_BOX_LAMBDA:
            raise UsageError(
                f"The parameter box-lambda must lie between -{MAX_BOX_LAMBDA:g} and {MAX_BOX_LAMBDA:g},"
                f" not {self.box_lambda:g}."
            )

    def model_id(self, weights_sha256: str, precision: str = "float32") -> str:
        """Name everything the scores depend on; *weights_sha256* is the hexadecimal hash of the weights file."""
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
        if precision != "float32":
            parts.append(precision)
        return ":".join(parts)
