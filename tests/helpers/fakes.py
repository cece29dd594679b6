"""Stand-ins for the model and the clock."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import Score
from maclip_desktop.errors import PhotoError
from maclip_desktop.scoring.factory import ScorerChoice
from maclip_desktop.scoring.scorer import Scorer, ScoringStopped, ShouldStop, never


class FakeScorer:
    """Scores a photo by its mean brightness, 0..1, and remembers every photo the "model" saw.

    *spoiled_below*: a photo darker than this spoils its batch with *error*. *gate*: `score` waits for it.
    """

    name = "technical"
    device = "CPU"
    warning: str | None = None
    precision = "float32"
    photos_at_once = 8

    def __init__(
        self,
        model_id: str = "fake-1",
        *,
        spoiled_below: float = -1.0,
        error: Callable[[], Exception] = lambda: PhotoError("this photo spoils its batch"),
        gate: threading.Event | None = None,
    ) -> None:
        self.model_id = model_id
        self.bytes_of_a_photo = 0
        """What it says a prepared photo takes."""
        self.notices: list[str] = []
        """What it will have to say, one each time it is asked."""
        self.calls: list[float] = []
        self.batches: list[int] = []
        self.waiting = threading.Event()
        """Set once `score` has been called."""
        self._spoiled_below = spoiled_below
        self._error = error
        self._gate = gate

    colour_managed = False

    def min_side(self, width: int, height: int) -> int | None:
        return None

    def take_notice(self) -> str | None:
        return self.notices.pop(0) if self.notices else None

    def prepare(self, photo: DecodedPhoto) -> float:
        return float(photo.pixels.mean()) / 255

    def prepared_bytes(self, width: int, height: int) -> int:
        return self.bytes_of_a_photo

    def score(self, prepared: Sequence[float], should_stop: ShouldStop = never) -> list[Score]:
        self.waiting.set()
        while self._gate is not None and not self._gate.wait(0.01):
            if should_stop():
                raise ScoringStopped
        if any(value < self._spoiled_below for value in prepared):
            raise self._error()
        self.calls += prepared
        self.batches.append(len(prepared))
        return [Score(value, self.name, self.model_id) for value in prepared]

    @property
    def call_count(self) -> int:
        """How many photos were scored."""
        return len(self.calls)


def loading(*scorers: FakeScorer) -> Callable[..., Scorer]:
    """A stand-in for `create_scorer` that gives *scorers*, one each time, the last one from then on."""
    waiting = list(scorers)

    def load(choice: ScorerChoice, weights_dir: Path, *_: Any, **__: Any) -> Any:
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return load


class FakeClock:
    """Seconds that go forward when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds
