"""The program's own way from files to saved scores, measured. To be run in a process of its own."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from maclip_desktop.benchmark.apart import Say
from maclip_desktop.benchmark.memory import forget_peak, peak_bytes
from maclip_desktop.benchmark.results import Differences, Measured
from maclip_desktop.benchmark.stages import milliseconds_by_stage
from maclip_desktop.benchmark.subject import Subject
from maclip_desktop.core.photo import DecodedPhoto, PhotoDetails
from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging.decode import decode
from maclip_desktop.jobs.headless import HeadlessRun
from maclip_desktop.jobs.tasks import decode_threads
from maclip_desktop.library.store import Store
from maclip_desktop.scoring.scorer import Scorer

LOOKED_AT_CLOSELY = 8
"""Photos that are timed stage by stage, and decoded both ways."""


def measure_program(subject: Subject, compare_decoding: bool, say: Say) -> Measured:
    """Score the photos as ``maclip-desktop score`` does, into a library that is thrown away.

    *compare_decoding*: also score a few of them decoded in full. Raises `UserFacingError` for what is wrong with
    weights, device or folders.
    """
    say("loading the scorer")
    start = time.perf_counter()
    scorer = subject.make_scorer()
    loading = time.perf_counter() - start
    _warm_up(scorer)
    forget_peak()
    subject.forget_device_peak()
    with temporary_run(subject, say) as (store, work):
        start = time.perf_counter()
        ids, problems = work.find(subject.paths, recursive=True)
        ids = ids[: subject.count]
        work.read(ids)
        work.score(ids, scorer)
        seconds = time.perf_counter() - start
        # Before the stages: they hold photos in other ways than the program does.
        peak, facts = peak_bytes(), subject.engine_facts()
        photos = list(store.details(ids))
        scores = {photo.row: photo.score for photo in photos if photo.score is not None}
        some = list(scores)[:LOOKED_AT_CLOSELY]
        say("timing the stages")
        stages = milliseconds_by_stage(store, some, scorer, subject.protocol)
    paths = [row.path for row in some] if compare_decoding else []
    return Measured(
        device=scorer.device,
        precision=scorer.precision,
        model_id=scorer.model_id,
        load_seconds=loading,
        seconds=seconds,
        scores={row.path: score.value for row, score in scores.items()},
        failed=problems | {photo.row.path: _reason(photo) for photo in photos if photo.score is None},
        views=sum(score.views for score in scores.values()),
        megapixels=sum((row.width or 0) * (row.height or 0) for row in scores) / 1e6,
        megabytes=sum(row.size for row in scores) / 1e6,
        stages=stages,
        peak_bytes=peak,
        engine=facts,
        decoding=_decoding_differences(paths, scorer, say),
    )


@contextmanager
def temporary_run(subject: Subject, say: Say) -> Iterator[tuple[Store, HeadlessRun]]:
    """A library in the subject's workplace, and a run over it as the commands make one."""

    def report(what: str, done: int, total: int) -> None:
        say(f"{what}: {done} of {total} photos" if total else f"{what} …")

    threads = decode_threads()
    with (
        tempfile.TemporaryDirectory(dir=subject.workplace) as folder,
        Store.open(Path(folder) / "library.db") as store,
        ThreadPoolExecutor(threads, thread_name_prefix="decode") as pool,
    ):
        yield store, HeadlessRun(store, pool, look_ahead=2 * threads, report=report)


def _warm_up(scorer: Scorer) -> None:
    """A first pass costs more than any later one: libraries choose their ways then."""
    grey = DecodedPhoto(np.full((480, 640, 3), 128, dtype=np.uint8), 640, 480)
    scorer.score([scorer.prepare(grey)])


def _decoding_differences(paths: Sequence[Path], scorer: Scorer, say: Say) -> Differences | None:
    """Reduced against full decoding, over the photos where the scorer lets them be decoded reduced."""
    reduced: dict[Path, float] = {}
    full: dict[Path, float] = {}
    for done, path in enumerate(paths, 1):
        say(f"decoding in full: {done} of {len(paths)} photos")
        try:
            whole = decode(path, colour_managed=scorer.colour_managed)
            side = scorer.min_side(whole.width, whole.height)
            if side is None:
                continue
            small = decode(path, min_side=side, colour_managed=scorer.colour_managed)
        except PhotoError:
            continue  # gone since it was scored a moment ago
        scores = scorer.score([scorer.prepare(small), scorer.prepare(whole)])
        reduced[path], full[path] = (score.value for score in scores)
    return Differences.between(reduced, full)


def _reason(photo: PhotoDetails) -> str:
    return photo.row.error or f"{photo.row.path} has no score."
