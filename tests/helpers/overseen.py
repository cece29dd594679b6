"""The program in a process of its own, with somebody looking over its shoulder: what it opens, and whom it calls.

Python tells of such things by audit events. The hook stands in a ``sitecustomize`` module, so that child processes of
the program are overseen as well.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120

_OVERSEER = """
import os, sys

_events = os.open(os.environ["OVERSEEN_EVENTS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
_folder = os.environ["OVERSEEN_FOLDER"]
_writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_calls = ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request", "http.client.connect",
          "ftplib.connect", "smtplib.connect")
_changes = ("os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.setxattr",
            "os.symlink", "os.truncate", "os.utime", "shutil.move", "shutil.rmtree")
_busy = False

def _inside(path):
    if not isinstance(path, (str, bytes, os.PathLike)):
        return False
    path = os.path.abspath(os.fsdecode(path))
    return path == _folder or path.startswith(_folder + os.sep)

def _matters(event, given):
    if event in _calls:
        return True
    if event in ("socket.connect", "socket.bind"):
        # A local socket has a path for an address.
        return isinstance(given[1], tuple)
    if event == "open":
        path, mode, flags = given
        return (bool(set(mode or "") & set("wax+")) or bool((flags or 0) & _writing)) and _inside(path)
    return event in _changes and any(_inside(one) for one in given[:2])

def _oversee(event, given):
    global _busy
    if _busy:
        return
    _busy = True
    try:
        if _matters(event, given):
            os.write(_events, (event + " " + ascii(given) + "\\n").encode())
    finally:
        _busy = False

sys.addaudithook(_oversee)
"""

_PROGRAM = """
import sys
import psutil
from maclip_desktop.cli import main
code = main(sys.argv[1:])
for one in psutil.Process().net_connections("inet"):
    print("connection", one, file=open(__import__("os").environ["OVERSEEN_EVENTS"], "a"))
sys.exit(code)
"""

_WINDOW = """
import sys
from PySide6.QtCore import QTimer
from maclip_desktop import app
start = app.Desktop.start
def start_and_close(self):
    start(self)
    timer = QTimer(self)
    def look():
        table = self.window.model.table
        if len(table) >= PHOTOS and not table.waiting().any():
            timer.stop()
            self.window.grid.select_row(0)
            QTimer.singleShot(500, self.window.close)
    timer.timeout.connect(look)
    timer.start(100)
app.Desktop.start = start_and_close
"""


@dataclass(frozen=True)
class Seen:
    """What a run left: how it ended, what it said, and what the overseer wrote down."""

    code: int
    out: str
    err: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class Overseer:
    """Runs the program with folders of its own below *place*, overseeing what it does to *folder*."""

    place: Path
    folder: Path

    def run(self, *arguments: str | Path) -> Seen:
        """A command of the program."""
        return self.run_python(_PROGRAM, *arguments)

    def run_window(self, photos: int, *arguments: str | Path) -> Seen:
        """The off-screen window, closed once at least *photos* photos are there and scored or failed."""
        return self.run_python(_WINDOW.replace("PHOTOS", str(photos)) + _PROGRAM, *arguments)

    def run_python(self, code: str, *arguments: str | Path) -> Seen:
        """Any Python program."""
        hook = self.place / "overseer"
        hook.mkdir(exist_ok=True)
        (hook / "sitecustomize.py").write_text(_OVERSEER, encoding="utf-8")
        events = self.place / "events"
        events.write_text("")
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            env=os.environ | self._environment(hook, events), cwd=self.place,
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        return Seen(done.returncode, done.stdout, done.stderr, tuple(events.read_text().splitlines()))

    def _environment(self, hook: Path, events: Path) -> dict[str, str]:
        return {
            "MACLIP_HOME": str(self.place / "home"),
            "PYTHONPATH": os.pathsep.join((str(hook), str(ROOT))),
            "QT_QPA_PLATFORM": "offscreen",
            "OMP_NUM_THREADS": "1",
            "OVERSEEN_EVENTS": str(events),
            "OVERSEEN_FOLDER": str(self.folder),
        }
