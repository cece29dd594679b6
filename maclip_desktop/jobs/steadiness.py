"""Telling a scorer that fails from photos that fail."""

from collections.abc import Sequence
from typing import Any, cast

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.core.score import Score
from maclip_desktop.errors import DeviceError, UserFacingError
from maclip_desktop.jobs.tasks import ScoreResult
from maclip_desktop.scoring.scorer import Scorer, ScoringStopped, ShouldStop, never

BATCHES_IN_A_ROW = 3
"""So many batches of which an error inside the program spares no photo are the scorer's fault."""


class SteadyScorer:
    """A scorer with a memory of its failures.

    A batch that fails as a whole by an error inside the program is held back: if photos are scored after it, its own
    were at fault and have failed; if more batches fail like it, the scorer is at fault and they stay as they were.
    """

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._broken = 0
        self._held: list[ScoreResult] = []
        self._batches = 0

    @property
    def watched(self) -> Scorer:
        """The scorer whose `score` is watched; all else is the scorer's own."""
        return cast(Scorer, self)

    @property
    def holds(self) -> bool:
        """Whether failures are held back."""
        return bool(self._held)

    def score(self, prepared: Sequence[Any], should_stop: ShouldStop = never) -> list[Score]:
        """As the scorer's own."""
        try:
            return self._scorer.score(prepared, should_stop)
        except (ScoringStopped, UserFacingError):
            raise
        except Exception:
            # Of a batch that fails each photo is tried alone afterwards.
            self._broken += len(prepared) == 1
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scorer, name)

    def judge(self, results: list[ScoreResult]) -> list[ScoreResult]:
        """What is to be kept of what is known, once a batch has these *results*.

        Raises `DeviceError` where the scorer is at fault; `forget` then gives the photos that are as they were.
        """
        broken, self._broken = self._broken, 0
        if any(result.score is not None for result in results):
            return [*self.release(), *results]
        if not results or broken < len(results):
            return results
        self._held += results
        self._batches += 1
        if self._batches < BATCHES_IN_A_ROW:
            return []
        raise DeviceError(
            f"Scoring has stopped because nothing could be scored {self._batches} times in a row; the last reason was:"
            f" {results[-1].error}"
        )

    def release(self) -> list[ScoreResult]:
        """The failures held back, which are photos' failures after all."""
        held, self._held, self._batches = self._held, [], 0
        return held

    def forget(self) -> list[PhotoRow]:
        """The photos whose failures are held back; they count as never tried."""
        return [result.row for result in self.release()]
