"""What every scorer can do."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import Score

ShouldStop = Callable[[], bool]


class ScoringStopped(Exception):  # noqa: N818 - nothing has gone wrong
    """Scoring ended early because it was asked to."""


def never() -> bool:
    """The answer of somebody who does not want to stop."""
    return False


class Scorer(Protocol):
    """Turns decoded photos into scores, in two steps that run in different threads.

    `prepare` is the part that needs no model: it may run in several pool threads at once. `score` runs the
    model: one thread only. What passes between them is the scorer's own affair.
    """

    @property
    def name(self) -> str:
        """``"maclip"`` or ``"technical"``."""

    @property
    def model_id(self) -> str:
        """Names everything a score depends on; stable from run to run."""

    @property
    def device(self) -> str:
        """Where the model runs, as shown to the user: ``"CPU"``, ``"CUDA (NVIDIA H100)"``, ...

        It may be another one after a fault.
        """

    @property
    def warning(self) -> str | None:
        """What must stand beside its scores, a sentence; None where there is nothing to warn of."""

    @property
    def precision(self) -> str:
        """In what the model computes: ``"float32"``, ``"bfloat16"`` or ``"float16"``."""

    @property
    def photos_at_once(self) -> int:
        """How many photos are worth gathering for one call of `score`."""

    @property
    def colour_managed(self) -> bool:
        """Whether colours are to be converted from a photo's own profile to sRGB when it is decoded."""

    def min_side(self, width: int, height: int) -> int | None:
        """Pixels of the short side that a photo of *width* x *height* must keep when it is decoded; None for all."""

    def prepare(self, photo: DecodedPhoto) -> Any:
        """Turn pixels into what `score` wants. Thread-safe. Raises `PhotoError` for this photo only."""

    def prepared_bytes(self, width: int, height: int) -> int:
        """About how many bytes `prepare` makes of a photo of *width* x *height* pixels: who decodes ahead asks."""

    def score(self, prepared: Sequence[Any], should_stop: ShouldStop = never) -> list[Score]:
        """Score prepared photos, in their order. Called from one thread.

        *should_stop* is asked now and then; where it says yes, `ScoringStopped` is raised and nothing is scored.
        One photo at full resolution may take minutes, and a window must close in a moment.
        """

    def take_notice(self) -> str | None:
        """A sentence for the user that came up since this was last asked, or None."""
