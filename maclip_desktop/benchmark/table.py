"""What a benchmark found, as a table for a terminal."""

import os
import platform
import textwrap
from collections.abc import Iterator

from maclip_desktop import APP_NAME, __version__
from maclip_desktop.benchmark.report import STANDIN_NOTE, Report, views_per_second
from maclip_desktop.jobs.tasks import decode_threads

WIDTH = 80
"""Letters of a line of the table."""
PLAIN_NOTE = (
    "The plain way is how the public implementation works: decoded in full, float32,",
    "the prompts read again for every photo, one photo a call; nothing is saved.",
)

BUSY_NOTE = (
    "Other programs were busy in the minute before (load {:.1f}): speeds and comparisons may be far off;"
    " measure again when the machine is quiet."
)


def table(report: Report) -> Iterator[str]:
    """Lines of at most `WIDTH` letters."""
    yield from _heading(report)
    yield ""
    yield from _speeds(report)
    if report.program.stages:
        yield ""
        yield from _stages(report.program.stages)
    if report.plain_difference or report.decoding:
        yield ""
        yield from _score_differences(report)
    if report.precisions:
        yield ""
        yield from _precision_lines(report)
    if report.plain is not None:
        yield ""
        yield from PLAIN_NOTE


def _heading(report: Report) -> Iterator[str]:
    subject, program = report.subject, report.program
    parameters = subject.choice.parameters
    method = f"MA-CLIP {parameters.backbone}, {parameters.protocol}" if subject.is_maclip else "the technical scorer"
    yield f"{APP_NAME} {__version__}: {method}, {program.precision} on {program.device}"[:WIDTH]
    if subject.stands_in:
        yield STANDIN_NOTE
    count = len(program.scores)
    kind = "generated photo" if report.generated else "photo"
    size = f": {program.megapixels / count:.1f} megapixels, {program.megabytes / count:.1f} MB each" if count else ""
    yield f"{count} {kind}{'' if count == 1 else 's'}{size}"
    yield from textwrap.wrap(", ".join(_machine(report)), WIDTH)
    if report.was_busy:
        yield from textwrap.wrap(BUSY_NOTE.format(report.load_before), WIDTH)


def _machine(report: Report) -> Iterator[str]:
    engine = report.program.engine
    yield f"processors: {os.cpu_count()}"
    yield f"threads: {decode_threads()} decoding" + (f" and {engine.threads} in the model" if engine else "")
    yield f"Python {platform.python_version()}"
    if engine:
        yield f"torch {engine.versions['torch']} ({engine.versions['instructions']})"


def _speeds(report: Report) -> Iterator[str]:
    yield f"{'':20}{'photos/s':>10}{'photos':>10}{'peak memory':>14}{'loading':>10}"
    program, plain = report.program, report.plain
    yield _speed("this program", program.per_second, len(program.scores), program.peak_bytes, program.load_seconds)
    if plain is not None:
        yield _speed("the plain way", plain.per_second, len(plain.scores), plain.peak_bytes, None)
    if report.times is not None:
        yield f"{'':20}{report.times:>9.1f} times the plain way"
    if program.engine and program.engine.device_peak_bytes:
        yield f"{'graphics memory':40}{_megabytes(program.engine.device_peak_bytes):>14}"


def _speed(name: str, per_second: float, photos: int, peak: int | None, loading: float | None) -> str:
    seconds = "" if loading is None else f"{loading:.1f} s"
    return f"{name:20}{per_second:>10.2f}{photos:>10}{_megabytes(peak):>14}{seconds:>10}".rstrip()


def _stages(stages: dict[str, float]) -> Iterator[str]:
    yield "milliseconds a photo, one stage after the other"
    everything = stages | {"together": sum(stages.values())}
    yield "".join(f"{name:>10}" for name in everything)
    yield "".join(f"{value:>10.1f}" for value in everything.values())


def _score_differences(report: Report) -> Iterator[str]:
    yield f"{'differences in score':34}{'photos':>10}{'largest':>12}{'mean':>12}"
    for name, difference in (("to the plain way", report.plain_difference), ("to full decoding", report.decoding)):
        if difference is not None:
            yield f"{name:34}{difference.photos:>10}{difference.largest:>12.6f}{difference.mean:>12.6f}"


def _precision_lines(report: Report) -> Iterator[str]:
    yield f"{'':12}{'':10}{'model':>10}{'':14}{'difference to float32':>24}"
    yield f"{'precision':12}{'photos/s':>10}{'views/s':>10}{'peak memory':>14}{'largest':>12}{'mean':>12}"
    for name, measured in report.precisions.items():
        views, difference = views_per_second(measured), report.precision_difference(name)
        apart = f"{difference.largest:>12.6f}{difference.mean:>12.6f}" if difference else ""
        speed = f"{measured.per_second:>10.2f}{'' if views is None else format(views, '.1f'):>10}"
        yield f"{name:12}{speed}{_megabytes(measured.peak_bytes):>14}{apart}"


def _megabytes(count: int | None) -> str:
    return "unknown" if count is None else f"{count / 1e6:.0f} MB"
