"""Programs that are killed: starting them, waiting for the moment, and looking at what they leave behind."""

import hashlib
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60


def start(home: Path, *arguments: str | Path) -> "subprocess.Popen[str]":
    """Start Python with *arguments* in this checkout, off-screen, with application folders of its own in *home*."""
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        env=os.environ | {"MACLIP_HOME": str(home), "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition: Callable[[], Any]) -> None:
    """Look again and again until *condition* holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        threading.Event().wait(0.005)


def hashes(folder: Path) -> dict[str, tuple[str, int]]:
    """What lies in *folder*: name -> hash of the content, and time of its last change."""
    return {
        str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def query(library: Path, sql: str) -> list[Any]:
    """Ask a library somebody may be writing to; nothing while it is being made. Changes nothing of it."""
    if not library.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{library.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return []  # its tables are being made


def assert_sound(library: Path) -> None:
    """The file is a whole database, and all that refers to something refers to what is there."""
    with closing(sqlite3.connect(library)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
