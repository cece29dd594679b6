"""The table and the JSON of what was found."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from maclip_desktop.benchmark.report import STANDIN_NOTE, Report, as_json
from maclip_desktop.benchmark.results import Differences, EngineFacts, PlainlyMeasured
from maclip_desktop.benchmark.table import WIDTH, table
from tests.unit.benchmark.helping import maclip_subject, measured, subject_of

PLAIN = PlainlyMeasured(2.0, {Path("a.jpg"): 0.5, Path("b.jpg"): 0.75}, 0, None)


@pytest.fixture
def report(tmp_path: Path) -> Report:
    program = measured({"a.jpg": 0.5, "b.jpg": 0.7, "c.jpg": 0.6})
    exact = measured({"a.jpg": 0.501, "b.jpg": 0.7, "c.jpg": 0.6}, "float32", seconds=1.0)
    subject = maclip_subject(tmp_path, stands_in=True)
    return Report(subject, True, program, PLAIN, {"float32": exact, "bfloat16": program})


def line(report: Report, start: str) -> list[str]:
    """The words after *start* in the line of the table that begins with it."""
    return next(one for one in table(report) if one.startswith(start)).removeprefix(start).split()


def test_every_line_fits_a_terminal(report: Report) -> None:
    lines = list(table(report))
    assert len(lines) > 15
    assert max(map(len, lines)) <= WIDTH == 80


def test_a_long_name_of_a_device_does_not_break_the_table(tmp_path: Path) -> None:
    facts = EngineFacts({"torch": "2.15.0+" + "x" * 40, "instructions": "AVX512"}, 64, [], 20_000_000_000)
    program = measured({"a.jpg": 1.0}, device="CUDA (" + "long " * 20 + ")", engine=facts)
    assert max(map(len, table(Report(maclip_subject(tmp_path), False, program, None, {})))) <= WIDTH


def test_the_table_says_how_fast_and_how_many_times(report: Report) -> None:
    assert line(report, "this program") == ["6.00", "3", "800", "MB", "1.5", "s"]
    assert line(report, "the plain way")[:3] == ["1.00", "2", "unknown"]
    assert any(one.strip() == "6.0 times the plain way" for one in table(report))


def test_the_table_says_where_the_time_goes(report: Report) -> None:
    lines = list(table(report))
    place = next(number for number, one in enumerate(lines) if one.startswith("milliseconds"))
    names, values = lines[place + 1].split(), [float(value) for value in lines[place + 2].split()]
    assert dict(zip(names, values, strict=True))["decode"] == 40.0
    assert names[-1] == "together" and values[-1] == pytest.approx(sum(values[:-1]))


def test_the_table_says_how_far_scores_lie_apart(report: Report) -> None:
    assert line(report, "to the plain way") == ["2", "0.050000", "0.025000"]
    assert line(report, "to full decoding") == ["2", "0.001000", "0.000500"]
    assert line(report, "float32")[-2:] == ["0.000000", "0.000000"]
    assert line(report, "bfloat16") == ["6.00", "50.0", "800", "MB", "0.001000", "0.000333"]


def test_stand_in_weights_are_labelled_and_others_are_not(report: Report, tmp_path: Path) -> None:
    trained = Report(maclip_subject(tmp_path), False, report.program, None, {})
    assert STANDIN_NOTE in list(table(report)) and as_json(report)["note"] == STANDIN_NOTE
    assert STANDIN_NOTE not in list(table(trained)) and as_json(trained)["note"] is None
    assert (as_json(report)["weights"], as_json(trained)["weights"]) == (None, "weights.safetensors")


def test_json_holds_the_same_and_no_scores(report: Report) -> None:
    found = json.loads(json.dumps(as_json(report), allow_nan=False))
    assert found["photos_per_second"] == 6.0
    assert found["milliseconds"]["model"] == 100.0
    assert found["views_per_second_of_model"] == pytest.approx(50.0)
    assert found["peak_bytes"] == 800_000_000
    assert (found["device"], found["precision"], found["threads"]) == ("CPU", "bfloat16", 2)
    assert found["versions"]["torch"] == "9.9.9"
    assert found["baseline"]["times"] == 6.0
    assert found["baseline"]["difference"] == {
        "photos": 2,
        "largest": pytest.approx(0.05),
        "mean": pytest.approx(0.025),
    }
    assert [one["precision"] for one in found["precisions"]] == ["float32", "bfloat16"]
    assert found["precisions"][1]["difference_to_float32"]["largest"] == pytest.approx(0.001)
    assert "scores" not in json.dumps(found).replace(STANDIN_NOTE, "")


def test_what_failed_is_in_the_json(tmp_path: Path) -> None:
    program = measured({"a.jpg": 1.0}, failed={Path("b.jpg"): "b.jpg is no picture."})
    found = as_json(Report(maclip_subject(tmp_path), False, program, None, {}))
    assert found["photos"]["failed"] == [{"path": "b.jpg", "error": "b.jpg is no picture."}]
    assert found["photos"]["scored"] == 1


def test_the_technical_scorer_has_a_table_without_the_engine(tmp_path: Path) -> None:
    program = measured({"a.jpg": 1.0}, "float32", engine=None, decoding=None)
    report = Report(subject_of(tmp_path), False, program, None, {})
    assert "the technical scorer" in next(table(report))
    assert as_json(report)["threads"] is None and as_json(report)["baseline"] is None


def test_differences_compare_the_photos_that_both_have() -> None:
    ones = {Path("a"): 1.0, Path("b"): 2.0, Path("c"): 9.0}
    others = {Path("b"): 2.5, Path("a"): 1.1}
    found = Differences.between(ones, others)
    assert found is not None
    assert found.photos == 2
    assert [found.largest, found.mean] == pytest.approx([0.5, 0.3])
    assert Differences.between({}, others) is None


@pytest.mark.parametrize(("load", "told"), [(None, False), (0.1, False), (1000.0, True)])
def test_a_machine_that_was_busy_is_told(report: Report, load: float | None, told: bool) -> None:
    busy = replace(report, load_before=load)
    assert any("Other programs were busy" in one for one in table(busy)) is told
    assert max(map(len, table(busy))) <= WIDTH
    assert as_json(busy)["machine"]["load_before"] == load
