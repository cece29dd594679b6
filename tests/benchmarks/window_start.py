"""How long the window takes to appear: ``python tests/benchmarks/window_start.py [--runs 5] [--photos DIR]``.

Each run is a process of its own, timed from before Python starts. Off-screen unless QT_QPA_PLATFORM says otherwise.
``painted``: the window has been painted for the first time. ``answers``: it has handled its first timer after that.
``scorer``: the scorer is loaded. With ``--photos`` that folder is watched, and ``sorted`` is when all of it is scored
and in order; the second run onwards finds everything in the library.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

START = "MACLIP_BENCH_START"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one_start(options.photos)))
        return
    with tempfile.TemporaryDirectory() as home:
        runs = [timed_start(options.photos, Path(home)) for _ in range(options.runs)]
    for name in runs[0]:
        values = [run[name] for run in runs]
        print(f"{name:8} first {values[0]:6.2f} s   median {statistics.median(values):6.2f} s")


def timed_start(photos: Path | None, home: Path) -> dict[str, float]:
    """Run one start in a process of its own."""
    command = [sys.executable, __file__, "--one", *(["--photos", str(photos)] if photos else [])]
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "MACLIP_HOME": str(home), START: repr(time.time())}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    times: dict[str, float] = json.loads(done.stdout)
    return times


def one_start(photos: Path | None) -> dict[str, float]:
    """Start the window in this process, note the times since `START`, and close it."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    from maclip_desktop.app import Desktop, make_application
    from maclip_desktop.paths import AppPaths

    times: dict[str, float] = {}

    def note(name: str) -> None:
        times.setdefault(name, time.time() - float(os.environ[START]))

    class FirstPaint(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
            if event.type() == QEvent.Type.Paint and "painted" not in times:
                note("painted")
                QTimer.singleShot(0, lambda: note("answers"))
            return False

    application = make_application()
    paths = AppPaths.default()
    desktop = Desktop(paths, paths.library_file, (photos.absolute(),) if photos else ())
    filter_ = FirstPaint()
    desktop.window.grid.viewport().installEventFilter(filter_)
    desktop.window.empty.installEventFilter(filter_)
    desktop.scoring.ready.connect(lambda _message: note("scorer"))

    def look() -> None:
        table = desktop.window.model.table
        if photos and len(table) and desktop.window.status.waiting == 0 and not desktop.window.model.misplaced():
            note("sorted")
        if {"painted", "answers", "scorer"} <= times.keys() and (photos is None or "sorted" in times):
            timer.stop()
            desktop.window.close()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(20)
    desktop.start()
    application.exec()
    desktop.shutdown()
    return times


if __name__ == "__main__":
    main()
