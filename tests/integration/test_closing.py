"""Closing the real program while something in it is stuck."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from maclip_desktop.paths import AppPaths
from tests.helpers.pictures import write_photos

ROOT = Path(__file__).resolve().parents[2]

STUCK = """
import sys, threading
from pathlib import Path
from PySide6.QtCore import QTimer
from maclip_desktop import app
from maclip_desktop.paths import AppPaths

stuck = threading.Event()

def never_ready(*_, **__):
    stuck.set()
    threading.Event().wait()

start = app.Desktop.start
def start_and_close(self):
    start(self)
    self.timer = QTimer()
    self.timer.timeout.connect(lambda: stuck.is_set() and (print("stuck", flush=True), CLOSE(self)))
    self.timer.start(20)
app.Desktop.start = start_and_close
app.create_scorer = never_ready
app.Desktop.__init__.__defaults__ = (*app.Desktop.__init__.__defaults__[:-1], never_ready)
paths = AppPaths.default()
sys.exit(app.run(paths, paths.library_file, (), None))
"""


def run(script: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_scorer_that_never_loads_does_not_keep_a_closed_program(app_paths: AppPaths) -> None:
    program = run(STUCK.replace("CLOSE(self)", "self.window.close()"))
    out, err = program.communicate(timeout=60)
    assert "stuck" in out
    assert (program.returncode, "Destroyed while" in err) == (0, False), err
    assert app_paths.library_file.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to a process of its own")
def test_ctrl_c_in_the_terminal_closes_the_window(app_paths: AppPaths) -> None:
    program = run(STUCK.replace("CLOSE(self)", "self.timer.stop()"))
    assert program.stdout is not None
    assert program.stdout.readline().strip() == "stuck"
    program.send_signal(signal.SIGINT)
    _, err = program.communicate(timeout=60)
    assert (program.returncode, "Traceback" in err) == (0, False), err


def children_at_work(folder: Path) -> tuple["subprocess.Popen[bytes]", list[psutil.Process]]:
    """The program with photos to read, and the processes that read them."""
    write_photos(folder, 60)
    program = subprocess.Popen(
        [sys.executable, "-m", "maclip_desktop", str(folder), "--scorer", "technical"],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    deadline = time.monotonic() + 60
    while not (children := psutil.Process(program.pid).children(recursive=True)):
        assert time.monotonic() < deadline, "no child was started"
        threading.Event().wait(0.02)
    return program, children


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to a process of its own")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_however_it_ends_no_process_that_decodes_is_left(app_paths: AppPaths, tmp_path: Path, end: int) -> None:
    program, children = children_at_work(tmp_path / "photos")
    program.send_signal(end)
    assert program.wait(60) == (0 if end == signal.SIGINT else -end)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []
