"""What the measured parts find."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class EngineFacts:
    """What computed, and what it took."""

    versions: dict[str, str]
    threads: int
    """How many threads one pass through the network uses on the CPU."""
    precisions: list[str]
    """Those that the device can compute in."""
    device_peak_bytes: int | None
    """The graphics card's memory at most; None without one."""


@dataclass(frozen=True)
class Differences:
    """How far scores of the same photos lie apart."""

    photos: int
    largest: float
    mean: float

    @classmethod
    def between(cls, ones: Mapping[Path, float], others: Mapping[Path, float]) -> "Differences | None":
        """Compare the scores of the photos that both have; None where there is no such photo."""
        both = ones.keys() & others.keys()
        if not both:
            return None
        apart = [abs(ones[path] - others[path]) for path in both]
        return cls(len(apart), float(np.max(apart)), float(np.mean(apart)))


@dataclass(frozen=True)
class Measured:
    """What scoring photos took, from the files to the saved scores."""

    device: str
    precision: str
    model_id: str
    load_seconds: float
    """Making the scorer: its libraries, its weights, and where ``auto`` chose it the self-check of the precision."""
    seconds: float
    """Finding, reading, scoring and saving all photos."""
    scores: dict[Path, float]
    failed: dict[Path, str]
    """What could not be scored, and why."""
    views: int
    """Views of all photos that were scored."""
    megapixels: float
    """Of all photos that were scored."""
    megabytes: float
    """Of their files."""
    stages: dict[str, float]
    """Milliseconds a photo by stage, one after the other; empty where no photo could be scored."""
    peak_bytes: int | None
    """The process's memory at most, while it scored."""
    engine: EngineFacts | None
    """None for a scorer without a network."""
    decoding: Differences | None
    """Reduced against full decoding, where that was asked for and makes a difference."""

    @property
    def per_second(self) -> float:
        """Photos a second."""
        return len(self.scores) / self.seconds


@dataclass(frozen=True)
class PlainlyMeasured:
    """What the plain way of scoring took."""

    seconds: float
    scores: dict[Path, float]
    passed_over: int
    """Photos in a format that the plain way does not read."""
    peak_bytes: int | None

    @property
    def per_second(self) -> float:
        """Photos a second."""
        return len(self.scores) / self.seconds
