"""Milliseconds by stage: a few photos, one stage after the other, in one thread."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.imaging.decode import decode
from maclip_desktop.jobs.tasks import identify, save_identified, save_results, score_prepared
from maclip_desktop.library.store import Store
from maclip_desktop.scoring.parameters import Protocol
from maclip_desktop.scoring.scorer import Scorer
from maclip_desktop.scoring.technical import measure

STAGES = ("read", "decode", "resize", "measure", "model", "store")
"""read: hash the file and read its metadata. decode: to upright RGB, as small as the scorer allows. resize: as the
protocol asks. measure: the technical measures. model: from pixels to the score's parts. store: into the library."""


class StageClock:
    """Adds up seconds by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] += time.perf_counter() - start


def milliseconds_by_stage(
    store: Store, rows: Sequence[PhotoRow], scorer: Scorer, protocol: Protocol | None
) -> dict[str, float]:
    """Mean milliseconds that one of *rows*, which can all be scored, spends in each of `STAGES`.

    *protocol*: the scorer's, or None for one that resizes nothing. The scores are saved in *store* once more.
    """
    clock = StageClock()
    for start in range(0, len(rows), scorer.photos_at_once):
        _time_batch(store, list(rows[start : start + scorer.photos_at_once]), scorer, protocol, clock)
    return {name: 1000 * seconds / max(1, len(rows)) for name, seconds in clock.seconds.items()}


def _time_batch(
    store: Store, rows: list[PhotoRow], scorer: Scorer, protocol: Protocol | None, clock: StageClock
) -> None:
    with clock.stage("read"):
        identified = [identify(row) for row in rows]
    prepared = [_time_preparation(row, scorer, protocol, clock) for row in rows]
    with clock.stage("model"):
        results = score_prepared(scorer, rows, prepared)
    with clock.stage("store"):
        save_identified(store, identified)
        save_results(store, results)


def _time_preparation(row: PhotoRow, scorer: Scorer, protocol: Protocol | None, clock: StageClock) -> Any:
    """Each part of what `Scorer.prepare` does, timed by itself, and then its result."""
    with clock.stage("decode"):
        side = scorer.min_side(row.width or 0, row.height or 0)
        photo = decode(row.path, min_side=side, colour_managed=scorer.colour_managed)
    with clock.stage("measure"):
        measure(photo)
    if protocol is not None:
        from maclip_desktop.scoring.views import fit_to_protocol

        with clock.stage("resize"):
            fit_to_protocol(photo.pixels, protocol)
    return scorer.prepare(photo)
