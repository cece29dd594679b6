"""The log file: shared by several programs, never larger than it may be, never a reason to stop."""

import logging
import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from maclip_desktop.logs.rotating import SharedRotatingFile

PROGRAMS, ENTRIES = 3, 100
FILES = 100
"""More than are needed, so that nothing falls out."""


def logger_into(file: Path, max_bytes: int, kept: int) -> logging.Logger:
    logger = logging.Logger("test")
    handler = SharedRotatingFile(file, max_bytes, kept)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    return logger


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "program.log"


@pytest.fixture
def no_complaints(capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Logging writes of its own troubles to standard error; there must be none."""
    yield
    assert capsys.readouterr().err == ""


def lines(file: Path) -> list[str]:
    """All lines of all files, the oldest first."""
    files = sorted(file.parent.glob(f"{file.name}*"), key=lambda one: -int(one.suffix[1:] if one != file else 0))
    return [line for one in files for line in one.read_text(encoding="utf-8").splitlines()]


def test_nothing_is_made_before_there_is_something_to_write(file: Path) -> None:
    logger = logger_into(file, 1000, 3)
    assert not file.parent.exists()
    logger.info("first")
    assert file.read_text(encoding="utf-8") == "first\n"


def test_full_files_are_put_aside_and_the_oldest_go(file: Path, no_complaints: None) -> None:
    logger = logger_into(file, 100, 3)
    for number in range(40):
        logger.info("entry %04d", number)
    assert sorted(path.name for path in file.parent.iterdir() if path.suffix != ".lock") == [
        "program.log",
        "program.log.1",
        "program.log.2",
    ]
    assert all(path.stat().st_size <= 100 for path in file.parent.iterdir())
    kept = lines(file)
    assert kept == [f"entry {number:04}" for number in range(40 - len(kept), 40)]
    assert len(kept) > 20


def test_an_entry_longer_than_a_file_is_written_all_the_same(file: Path) -> None:
    logger = logger_into(file, 100, 3)
    for _ in range(2):
        logger.info("x" * 300)
    assert lines(file) == ["x" * 300] * 2


def _write_many(file: Path, name: str) -> None:
    logger = logger_into(file, 400, FILES)
    for number in range(ENTRIES):
        logger.info("%s %d", name, number)


def test_several_programs_at_once_lose_no_entry_and_mix_none(file: Path) -> None:
    context = multiprocessing.get_context("spawn")
    programs = [context.Process(target=_write_many, args=(file, f"program{one}")) for one in range(PROGRAMS)]
    for program in programs:
        program.start()
    for program in programs:
        program.join(60)
    assert [program.exitcode for program in programs] == [0] * PROGRAMS
    written = lines(file)
    for one in range(PROGRAMS):
        own = [line for line in written if line.startswith(f"program{one} ")]
        assert own == [f"program{one} {number}" for number in range(ENTRIES)]
    assert len(written) == PROGRAMS * ENTRIES
    assert len(list(file.parent.glob("program.log.*"))) > 2


def test_names_that_are_no_text_are_written(file: Path, no_complaints: None) -> None:
    logger_into(file, 1000, 3).info("\udce4.jpg")
    assert file.read_text(encoding="utf-8") == "\\udce4.jpg\n"


def test_a_file_in_the_folder_s_place_costs_the_log_only(file: Path, no_complaints: None) -> None:
    file.parent.write_text("in the way")
    logger_into(file, 1000, 3).info("lost")
    assert file.parent.read_text() == "in the way"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_costs_the_log_only(file: Path, no_complaints: None) -> None:
    file.parent.mkdir()
    file.symlink_to("/dev/full")
    logger_into(file, 1000, 3).info("lost")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_costs_the_log_only(file: Path, no_complaints: None) -> None:
    file.parent.mkdir()
    file.parent.chmod(0o500)
    logger_into(file, 1000, 3).info("lost")
    assert list(file.parent.iterdir()) == []
