"""One benchmark: its parts, one after the other, each in a process of its own."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from maclip_desktop.benchmark.apart import Say, apart
from maclip_desktop.benchmark.plain import measure_plain_way
from maclip_desktop.benchmark.program import measure_program
from maclip_desktop.benchmark.report import Report
from maclip_desktop.benchmark.results import Measured, PlainlyMeasured
from maclip_desktop.benchmark.subject import Subject, with_standins
from maclip_desktop.errors import WeightsError

PLAIN_PHOTOS = 8
"""The plain way scores so many: it needs most of a second for each."""

_USUAL_SPINS = "300000"
"""What GNU's OpenMP does where nobody tells it how to wait."""

Apart = Callable[..., Any]
"""``apart``, or for tests something that works in this process."""


@dataclass(frozen=True)
class Wish:
    """What is to be measured beside the program itself."""

    plain_way: bool = True
    precisions: bool = False


def run_benchmark(
    subject: Subject, generated: bool, wish: Wish, say: Say, note: Say, do_apart: Apart = apart
) -> Report:
    """Measure *subject*, with stand-in weights where it needs weights and has none.

    *say*: told of progress. *note*: told what was left out, and why. Raises the `UserFacingError` of weights, devices
    and folders.
    """
    if subject.is_maclip and subject.weights is None:
        subject = do_apart(say, with_standins, subject)
    program: Measured = do_apart(say, measure_program, subject, wish.precisions)
    plain = None
    if wish.plain_way and subject.is_maclip and program.scores:
        plain = _plain_way(subject, program, say, note, do_apart)
    precisions: dict[str, Measured] = {}
    for name in program.engine.precisions if program.engine and wish.precisions else []:
        say(f"measuring in {name}")
        own = name == program.precision
        precisions[name] = program if own else do_apart(say, measure_program, subject.in_precision(name), True)
    return Report(subject, generated, program, plain, precisions)


@contextmanager
def _threads_that_wait_as_usual() -> Iterator[None]:
    """Processes begun meanwhile use OpenMP as other programs do: this one's way of waiting would slow the plain way."""
    os.environ["GOMP_SPINCOUNT"] = _USUAL_SPINS
    try:
        yield
    finally:
        del os.environ["GOMP_SPINCOUNT"]


def _plain_way(subject: Subject, program: Measured, say: Say, note: Say, do_apart: Apart) -> PlainlyMeasured | None:
    try:
        with _threads_that_wait_as_usual():
            plain: PlainlyMeasured = do_apart(say, measure_plain_way, subject, list(program.scores)[:PLAIN_PHOTOS])
    except WeightsError as error:
        note(f"The plain way needs the text encoder and was left out: {error}")
        return None
    if plain.passed_over:
        note(f"The plain way cannot read {plain.passed_over} of the photos, and passed over them.")
    return plain if plain.scores else None
