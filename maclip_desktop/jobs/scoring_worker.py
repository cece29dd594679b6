"""The scoring worker: the only thread that runs the model."""

import threading
from collections import deque
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal, Slot

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.errors import UserFacingError
from maclip_desktop.jobs.effort import FULL, Pace, Throttle
from maclip_desktop.jobs.messages import DownloadProgress, Notice, ScorerReady, ToScore
from maclip_desktop.jobs.priority import lower_priority
from maclip_desktop.jobs.scorer_loading import Loaded, LoadScorer, ScorerLoader
from maclip_desktop.jobs.steadiness import SteadyScorer
from maclip_desktop.jobs.tasks import (
    MAX_HELD_BYTES,
    ScoreResult,
    decode_threads,
    failure,
    held_bytes,
    prepare,
    score_prepared,
)
from maclip_desktop.jobs.threads import Worker, guarded
from maclip_desktop.scoring.factory import ScorerChoice, create_scorer
from maclip_desktop.scoring.scorer import Scorer, ScoringStopped

__all__ = ["LoadScorer", "ScoringWorker"]

IDLE_MS = 500
"""How long more photos are waited for before failures that were held back are photos' own."""

_Prepared = tuple[PhotoRow, Any]


class ScoringWorker(Worker):
    """Decodes in a pool, scores in its own thread, one batch per turn of its event loop; both step back for the window.

    Signals: ``ready`` (`ScorerReady`), ``moved`` (`ScorerReady`: the same scorer on another device), ``unavailable``
    (a sentence), ``downloading`` (`DownloadProgress`), ``scored`` (tuple of `ScoreResult`), ``halted`` (a sentence:
    the scorer fails, and nothing is scored until `try_again`), ``effort_changed`` (`Effort`).
    """

    ready = Signal(object)
    moved = Signal(object)
    unavailable = Signal(str)
    downloading = Signal(object)
    scored = Signal(object)
    halted = Signal(str)
    effort_changed = Signal(object)
    _loaded = Signal(object)
    _prepared = Signal(object)
    _pause_changed = Signal()
    _effort_asked = Signal()

    def __init__(
        self,
        choice: ScorerChoice,
        weights_dir: Path,
        load: LoadScorer = create_scorer,
        throttle: Throttle | None = None,
    ) -> None:
        super().__init__()
        self._choice = choice
        # Here, as `choose` may be called before the thread has begun.
        self._loaded.connect(self._take_loaded)
        self._loader = ScorerLoader(load, weights_dir, self._report_download, self._announce_loaded)
        self._scorer: Scorer | None = None
        self._steady: SteadyScorer | None = None
        self._said: ScorerReady | None = None
        self._waiting: deque[PhotoRow] = deque()
        self._decoded: deque[_Prepared] = deque()
        self._decoding = 0
        self._held = 0
        self._round = 0
        self._halted = False
        self._throttle = throttle or Throttle()
        self._effort = FULL
        self._pace = Pace()
        self._paused = threading.Event()
        self._cancelled = threading.Event()
        self._news = threading.Event()

    # --- beginning and end ---------------------------------------------------------------------------------

    @guarded
    def open(self) -> None:
        lower_priority()
        self._pool: Executor = ThreadPoolExecutor(
            decode_threads(spare=1), thread_name_prefix="decode", initializer=lower_priority
        )
        self._turn = self._timer(0, self._work)
        self._idle = self._timer(IDLE_MS, self._release)
        self._rest = self._timer(0, self._end_rest)
        self._prepared.connect(self._take_prepared)
        self._pause_changed.connect(self._go_on)
        self._effort_asked.connect(self._follow_asking)
        self._adapt(look=False)
        self._loader.start_first(self._choice)

    def _timer(self, milliseconds: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def close(self) -> None:
        self._cancelled.set()
        self._waiting.clear()
        if hasattr(self, "_rest"):
            for timer in (self._turn, self._idle, self._rest):
                timer.stop()
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._loader.close()

    def cancel(self) -> None:
        """Ask a running batch and a download to end early. May be called from any thread."""
        self._cancelled.set()
        self.cancel_download()

    # --- the scorer ----------------------------------------------------------------------------------------

    @Slot()
    def cancel_download(self) -> None:
        """Give up a download; ``unavailable`` follows. To be connected directly, as it may be called from any thread: a
        batch that is running must not keep it waiting.
        """
        self._loader.cancel()

    @Slot(object, bool)
    @guarded
    def choose(self, choice: ScorerChoice, allow_download: bool) -> None:
        """Change to another scorer; the one at work goes on until it is ready. To be connected directly, as it may be
        called from any thread: a batch takes minutes at full resolution, and a download that is cancelled must have
        begun.
        """
        self._loader.start(choice, allow_download)

    def _report_download(self, what: str, done: int, total: int | None) -> None:
        """Runs in the loader's thread."""
        self.downloading.emit(DownloadProgress(what, done, total))

    def _announce_loaded(self, loaded: Loaded) -> None:
        """Runs in the loader's thread. A batch that is running makes room for the news."""
        self._news.set()
        self._loaded.emit(loaded)

    @Slot(object)
    @guarded
    def _take_loaded(self, loaded: Loaded) -> None:
        self._news.clear()
        if self._cancelled.is_set():
            return
        # What was given up for another choice is better than nothing, until that one is there.
        if not self._loader.is_wanted(loaded) and (loaded.scorer is None or self._scorer is not None):
            return
        if loaded.scorer is None:
            self.unavailable.emit(loaded.sentence)
            return
        self._scorer = loaded.scorer
        self._begin_anew(loaded.scorer)
        self._tell_notice(loaded.scorer)

    def _begin_anew(self, scorer: Scorer) -> None:
        """Photos handed over for what scored before are dropped; they come once more for this one."""
        self._steady = SteadyScorer(scorer)
        self._halted = False
        self._pace.forget()
        self._round += 1
        self._waiting.clear()
        self._decoded.clear()
        self._held = 0
        self._said = _about(scorer)
        self.ready.emit(self._said)

    def _look_after(self, scorer: Scorer) -> None:
        """Tell what a batch has changed: after a fault of its device a scorer may go on with another one."""
        self._tell_notice(scorer)
        now = _about(scorer)
        if now != self._said:
            self._said = now
            self.moved.emit(now)

    def _tell_notice(self, scorer: Scorer) -> None:
        sentence = scorer.take_notice()
        if sentence:
            self.notice.emit(Notice(sentence))

    # --- photos --------------------------------------------------------------------------------------------

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

    @Slot(bool, bool)
    def set_gentle(self, gentle: bool, on_battery: bool) -> None:
        """Take little of the machine from now on; *on_battery*: while it runs on its battery. To be connected directly,
        as it may be called from any thread: a batch that runs with all threads is then begun once more with one.
        """
        self._throttle.ask(gentle, on_battery)
        self._effort_asked.emit()

    @Slot()
    @guarded
    def try_again(self) -> None:
        """Go on after ``halted``."""
        self._halted = False
        self._go_on()

    @Slot()
    @guarded
    def _go_on(self) -> None:
        self._pace.forget()
        self._advance()

    @Slot()
    @guarded
    def _end_rest(self) -> None:
        self._advance()

    @Slot()
    @guarded
    def _follow_asking(self) -> None:
        self._adapt(look=self._has_work)
        self._advance()

    def _adapt(self, look: bool) -> None:
        """Make the effort that is wanted now; a rest that belongs to the effort before ends."""
        effort = self._throttle.decide(look)
        if effort != self._effort:
            self._effort = effort
            self._rest.stop()
            self.effort_changed.emit(effort)

    @property
    def _has_work(self) -> bool:
        return bool(self._waiting or self._decoded)

    def _should_stop(self) -> bool:
        return self._paused.is_set() or self._cancelled.is_set()

    def _should_stop_batch(self) -> bool:
        return self._should_stop() or self._news.is_set() or self._throttle.hushes(self._effort)

    def _advance(self) -> None:
        """Keep the decoders busy and, where there is something to score, ask for a turn."""
        scorer = self._scorer
        if scorer is None or self._halted or self._should_stop() or self._rest.isActive():
            return
        if self._has_work:
            self._adapt(look=True)
        self._keep_decoding(scorer)
        enough = held_bytes((row for row, _ in self._decoded), scorer) > MAX_HELD_BYTES // 2
        full = len(self._decoded) >= self._effort.photos_at_once(scorer)
        if full or enough or (self._decoded and not self._decoding):
            self._turn.start()
        self._idle.stop()
        if not self._decoded and not self._decoding and self._steady is not None and self._steady.holds:
            self.scored.emit(())  # whoever hands photos out may have more, and only hears when something comes back
            self._idle.start()

    def _keep_decoding(self, scorer: Scorer) -> None:
        effort = self._effort
        while self._waiting and effort.has_room(scorer, self._decoding, len(self._decoded)):
            if self._held >= MAX_HELD_BYTES:
                return
            self._decode(self._waiting.popleft(), scorer)

    def _decode(self, row: PhotoRow, scorer: Scorer) -> None:
        self._pace.work()
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
                self._take_breath()
        self._advance()

    @Slot()
    @guarded
    def _work(self) -> None:
        scorer, steady = self._scorer, self._steady
        if scorer is None or steady is None or self._halted or self._should_stop() or not self._decoded:
            return
        count = min(self._effort.photos_at_once(scorer), len(self._decoded))
        pairs = [self._decoded.popleft() for _ in range(count)]
        rows = [row for row, _ in pairs]
        self._pace.work()
        try:
            results = self._score(steady, pairs)
        except ScoringStopped:
            self._decoded.extendleft(reversed(pairs))
            self._advance()
            return
        except UserFacingError as error:
            self._halt(steady, rows, str(error))
            return
        self._let_go(rows)
        del pairs  # before others take their room
        if results:
            self.scored.emit(tuple(results))
        self._look_after(scorer)
        self._take_breath()
        self._advance()

    def _take_breath(self) -> None:
        """Gently: as long as was worked since the last rest."""
        seconds = self._pace.rest()
        if self._effort.gentle:
            self._rest.start(round(1000 * seconds))

    def _score(self, steady: SteadyScorer, pairs: list[_Prepared]) -> list[ScoreResult]:
        """A batch's results, as far as they are to be kept. Raises what is no photo's fault."""
        rows = [row for row, _ in pairs]
        scorer, prepared = steady.watched, [prepared for _, prepared in pairs]
        try:
            with self._effort.engine_limit(scorer):
                results = score_prepared(scorer, rows, prepared, self._should_stop_batch)
        except (ScoringStopped, UserFacingError):
            raise
        except Exception as error:  # noqa: BLE001 - the photos must come back, or the queue waits for them for ever
            return [failure(row, error) for row in rows]
        return steady.judge(results)

    def _halt(self, steady: SteadyScorer, rows: list[PhotoRow], sentence: str) -> None:
        """The scorer fails. Its photos wait behind all others: a second try begins with photos that may go well."""
        self._let_go(rows)
        held = steady.forget()
        self._waiting.extend(dict.fromkeys([*held, *rows]))
        self._halted = True
        self._idle.stop()
        self.halted.emit(sentence)

    @Slot()
    @guarded
    def _release(self) -> None:
        """Nothing came that could have shown the scorer to be at fault."""
        results = [] if self._steady is None else self._steady.release()
        if results:
            self.scored.emit(tuple(results))

    def _let_go(self, rows: list[PhotoRow]) -> None:
        if self._scorer is not None:
            self._held -= held_bytes(rows, self._scorer)


def _about(scorer: Scorer) -> ScorerReady:
    return ScorerReady(
        scorer.name, scorer.model_id, scorer.device, scorer.precision, scorer.photos_at_once, scorer.warning
    )
