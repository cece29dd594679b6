"""The program in processes of its own: pipes, signals, kills, two at once."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from maclip_desktop.library.store import Store
from tests.helpers.pictures import write_photo, write_photos

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-m", "maclip_desktop"]
PATIENCE_S = 60

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of POSIX")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return os.environ | {"MACLIP_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts the program; what still runs at the end of the test is killed."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: str | Path, **options: Any) -> "subprocess.Popen[str]":
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options
        process = subprocess.Popen([*PROGRAM, *map(str, arguments)], env=environment, cwd=tmp_path, **streams)
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def lines_of(stream: Any) -> tuple[list[str], threading.Thread]:
    """The lines of a stream, as they come, and the thread that reads them."""
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(line.rstrip() for line in stream))
    reader.start()
    return lines, reader


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        threading.Event().wait(0.02)


def test_results_on_one_stream_messages_on_the_other(start: Callable[..., Any], photos: Path) -> None:
    write_photos(photos, 3)
    process = start("score", photos, "--scorer", "technical", "--json", "-")
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert len(json.loads(out)) == 3
    assert err.splitlines()[-1] == "3 photos scored."


@posix_only
def test_a_reader_that_goes_away_is_no_error(start: Callable[..., Any], photos: Path) -> None:
    write_photos(photos, 3)
    reading, writing = os.pipe()
    os.close(reading)
    process = start("score", photos, "--scorer", "technical", stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("form", [[], ["--json", "-"]])
def test_a_full_disk_under_standard_output_is_said(start: Callable[..., Any], photos: Path, form: list[str]) -> None:
    write_photos(photos, 2)
    with Path("/dev/full").open("w") as full:
        process = start("score", photos, "--scorer", "technical", *form, stdout=full)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 3
    assert "No space left on device" in err
    assert "Traceback" not in err
    assert "Exception ignored" not in err


@posix_only
def test_watch_scores_what_comes_until_it_is_stopped(start: Callable[..., Any], photos: Path) -> None:
    write_photo(photos / "old.jpg", 50)
    process = start("score", photos, "--scorer", "technical", "--watch")
    said, first = lines_of(process.stderr)
    results, second = lines_of(process.stdout)
    wait_for(lambda: any("Watching for new photos" in line for line in said))
    write_photo(photos / "new.jpg", 200)
    write_photo(photos / "day" / "inside.jpg", 150)
    wait_for(lambda: all(any(name in line for line in results) for name in ("old.jpg", "new.jpg", "inside.jpg")))
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 0
    first.join()
    second.join()
    assert len(results) == 3
    assert said[-1] == "Stopped watching."


def test_killed_in_the_middle_the_rest_is_done_by_the_next_run(
    start: Callable[..., Any], photos: Path, tmp_path: Path
) -> None:
    for number in range(60):
        write_photo(photos / f"{number:03}.jpg", 40 + number * 3, side=500)
    process = start("score", photos, "--scorer", "technical")
    library = tmp_path / "home" / "data" / "library.db"
    wait_for(lambda: library.exists() and len(_scored_at(library)) >= 8)
    process.kill()
    process.communicate()
    before = _scored_at(library)
    process = start("score", photos, "--scorer", "technical", "--json", "-")
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert all(entry["score"] is not None for entry in json.loads(out))
    after = _scored_at(library)
    assert len(after) == 60
    assert 8 <= len(before) < 60
    # What had been saved was not scored again.
    assert before.items() <= after.items()


def test_two_at_once_on_one_library_both_finish(start: Callable[..., Any], photos: Path) -> None:
    write_photos(photos, 40)
    both = [start("score", photos, "--scorer", "technical", "--json", "-") for _ in range(2)]
    lists = [process.communicate(timeout=PATIENCE_S) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    first, second = (json.loads(out) for out, _ in lists)
    assert first == second
    assert len(first) == 40


def test_the_window_starts_and_ends_off_screen(environment: dict[str, str], photos: Path, tmp_path: Path) -> None:
    """The real window on the real event loop, closed by a timer after its photos were scored."""
    write_photos(photos, 5)
    script = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from maclip_desktop import app
from maclip_desktop.cli import main

made = app.Desktop
def watched(*arguments, **options):
    desktop = made(*arguments, **options)
    timer = QTimer(desktop)
    def look():
        if desktop.window.status.waiting == 0 and len(desktop.window.model.table) == 5:
            desktop.window.close()
    timer.timeout.connect(look)
    timer.start(100)
    return desktop
app.Desktop = watched
sys.exit(main(sys.argv[1:]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(photos), "--scorer", "technical"],
        env=environment | {"QT_QPA_PLATFORM": "offscreen"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "Traceback" not in done.stderr
    with Store.open(tmp_path / "home" / "data" / "library.db") as store:
        assert [row.score is not None for row in store.rows()] == [True] * 5
    assert (tmp_path / "home" / "config" / "settings.json").is_file()


def _scored_at(library: Path) -> dict[str, float]:
    """Content hash -> when it was scored."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(library)) as connection:
        try:
            return dict(connection.execute("SELECT content_hash, scored_at FROM score"))
        except sqlite3.OperationalError:
            return {}  # its tables are being made
