"""Leaving a program in which something is stuck."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

STUCK = """
import sys
from maclip_desktop.running import leave_if_stuck
print("said and not yet read")
sys.stdin.read()
leave_if_stuck(ended=False, code=3)
"""


def test_a_stuck_program_ends_also_where_nobody_reads_what_it_says() -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", STUCK],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert program.stdout is not None and program.stdin is not None
    program.stdout.close()
    program.stdin.close()
    assert program.wait(60) == 3
