"""Closing the real program while something in it is stuck."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from maclip_desktop.paths import AppPaths

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
