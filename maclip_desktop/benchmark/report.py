"""What a benchmark found, together and as JSON."""

import os
import platform
from dataclasses import asdict, dataclass
from typing import Any

from maclip_desktop import APP_NAME, __version__
from maclip_desktop.benchmark.results import Differences, Measured, PlainlyMeasured
from maclip_desktop.benchmark.subject import Subject
from maclip_desktop.jobs.tasks import decode_threads

STANDIN_NOTE = "stand-in weights: the scores mean nothing"
BUSY_SHARE = 0.25
"""More of the processors than this in use before the measuring is worth a word."""


@dataclass(frozen=True)
class Report:
    """Everything that was measured in one run."""

    subject: Subject
    generated: bool
    """Whether the photos were made for the occasion."""
    program: Measured
    plain: PlainlyMeasured | None
    precisions: dict[str, Measured]
    """Precision -> what it took; empty where they were not compared."""
    load_before: float | None = None
    """How many processes wanted a processor in the minute before, on average; None where nobody knows."""

    @property
    def was_busy(self) -> bool:
        """Whether other programs were at work: then speeds are too low, and the plain way's by another factor."""
        return self.load_before is not None and self.load_before > BUSY_SHARE * (os.cpu_count() or 1)

    @property
    def times(self) -> float | None:
        """How many times the photos a second of the plain way."""
        return self.program.per_second / self.plain.per_second if self.plain and self.plain.scores else None

    @property
    def plain_difference(self) -> Differences | None:
        return Differences.between(self.program.scores, self.plain.scores) if self.plain else None

    @property
    def decoding(self) -> Differences | None:
        """Reduced against full decoding, in float32 where that was measured."""
        return self.precisions.get("float32", self.program).decoding

    def precision_difference(self, name: str) -> Differences | None:
        """The scores in precision *name* against those in float32."""
        return Differences.between(self.precisions[name].scores, self.precisions["float32"].scores)


def as_json(report: Report) -> dict[str, Any]:
    """Everything but the scores themselves, which are for nobody to keep."""
    subject, program = report.subject, report.program
    return {
        "program": {"name": APP_NAME, "version": __version__},
        "machine": {
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "load_before": report.load_before,
            "python": platform.python_version(),
        },
        "versions": program.engine.versions if program.engine else {},
        "scorer": subject.choice.kind,
        "model_id": program.model_id,
        "weights": None if subject.stands_in or subject.weights is None else str(subject.weights),
        "note": STANDIN_NOTE if subject.stands_in else None,
        "device": program.device,
        "threads": program.engine.threads if program.engine else None,
        "decode_threads": decode_threads(),
        "photos": {
            "generated": report.generated,
            "scored": len(program.scores),
            "failed": [{"path": str(path), "error": error} for path, error in program.failed.items()],
            "megapixels_together": program.megapixels,
            "megabytes_together": program.megabytes,
        },
        **_measured_json(program),
        "baseline": _plain_json(report),
        "precisions": [
            _measured_json(measured) | {"difference_to_float32": _difference_json(report.precision_difference(name))}
            for name, measured in report.precisions.items()
        ],
        "difference_to_full_decoding": _difference_json(report.decoding),
    }


def _measured_json(measured: Measured) -> dict[str, Any]:
    return {
        "precision": measured.precision,
        "photos_per_second": measured.per_second,
        "views_per_second_of_model": views_per_second(measured),
        "seconds": measured.seconds,
        "load_seconds": measured.load_seconds,
        "views": measured.views,
        "milliseconds": measured.stages,
        "peak_bytes": measured.peak_bytes,
        "device_peak_bytes": measured.engine.device_peak_bytes if measured.engine else None,
    }


def _plain_json(report: Report) -> dict[str, Any] | None:
    plain = report.plain
    if plain is None:
        return None
    return {
        "photos": len(plain.scores),
        "passed_over": plain.passed_over,
        "photos_per_second": plain.per_second,
        "seconds": plain.seconds,
        "peak_bytes": plain.peak_bytes,
        "times": report.times,
        "difference": _difference_json(report.plain_difference),
    }


def _difference_json(difference: Differences | None) -> dict[str, Any] | None:
    return None if difference is None else asdict(difference)


def views_per_second(measured: Measured) -> float | None:
    """Of the network alone; None where there is none."""
    model = measured.stages.get("model", 0.0)
    return 1000 * measured.views / len(measured.scores) / model if model and measured.engine else None
