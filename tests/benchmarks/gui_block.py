"""How long the window keeps still: ``python tests/benchmarks/gui_block.py [--photos 100000] [--rows 5000] [--json F]``.

The real window without its workers: a thread builds messages of *rows* photos and sends them as the library worker
does. Meanwhile a timer in the GUI thread asks for every turn it can have. For each phase: the longest time between two
of its turns by the clock, the longest by the GUI thread's own use of the processor (which other programs of the machine
do not lengthen), and how long the phase took. Off-screen unless QT_QPA_PLATFORM says otherwise.

This is the model and the view alone; decoding, hashing and the library are not at work beside them.
"""

import argparse
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QApplication

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.ordering import FlagFilter, SortOrder
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.jobs.messages import FoldersChanged, FolderState, FolderStatus, RowsChanged
from maclip_desktop.jobs.thumbnails import Picture, PictureLoader, PictureRequest
from maclip_desktop.settings import Settings
from maclip_desktop.ui.main_window import MainWindow

SETTLE_S = 1.5
"""How long the window is watched after a phase: it sorts itself about a second after the last message."""


class Watchdog(QObject):
    """Knows the longest time in which the event loop did not come round."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)
        self.begin()
        self._timer.start(0)

    def begin(self) -> None:
        self.longest = self.longest_work = 0.0
        self._last, self._last_work = time.perf_counter(), time.thread_time()

    def _turn(self) -> None:
        now, work = time.perf_counter(), time.thread_time()
        self.longest = max(self.longest, now - self._last)
        self.longest_work = max(self.longest_work, work - self._last_work)
        self._last, self._last_work = now, work
        # A turn without any rest would leave the sending thread half of the time only.
        time.sleep(0.0005)


class Sender(QObject):
    """Sends messages from a thread of its own."""

    rows = Signal(object)

    def send(self, messages: Iterator[RowsChanged]) -> threading.Thread:
        def work() -> None:
            for message in messages:
                self.rows.emit(message)

        thread = threading.Thread(target=work, name="sender")
        thread.start()
        return thread


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=5000, help="photos a message")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    results = Run(application, options.photos, options.rows).all_phases()
    if options.json:
        options.json.write_text(json.dumps(results, indent=2), encoding="utf-8")


class Run:
    """One window, filled and used."""

    def __init__(self, application: QApplication, count: int, rows: int) -> None:
        self._application, self._rows = application, rows
        self._loaders = (PictureLoader(_picture), PictureLoader(_picture))
        self._window = MainWindow(self._loaders[0], self._loaders[1], Settings(), QIcon())
        self._sender = Sender()
        self._sender.rows.connect(self._window.take_rows)
        self._numbers = list(range(1, count + 1))
        random.Random(1).shuffle(self._numbers)
        self._watchdog = Watchdog()
        self._results: dict[str, float] = {}
        self._work = 0.0

    def all_phases(self) -> dict[str, float]:
        """Milliseconds, by phase; the longest of all under ``longest_ms``."""
        window = self._window
        window.show()
        window.take_folders(FoldersChanged((FolderState(1, Path("/photos"), FolderStatus.WATCHED),)))
        self._settle(0.2)
        self._phase("found", lambda: self._send(_found))
        self._phase("sorted when loaded", lambda: window.library_loaded())
        self._phase("scored", lambda: self._send(_scored))
        self._phase("order by name", lambda: self._view(SortOrder.NAME, FlagFilter.ALL))
        self._phase("worst first", lambda: self._view(SortOrder.WORST_FIRST, FlagFilter.ALL))
        self._phase("unflagged only", lambda: self._view(SortOrder.WORST_FIRST, FlagFilter.UNFLAGGED))
        self._phase("every tenth rejected", lambda: self._send(_rejected, step=10))
        self._phase("twenty rejected", lambda: self._send(_rejected, step=len(self._numbers) // 20))
        self._phase("all shown", lambda: self._view(SortOrder.WORST_FIRST, FlagFilter.ALL))
        self._phase("every third gone", lambda: self._remove(self._numbers[::3]))
        window.close()
        for loader in self._loaders:
            loader.close()
        self._results["longest_ms"] = max(self._results.values())
        self._results["longest_work_ms"] = self._work
        print(f"{'longest':24} {self._results['longest_ms']:7.1f} ms, own work {self._work:7.1f} ms")
        return self._results

    def _phase(self, name: str, act: Callable[[], threading.Thread | None]) -> None:
        begun = time.perf_counter()
        self._watchdog.begin()
        thread = act()
        while thread is not None and thread.is_alive():
            self._application.processEvents()
        took = time.perf_counter() - begun
        self._settle(SETTLE_S)
        self._results[name] = round(1000 * self._watchdog.longest, 1)
        work = round(1000 * self._watchdog.longest_work, 1)
        self._work = max(self._work, work)
        print(f"{name:24} {self._results[name]:7.1f} ms, own work {work:7.1f} ms   ({took:.2f} s)", flush=True)

    def _settle(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self._application.processEvents()

    def _view(self, order: SortOrder, flag_filter: FlagFilter) -> None:
        self._window.filter_bar.set_view(order, flag_filter)
        self._window.filter_bar.view_changed.emit()

    def _send(self, make: Callable[[int], PhotoRow], step: int = 1) -> threading.Thread:
        rows = (make(number) for number in self._numbers[1::step])
        return self._sender.send(_messages(rows, self._rows))

    def _remove(self, numbers: list[int]) -> threading.Thread:
        parts = (tuple(numbers[start : start + self._rows]) for start in range(0, len(numbers), self._rows))
        return self._sender.send(RowsChanged(removed=part) for part in parts)


def _messages(rows: Iterator[PhotoRow], size: int) -> Iterator[RowsChanged]:
    while batch := tuple(islice(rows, size)):
        yield RowsChanged(rows=batch)


def _found(number: int) -> PhotoRow:
    path = Path(f"/photos/2026/day {number % 90:02}/IMG_{number:06}.JPG")
    return PhotoRow(id=number, folder_id=1, path=path, size=4_000_000 + number, mtime_ns=10**18 + number)


def _scored(number: int) -> PhotoRow:
    score = (number * 2654435761 % 2**32) / 2**32
    if number % 50 == 0:
        return replace(_found(number), error=f"IMG_{number:06}.JPG is damaged; copy it again.")
    return replace(_found(number), content_hash=f"{number:064x}", captured_at=1e9 + number, score=score)


def _rejected(number: int) -> PhotoRow:
    return replace(_scored(number), flag=Flag.REJECT, decided_by=Decider.PERSON)


def _picture(request: PictureRequest) -> Picture:
    image = QImage(320, 240, QImage.Format.Format_RGB888)
    image.fill(request.photo_id)
    return Picture(request, image)


if __name__ == "__main__":
    main()
