"""Reports: everything that helps to mend an error, each kind once, and nothing of the person."""

import logging
from pathlib import Path

import pytest

from maclip_desktop import __version__
from maclip_desktop.logs.keeping import logging_into
from maclip_desktop.reports import MAX_KINDS, MAX_LETTERS, ErrorsOfRun, error_report, system_information


def test_a_report_holds_system_error_and_the_last_lines_of_the_log(tmp_path: Path) -> None:
    with logging_into(tmp_path, "program.log"):
        logging.getLogger("maclip_desktop.test").info("what came before")
    errors = ErrorsOfRun()
    errors.add("An error inside the program: KeyError: 'x'", "Traceback ...\nKeyError: 'x'")
    report = error_report(errors, {"Library schema": "3"})
    for part in (__version__, "Python: 3.", "Library schema: 3", "KeyError: 'x'", "Traceback ...", "what came before"):
        assert part in report


def test_the_person_s_home_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "ann"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "ann"))
    errors = ErrorsOfRun()
    errors.add(f"{tmp_path}/ann/a.jpg is odd", f'File "{tmp_path}/ann/venv/x.py", line 1')
    report = error_report(errors, {"Library": f"{tmp_path}/ann/library.db"})
    assert "ann/" not in report
    assert '"~/venv/x.py"' in report and "~/a.jpg" in report and "~/library.db" in report


def test_what_comes_again_is_counted_and_told_once() -> None:
    errors = ErrorsOfRun()
    for _ in range(1000):
        errors.add("again", "the same traceback")
    assert errors.count == 1000
    assert errors.text().count("the same traceback") == 1
    assert "1000 times" in errors.text()


def test_a_flood_of_different_errors_stays_readable() -> None:
    errors = ErrorsOfRun()
    for number in range(5000):
        errors.add("one of many", f"traceback {number};" + "x" * 2 * MAX_LETTERS)
    assert errors.count == 5000
    assert f"{5000 - MAX_KINDS} more of other kinds." in errors.text()
    assert len(errors.text()) < (MAX_KINDS + 1) * (MAX_LETTERS + 1000)


def test_the_system_is_told_without_an_error() -> None:
    lines = dict(line.split(": ", 1) for line in system_information({"Qt": "6.11"}).splitlines())
    assert lines["MaClip Desktop"] == __version__
    assert lines["Qt"] == "6.11"
    assert {"System", "Python", "Packages"} <= set(lines)
