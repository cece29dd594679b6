"""Labels, photos and an MA-CLIP without a network."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from maclip_desktop.commands import evaluate as evaluate_command
from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import Score
from maclip_desktop.scoring.factory import ScorerChoice
from maclip_desktop.scoring.maclip import UNKNOWN_WEIGHTS
from maclip_desktop.scoring.parameters import MaclipParameters, Magnitude
from maclip_desktop.scoring.scorer import ShouldStop, never
from tests.helpers.pictures import write_photo
from tests.unit.commands.conftest import Done, Run

Evaluate = Callable[..., Done]


class FakeMaclip:
    """MA-CLIP without a network: the "feature" of a photo is its brightness, 0..1."""

    name = "maclip"
    device = "CPU"
    precision = "float32"
    warning: str | None = UNKNOWN_WEIGHTS
    model_id = "maclip-1:fake"
    photos_at_once = 4
    colour_managed = False

    def __init__(self) -> None:
        self.passes: list[float] = []
        """Brightness of every photo that the "network" saw."""
        self.sizes: set[tuple[int, int]] = set()
        """What it was asked the memory of."""
        self.notices: list[str] = []
        self.interrupt_after: int | None = None
        """Ctrl+C comes once it has seen so many photos."""
        self.error_below = -1.0
        """Darker photos spoil their batch with `error`."""
        self.error: Exception = ValueError("spoiled")
        self.choice: ScorerChoice | None = None

    def prepare(self, photo: DecodedPhoto) -> float:
        return float(photo.pixels.mean()) / 255

    def min_side(self, width: int, height: int) -> int | None:
        return None

    def prepared_bytes(self, width: int, height: int) -> int:
        self.sizes.add((width, height))
        return 3 * width * height

    def take_notice(self) -> str | None:
        return self.notices.pop(0) if self.notices else None

    def features(self, prepared: Sequence[float], should_stop: ShouldStop = never) -> list[float]:
        if any(value < self.error_below for value in prepared):
            raise self.error
        if self.interrupt_after is not None and len(self.passes) >= self.interrupt_after:
            raise KeyboardInterrupt
        self.passes += prepared
        return list(prepared)

    def quality(self, features: float, parameters: MaclipParameters) -> float:
        """Rises with brightness, but for `q_mag` alone, which falls, and L1, which is not worth a word."""
        if parameters.magnitude is Magnitude.L1:
            return 0.5
        return -features if parameters.fixed_w_sim == 0 else features**2

    def score(self, prepared: Sequence[float], should_stop: ShouldStop = never) -> list[Score]:
        own = MaclipParameters()
        return [Score(self.quality(one, own), self.name, self.model_id) for one in self.features(prepared)]


@pytest.fixture
def maclip(monkeypatch: pytest.MonkeyPatch) -> FakeMaclip:
    fake = FakeMaclip()

    def load(choice: ScorerChoice, weights_dir: Path, on_progress: Any = None, allow_download: bool = False) -> Any:
        fake.choice = choice
        return fake

    monkeypatch.setattr(evaluate_command, "create_scorer", load)
    return fake


@pytest.fixture
def labels(tmp_path: Path, photos: Path) -> Path:
    """Twelve photos from dark to light and opinions that mostly rise with them."""
    return write_labels(tmp_path, photos, [2, 1, 3, 4, 6, 5, 7, 8, 9, 11, 10, 12])


def write_labels(folder: Path, photos: Path, opinions: Sequence[float]) -> Path:
    entries = []
    for at, opinion in enumerate(opinions):
        write_photo(photos / "sub" / f"{at:02}.jpg", 20 + at * 200 // len(opinions))
        entries.append({"img_path": f"sub/{at:02}.jpg", "gt_score": opinion})
    file = folder / "labels.json"
    file.write_text(json.dumps(entries))
    return file


@pytest.fixture
def evaluate(run: Run, photos: Path) -> Evaluate:
    """Runs the command over the folder of photos with few resamples."""
    return lambda labels, *more: run("evaluate", labels, "--images", photos, "--bootstrap", "100", *more)
