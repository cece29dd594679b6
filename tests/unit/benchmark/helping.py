"""What tests of the benchmark share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from maclip_desktop.benchmark.apart import Say
from maclip_desktop.benchmark.results import Differences, EngineFacts, Measured
from maclip_desktop.benchmark.subject import Subject
from maclip_desktop.scoring.factory import ScorerChoice
from maclip_desktop.scoring.parameters import MaclipParameters


def silence(text: str) -> None:
    pass


def here(say: Say, work: Callable[..., Any], *arguments: Any) -> Any:
    """Stands where `apart` stands, and works in this process."""
    return work(*arguments, say)


def subject_of(workplace: Path, *paths: Path, **changes: Any) -> Subject:
    """The technical scorer over *paths*, unless *changes* say otherwise."""
    values: dict[str, Any] = {
        "choice": ScorerChoice(kind="technical"),
        "weights": None,
        "stands_in": False,
        "paths": paths,
        "count": None,
        "workplace": workplace,
    }
    return Subject(**(values | changes))


def maclip_subject(workplace: Path, *paths: Path, **changes: Any) -> Subject:
    choice = ScorerChoice(kind="maclip", parameters=MaclipParameters())
    return subject_of(workplace, *paths, **{"choice": choice, "weights": Path("weights.safetensors"), **changes})


def measured(scores: dict[str, float], precision: str = "bfloat16", **changes: Any) -> Measured:
    """What might have been found for photos of these scores."""
    values: dict[str, Any] = {
        "device": "CPU",
        "precision": precision,
        "model_id": "maclip-1:made:up",
        "load_seconds": 1.5,
        "seconds": 0.5,
        "scores": {Path(name): value for name, value in scores.items()},
        "failed": {},
        "views": 5 * len(scores),
        "megapixels": 12.0 * len(scores),
        "megabytes": 3.5 * len(scores),
        "stages": {"read": 1.0, "decode": 40.0, "resize": 5.0, "measure": 14.0, "model": 100.0, "store": 0.5},
        "peak_bytes": 800_000_000,
        "engine": EngineFacts({"torch": "9.9.9", "instructions": "AVX512"}, 2, ["float32", "bfloat16"], None),
        "decoding": Differences(2, 0.001, 0.0005),
    }
    return Measured(**(values | changes))
