"""Loading a scorer beside the one that is at work: a download takes minutes, and scoring goes on meanwhile."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from maclip_desktop.errors import UserFacingError
from maclip_desktop.jobs.priority import lower_priority
from maclip_desktop.scoring.factory import ScorerChoice
from maclip_desktop.scoring.scorer import Scorer, ShouldStop

log = logging.getLogger(__name__)

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, bytes so far and bytes in all (None where unknown)."""

LoadScorer = Callable[[ScorerChoice, Path, Progress, bool, ShouldStop], Scorer]
"""`create_scorer`, or what stands in for it."""


@dataclass(frozen=True, slots=True)
class Loading:
    """One attempt to get a scorer."""

    choice: ScorerChoice
    allow_download: bool
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Loaded:
    """How an attempt ended: with a scorer, or with the sentence why there is none."""

    loading: Loading
    scorer: Scorer | None
    sentence: str = ""


class ScorerLoader:
    """Loads one scorer at a time in a thread of its own; who asks for another one gives up the one before.

    *on_progress* and *on_end* are called in that thread; *on_end* also for what was given up (see `is_wanted`).
    """

    def __init__(
        self, load: LoadScorer, weights_dir: Path, on_progress: Progress, on_end: Callable[[Loaded], None]
    ) -> None:
        self._load = load
        self._weights_dir = weights_dir
        self._on_progress = on_progress
        self._on_end = on_end
        self._wanted: Loading | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._pool: Executor = ThreadPoolExecutor(1, thread_name_prefix="scoring-load", initializer=lower_priority)

    def start(self, choice: ScorerChoice, allow_download: bool) -> None:
        """Load what *choice* means. May be called from any thread; does nothing after `close`."""
        with self._lock:
            self._begin(choice, allow_download)

    def start_first(self, choice: ScorerChoice) -> None:
        """Load what *choice* means, unless somebody has chosen something already."""
        with self._lock:
            if self._wanted is None:
                self._begin(choice, allow_download=False)

    def cancel(self) -> None:
        """Ask a download to end; what it has is kept. May be called from any thread."""
        with self._lock:
            self._give_up()

    def is_wanted(self, loaded: Loaded) -> bool:
        """False for the end of what was given up for another choice."""
        return loaded.loading is self._wanted

    def close(self) -> None:
        """End; waits for a connection that is silent or a model that is being read."""
        with self._lock:
            self._closed = True
            self._give_up()
            self._wanted = None
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _begin(self, choice: ScorerChoice, allow_download: bool) -> None:
        if not self._closed:
            self._give_up()
            self._wanted = Loading(choice, allow_download)
            self._pool.submit(self._run, self._wanted)

    def _give_up(self) -> None:
        if self._wanted is not None:
            self._wanted.stop.set()

    def _run(self, loading: Loading) -> None:
        def report(what: str, done: int, total: int | None) -> None:
            if not loading.stop.is_set():
                self._on_progress(what, done, total)

        try:
            scorer = self._load(loading.choice, self._weights_dir, report, loading.allow_download, loading.stop.is_set)
        except UserFacingError as error:
            self._on_end(Loaded(loading, None, str(error)))
        except Exception as error:
            # Somebody waits for an answer, whatever it is.
            log.error("The scorer could not be loaded", exc_info=error)
            self._on_end(Loaded(loading, None, f"The scorer could not be loaded ({type(error).__name__}: {error})."))
        else:
            self._on_end(Loaded(loading, scorer))
