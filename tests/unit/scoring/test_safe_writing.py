"""Several at work on one file."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from maclip_desktop.scoring import safe_writing
from maclip_desktop.scoring.safe_writing import write_safely

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps open files by itself")


def test_nobody_takes_the_work_of_another_for_a_leftover(tmp_path: Path) -> None:
    target = tmp_path / "weights"

    def write(number: int) -> None:
        for _ in range(50):
            write_safely(target, [bytes([number]) * 5000] * 3)

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, range(4)))

    assert list(tmp_path.iterdir()) == [target]
    content = target.read_bytes()
    assert (len(content), len(set(content))) == (15000, 1)


def test_a_file_that_is_taken_for_one_before_it_is_locked_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, takings = safe_writing._lock, [True]

    def lock_too_late(file: object) -> None:
        if takings:
            takings.pop()
            for made in tmp_path.glob(".weights.*"):
                made.unlink()
        lock(file)  # type: ignore[arg-type]

    monkeypatch.setattr(safe_writing, "_lock", lock_too_late)
    write_safely(tmp_path / "weights", [b"whole"])
    assert (tmp_path / "weights").read_bytes() == b"whole"
    assert takings == []
