"""The log of a run: what goes into the file, what stays in memory, what the terminal is told."""

import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest

from maclip_desktop.logs.keeping import CRASH_LOG, crash_stacks, logging_into, recent_lines

ROOT = Path(__file__).resolve().parents[2]
ENTRY = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d (\w+) \[\d+ MainThread\] maclip_desktop.test: (.*)"
)
log = logging.getLogger("maclip_desktop.test")


def entries(folder: Path) -> list[tuple[str, str]]:
    found = [ENTRY.fullmatch(line) for line in (folder / "program.log").read_text(encoding="utf-8").splitlines()]
    return [(one[1], one[2]) if one else ("no entry", "") for one in found]


def test_entries_tell_when_how_grave_where_and_what(tmp_path: Path) -> None:
    with logging_into(tmp_path / "logs", "program.log"):
        log.debug("too small")
        log.info("begun")
        log.warning("%s is odd", "a.jpg")
    assert entries(tmp_path / "logs") == [("INFO", "begun"), ("WARNING", "a.jpg is odd")]


def test_after_the_run_nothing_is_kept_any_more(tmp_path: Path) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    with logging_into(tmp_path / "logs", "program.log"):
        pass
    log.warning("later")
    assert (root.level, list(root.handlers)) == before
    assert not (tmp_path / "logs").exists()


def test_the_last_lines_are_in_memory_also_where_there_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    with logging_into(tmp_path / "logs", "program.log"):
        for number in range(100):
            log.info("entry %d.", number)
    text = recent_lines.text()
    assert "entry 99." in text and "entry 50." in text and "entry 10." not in text


def run(script: str, *, verbose: bool, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A process of its own: here pytest has its hands on logging and on faults."""
    code = f"""
import ctypes, logging, sys, threading
from pathlib import Path
from maclip_desktop.logs.keeping import crash_stacks, logging_into
folder = Path({str(folder)!r})
log = logging.getLogger("maclip_desktop.test")
with logging_into(folder, "program.log", verbose={verbose}):
    {script}
"""
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("verbose", "said"), [(False, ["error"]), (True, ["debug", "info", "error"])])
def test_the_terminal_is_told_of_errors_or_of_everything(tmp_path: Path, verbose: bool, said: list[str]) -> None:
    done = run("log.debug('debug'); log.info('info'); log.error('error')", verbose=verbose, folder=tmp_path)
    assert done.stderr.splitlines() == [f"maclip_desktop.test: {word}" for word in said]
    assert entries(tmp_path) == [("INFO", "info"), ("ERROR", "error")]


@pytest.mark.skipif(sys.platform == "win32", reason="a fault of memory ends a process in another way there")
def test_a_fault_in_a_library_leaves_its_stacks(tmp_path: Path) -> None:
    done = run(
        "with crash_stacks(folder): exec('def decoding(): ctypes.string_at(0)'); decoding()",
        verbose=False, folder=tmp_path,
    )  # fmt: skip
    assert done.returncode < 0
    text = (tmp_path / CRASH_LOG).read_text(encoding="utf-8")
    assert "Segmentation fault" in text and "in decoding" in text


def test_a_folder_for_stacks_that_cannot_be_made_costs_the_stacks_only(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    done = run("with crash_stacks(folder): print('done')", verbose=False, folder=tmp_path / "logs")
    assert (done.stdout, done.stderr) == ("done\n", "")


def test_who_has_asked_for_stacks_elsewhere_keeps_them(tmp_path: Path) -> None:
    import faulthandler

    if not faulthandler.is_enabled():
        pytest.skip("pytest was told to leave faults alone")
    with crash_stacks(tmp_path):
        pass
    assert faulthandler.is_enabled()
    assert not (tmp_path / CRASH_LOG).exists()
