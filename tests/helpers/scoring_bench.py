"""The scoring worker alone, in its real thread: photos go in, results come out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from pytestqt.qtbot import QtBot

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.imaging.hashing import content_hash
from maclip_desktop.jobs.effort import Effort, Throttle
from maclip_desktop.jobs.messages import ScorerReady, ToScore
from maclip_desktop.jobs.scoring_worker import LoadScorer, ScoringWorker
from maclip_desktop.jobs.tasks import ScoreResult
from maclip_desktop.jobs.threads import WorkerThread
from maclip_desktop.scoring.factory import ScorerChoice
from tests.helpers.pictures import write_photos

PATIENCE_MS = 20_000

OpenBench = Callable[..., "ScoringBench"]
"""The fixture that makes a bench."""


def photo_rows(folder: Path, count: int) -> list[PhotoRow]:
    """Rows of *count* new photos, the darkest first."""
    return [row_of(path, number) for number, path in enumerate(write_photos(folder, count), 1)]


def row_of(path: Path, photo_id: int = 1) -> PhotoRow:
    """The row of a small photo as it lies on the disk."""
    status = path.stat()
    return PhotoRow(photo_id, 1, path, status.st_size, status.st_mtime_ns, content_hash(path), 48, 48)


class Battery:
    """Says what it is told to say, and counts who asks."""

    def __init__(self, in_use: bool = True) -> None:
        self.in_use = in_use
        self.looks = 0

    def __call__(self) -> bool:
        self.looks += 1
        return self.in_use


class ScoringBench(QObject):
    """Stands where library worker and window stand."""

    _submit = Signal(object)
    choose = Signal(object, bool)
    pause = Signal(bool)
    gentle = Signal(bool, bool)

    def __init__(self, qtbot: QtBot, folder: Path, load: LoadScorer, throttle: Throttle | None = None) -> None:
        super().__init__()
        self._qtbot = qtbot
        self.ready: list[ScorerReady] = []
        self.results: list[ScoreResult] = []
        self.efforts: list[Effort] = []
        self.worker = ScoringWorker(ScorerChoice(), folder, load, throttle)
        self._thread = WorkerThread(self.worker, "scoring")
        self._submit.connect(self.worker.submit)
        for signal, slot in (
            (self.choose, self.worker.choose),
            (self.pause, self.worker.set_paused),
            (self.gentle, self.worker.set_gentle),
        ):
            signal.connect(slot, Qt.ConnectionType.DirectConnection)
        self.worker.ready.connect(self._take_ready)
        self.worker.scored.connect(self._take_scored)
        self.worker.effort_changed.connect(self._take_effort)

    def start(self) -> "ScoringBench":
        """Begin, and wait for the scorer."""
        self._thread.start()
        self.until(lambda: self.ready)
        return self

    def score(self, rows: list[PhotoRow]) -> None:
        """Hand photos out, as the library worker does for the scorer at work."""
        self._submit.emit(ToScore(self.ready[-1].model_id, tuple(rows)))

    def until(self, condition: Callable[[], Any]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def until_back(self, count: int) -> None:
        """Wait until so many photos came back, scored or not."""
        self.until(lambda: len(self.results) >= count)

    def another_scorer(self) -> None:
        """Wait until the worker has answered a choice: whatever it was sent before has arrived."""
        count = len(self.ready)
        self.choose.emit(ScorerChoice(), False)
        self.until(lambda: len(self.ready) > count)

    def running_timers(self) -> list[QTimer]:
        return [timer for timer in self.worker.findChildren(QTimer) if timer.isActive()]

    def close(self) -> bool:
        self.worker.cancel()
        self._thread.request_stop()
        return self._thread.wait(PATIENCE_MS)

    @Slot(object)
    def _take_ready(self, message: ScorerReady) -> None:
        self.ready.append(message)

    @Slot(object)
    def _take_scored(self, results: tuple[ScoreResult, ...]) -> None:
        self.results += results

    @Slot(object)
    def _take_effort(self, effort: Effort) -> None:
        self.efforts.append(effort)
