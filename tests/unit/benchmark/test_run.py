"""Which parts a benchmark has, and in what order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maclip_desktop.benchmark.apart import Say
from maclip_desktop.benchmark.plain import measure_plain_way
from maclip_desktop.benchmark.program import measure_program
from maclip_desktop.benchmark.results import Measured, PlainlyMeasured
from maclip_desktop.benchmark.run import PLAIN_PHOTOS, Wish, run_benchmark
from maclip_desktop.benchmark.subject import Subject, with_standins
from maclip_desktop.errors import WeightsError
from tests.unit.benchmark.helping import maclip_subject, measured, silence, subject_of

SCORES = {f"IMG_{number}.jpg": number / 100 for number in range(12)}


class Parts:
    """Answers for the measuring processes, and remembers which were asked for."""

    def __init__(self, plain: PlainlyMeasured | Exception | None = None) -> None:
        self.asked: list[tuple[Callable[..., Any], str]] = []
        self.plain_paths: list[Path] = []
        self._plain = plain

    def __call__(self, say: Say, work: Callable[..., Any], subject: Subject, *others: Any) -> Any:
        self.asked.append((work, subject.choice.precision))
        if work is with_standins:
            return maclip_subject(subject.workplace, *subject.paths, stands_in=True)
        if work is measure_program:
            return self._measured(subject)
        self.plain_paths = others[0]
        if isinstance(self._plain, Exception):
            raise self._plain
        return self._plain or PlainlyMeasured(4.0, dict.fromkeys(others[0], 0.5), 0, None)

    def _measured(self, subject: Subject) -> Measured:
        if not subject.is_maclip:
            return measured(SCORES, "float32", engine=None)
        precision = subject.choice.precision
        return measured(SCORES, "bfloat16" if precision == "auto" else precision)


def test_the_program_and_the_plain_way_over_a_few_photos(tmp_path: Path) -> None:
    parts = Parts()
    report = run_benchmark(maclip_subject(tmp_path), True, Wish(), silence, silence, parts)
    assert [work for work, _ in parts.asked] == [measure_program, measure_plain_way]
    assert parts.plain_paths == [Path(name) for name in SCORES][:PLAIN_PHOTOS]
    assert report.plain is not None and report.precisions == {}
    assert report.times == (12 / 0.5) / (PLAIN_PHOTOS / 4.0)


def test_without_weights_there_are_stand_ins(tmp_path: Path) -> None:
    parts = Parts()
    report = run_benchmark(maclip_subject(tmp_path, weights=None), True, Wish(False), silence, silence, parts)
    assert [work for work, _ in parts.asked] == [with_standins, measure_program]
    assert report.subject.stands_in


def test_precisions_are_compared_each_once(tmp_path: Path) -> None:
    parts = Parts()
    wish = Wish(plain_way=False, precisions=True)
    report = run_benchmark(maclip_subject(tmp_path), True, wish, silence, silence, parts)
    assert [precision for _, precision in parts.asked] == ["auto", "float32"]
    assert list(report.precisions) == ["float32", "bfloat16"]
    assert report.precisions["bfloat16"] is report.program


def test_the_technical_scorer_has_neither_weights_nor_plain_way_nor_precisions(tmp_path: Path) -> None:
    parts = Parts()
    report = run_benchmark(subject_of(tmp_path), True, Wish(precisions=True), silence, silence, parts)
    assert [work for work, _ in parts.asked] == [measure_program]
    assert (report.plain, report.precisions, report.times) == (None, {}, None)


def test_weights_without_a_text_encoder_leave_the_plain_way_out_with_a_word(tmp_path: Path) -> None:
    notes: list[str] = []
    parts = Parts(WeightsError("weights.safetensors is a compact file."))
    report = run_benchmark(maclip_subject(tmp_path), False, Wish(), silence, notes.append, parts)
    assert report.plain is None
    assert len(notes) == 1 and "weights.safetensors is a compact file." in notes[0]


@pytest.mark.parametrize(("scored", "there"), [(3, True), (0, False)])
def test_photos_that_the_plain_way_cannot_read_are_told(tmp_path: Path, scored: int, there: bool) -> None:
    notes: list[str] = []
    plain = PlainlyMeasured(1.0, {Path(name): 0.1 for name in list(SCORES)[:scored]}, 8 - scored, None)
    report = run_benchmark(maclip_subject(tmp_path), False, Wish(), silence, notes.append, Parts(plain))
    assert (report.plain is not None) == there
    assert len(notes) == 1 and f"cannot read {8 - scored} of" in notes[0]
