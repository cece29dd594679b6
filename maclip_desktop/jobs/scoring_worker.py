"""The scoring worker: the only thread that runs the model."""

import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal, Slot

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.errors import UserFacingError
from maclip_desktop.jobs.messages import DownloadProgress, ScorerReady, ToScore
from maclip_desktop.jobs.tasks import MAX_HELD_BYTES, failure, held_bytes, prepare, score_prepared
from maclip_desktop.jobs.threads import Worker, guarded
from maclip_desktop.scoring.factory import ScorerChoice, create_scorer
from maclip_desktop.scoring.scorer import Scorer, ScoringStopped

log = logging.getLogger(__name__)

BATCH_PHOTOS = 8
"""Photos scored between two looks at what else there is to do."""

LoadScorer = Callable[[ScorerChoice, Path, Any, bool], Scorer]


def decode_threads() -> int:
    """Decoding beside the model: more than four threads rarely help, and the window wants its share."""
    return max(1, min(4, (os.cpu_count() or 2) - 1))


class ScoringWorker(Worker):
    """Decodes in a pool, scores in its own thread, one batch per turn of its event loop.

    Signals: ``ready`` (`ScorerReady`), ``unavailable`` (a sentence), ``downloading`` (`DownloadProgress`),
    ``scored`` (tuple of `ScoreResult`).
    """

    ready = Signal(object)
    unavailable = Signal(str)
    downloading = Signal(object)
    scored = Signal(object)
    _prepared = Signal(object)
    _pause_changed = Signal()

    def __init__(self, choice: ScorerChoice, weights_dir: Path, load: LoadScorer = create_scorer) -> None:
        super().__init__()
        self._choice = choice
        self._weights_dir = weights_dir
        self._load_scorer = load
        self._scorer: Scorer | None = None
        self._waiting: deque[PhotoRow] = deque()
        self._decoded: deque[tuple[PhotoRow, Any]] = deque()
        self._decoding = 0
        self._held = 0
        self._round = 0
        self._paused = threading.Event()
        self._cancelled = threading.Event()

    @guarded
    def open(self) -> None:
        self._pool: Executor = ThreadPoolExecutor(decode_threads(), thread_name_prefix="decode")
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.setInterval(0)
        self._turn.timeout.connect(self._work)
        self._prepared.connect(self._take_prepared)
        self._pause_changed.connect(self._go_on)
        self._load(self._choice, allow_download=False)

    def close(self) -> None:
        self._cancelled.set()
        self._waiting.clear()
        if hasattr(self, "_pool"):
            self._turn.stop()
            self._pool.shutdown(wait=True, cancel_futures=True)

    def cancel(self) -> None:
        """Ask a running batch to end early. May be called from any thread."""
        self._cancelled.set()

    @Slot(object, bool)
    @guarded
    def choose(self, choice: ScorerChoice, allow_download: bool) -> None:
        """Change to another scorer; photos handed over for the old one are dropped."""
        self._load(choice, allow_download)

    @Slot(object)
    @guarded
    def submit(self, message: ToScore) -> None:
        """Queue photos for scoring, in this order; those meant for another scorer come once more for this one."""
        if self._scorer is not None and message.model_id == self._scorer.model_id:
            self._waiting.extend(message.rows)
            self._advance()

    @Slot(bool)
    def set_paused(self, paused: bool) -> None:
        """Rest, or go on. To be connected directly, as it may be called from any thread: a batch that is running is
        then given up at once, and its photos are scored first after the pause.
        """
        if paused:
            self._paused.set()
        else:
            self._paused.clear()
        self._pause_changed.emit()

    @Slot()
    @guarded
    def _go_on(self) -> None:
        self._advance()

    def _load(self, choice: ScorerChoice, allow_download: bool) -> None:
        try:
            scorer = self._load_scorer(choice, self._weights_dir, self._report_download, allow_download)
        except UserFacingError as error:
            self.unavailable.emit(str(error))
            return
        except Exception as error:
            # Somebody waits for an answer, whatever it is.
            log.error("The scorer could not be loaded", exc_info=error)
            self.unavailable.emit(f"The scorer could not be loaded ({type(error).__name__}: {error}).")
            return
        self._scorer = scorer
        self._round += 1
        self._waiting.clear()
        self._decoded.clear()
        self._held = 0
        self.ready.emit(ScorerReady(scorer.name, scorer.model_id, scorer.device))

    def _report_download(self, what: str, done: int, total: int | None) -> None:
        if self._cancelled.is_set():
            raise UserFacingError("The download was given up because the program is closing.")
        self.downloading.emit(DownloadProgress(what, done, total))

    def _advance(self) -> None:
        """Keep the decoders busy and, where there is something to score, ask for a turn."""
        if self._paused.is_set() or self._scorer is None or self._cancelled.is_set():
            return
        while self._waiting and self._decoding + len(self._decoded) < 2 * BATCH_PHOTOS and self._held < MAX_HELD_BYTES:
            self._decode(self._waiting.popleft(), self._scorer)
        enough = held_bytes((row for row, _ in self._decoded), self._scorer) > MAX_HELD_BYTES // 2
        if len(self._decoded) >= BATCH_PHOTOS or enough or (self._decoded and not self._decoding):
            self._turn.start()

    def _decode(self, row: PhotoRow, scorer: Scorer) -> None:
        self._decoding += 1
        self._held += held_bytes([row], scorer)
        number = self._round
        future = self._pool.submit(prepare, row, scorer)
        future.add_done_callback(lambda done: self._hand_over(number, row, done))

    def _hand_over(self, number: int, row: PhotoRow, future: Future[Any]) -> None:
        """Runs in a pool thread: the signal takes the result to this worker's own thread."""
        if not future.cancelled() and not self._cancelled.is_set():
            self._prepared.emit((number, row, future))

    @Slot(object)
    @guarded
    def _take_prepared(self, message: tuple[int, PhotoRow, Future[Any]]) -> None:
        number, row, future = message
        self._decoding -= 1
        if number == self._round:
            error = future.exception()
            if error is None:
                self._decoded.append((row, future.result()))
            else:
                self._let_go([row])
                self.scored.emit((failure(row, error),))
        self._advance()

    def _should_stop(self) -> bool:
        return self._paused.is_set() or self._cancelled.is_set()

    @Slot()
    @guarded
    def _work(self) -> None:
        if self._paused.is_set() or self._scorer is None or not self._decoded:
            return
        count = min(BATCH_PHOTOS, len(self._decoded))
        pairs = [self._decoded.popleft() for _ in range(count)]
        rows = [row for row, _ in pairs]
        try:
            results = score_prepared(self._scorer, rows, [prepared for _, prepared in pairs], self._should_stop)
        except ScoringStopped:
            self._decoded.extendleft(reversed(pairs))
            self._advance()
            return
        except Exception as error:  # noqa: BLE001 - the photos must come back, or the queue waits for them for ever
            results = [failure(row, error) for row in rows]
        self._let_go(rows)
        del pairs  # before others take their room
        self.scored.emit(tuple(results))
        self._advance()

    def _let_go(self, rows: list[PhotoRow]) -> None:
        if self._scorer is not None:
            self._held -= held_bytes(rows, self._scorer)
