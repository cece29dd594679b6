"""What is done to one photo away from the GUI thread: plain functions, run in pools by the workers and the CLI."""

import logging
import math
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from maclip_desktop.core.photo import DecodedPhoto, PhotoInfo, PhotoRow
from maclip_desktop.core.score import Score
from maclip_desktop.disk import mtime_ns
from maclip_desktop.errors import LibraryError, PhotoError, TransientPhotoError, UserFacingError
from maclip_desktop.imaging.decode import decoded
from maclip_desktop.imaging.failures import shown
from maclip_desktop.imaging.hashing import content_hash
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.library.photos import Fault
from maclip_desktop.library.store import Store
from maclip_desktop.scoring.scorer import Scorer, ScoringStopped, ShouldStop, never

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Identified:
    """What reading a file once tells of it: its content's hash and, where it is a picture, its metadata."""

    row: PhotoRow
    content_hash: str | None
    info: PhotoInfo | None
    error: str | None
    fault: Fault = Fault.CONTENT
    """Where the reason of the error lies."""


class StaleFileError(TransientPhotoError):
    """The file is not the one any more that was identified: it was moved, deleted or replaced since."""


class BrokenPhotoError(PhotoError):
    """The file cannot be decoded, whoever scores it."""


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """A score, or the sentence why there is none."""

    row: PhotoRow
    score: Score | None
    error: str | None
    fault: Fault = Fault.SCORER
    """Where the reason of the error lies. `Fault.ACCESS`: a copy elsewhere may still be scored."""


def identify(row: PhotoRow) -> Identified:
    """Hash the file and read its metadata; what is half of one content and half of another is not kept.

    A file whose content is known (`PhotoRow.content_hash`) is not hashed again: only its metadata is wanted. Never
    raises: others are read along with it.
    """
    try:
        return _read(row)
    except Exception as error:  # noqa: BLE001 - told and logged; the others of its chunk go on
        return Identified(row, row.content_hash, None, _our_fault(row, "read", error))


def _read(row: PhotoRow) -> Identified:
    digest, info, broken = row.content_hash, None, None
    try:
        digest = digest or content_hash(row.path)
        info = read_info(row.path)
    except TransientPhotoError as error:
        return Identified(row, None, None, str(error), Fault.ACCESS)
    except PhotoError as error:
        broken = str(error)
    try:
        _check_unchanged(row)
    except StaleFileError as error:
        return Identified(row, None, None, str(error), Fault.ACCESS)
    return Identified(row, digest, info, broken)


def prepare(row: PhotoRow, scorer: Scorer) -> Any:
    """Decode the photo and do the part of scoring that needs no model.

    Raises `PhotoError`: `BrokenPhotoError` where the file cannot be decoded, and `StaleFileError` where it has
    changed since it was identified: its score would be kept under the hash of the content it had before.
    """
    try:
        with ExitStack() as until_prepared:
            min_side = scorer.min_side(row.width or 0, row.height or 0)
            photo = _decoded(row.path, min_side, scorer.colour_managed, until_prepared)
            prepared = scorer.prepare(photo)
    except PhotoError as error:
        if _stamp(row.path) != (row.size, row.mtime_ns):
            raise StaleFileError(str(error)) from error
        if shown(row.path) not in str(error):  # a scorer knows pixels only
            raise PhotoError(f"{shown(row.path)}: {error}") from error
        raise
    _check_unchanged(row)
    return prepared


def _decoded(path: Path, min_side: int | None, colour_managed: bool, until: ExitStack) -> DecodedPhoto:
    try:
        return until.enter_context(decoded(path, min_side=min_side, colour_managed=colour_managed))
    except TransientPhotoError:
        raise
    except PhotoError as error:
        raise BrokenPhotoError(str(error)) from error


def _check_unchanged(row: PhotoRow) -> None:
    if _stamp(row.path) != (row.size, row.mtime_ns):
        raise StaleFileError(f"{shown(row.path)} changed while it was being read; it will be looked at again.")


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, mtime_ns(status)


def score_prepared(
    scorer: Scorer, rows: list[PhotoRow], prepared: list[Any], should_stop: ShouldStop = never
) -> list[ScoreResult]:
    """Score a batch; a photo that spoils it is found by scoring one by one, so that its neighbours go on.

    Raises the `UserFacingError` that is about the scorer and not about a photo, and `ScoringStopped`.
    """
    try:
        scores = scorer.score(prepared, should_stop)
    except ScoringStopped:
        raise
    except Exception as error:
        if isinstance(error, UserFacingError) and not isinstance(error, PhotoError):
            raise
        if len(rows) == 1:
            return [failure(rows[0], error)]
        pairs = zip(rows, prepared, strict=True)
        return [result for row, one in pairs for result in score_prepared(scorer, [row], [one], should_stop)]
    return [_result(row, score) for row, score in zip(rows, scores, strict=True)]


def _result(row: PhotoRow, score: Score) -> ScoreResult:
    """A number, or a failure: what is no number cannot be sorted or compared with a threshold."""
    if math.isfinite(score.value):
        return ScoreResult(row, score, None)
    return ScoreResult(row, None, f"{shown(row.path)} got no usable score ({score.value}); try another scorer.")


def failure(row: PhotoRow, error: BaseException) -> ScoreResult:
    """The result of a photo that could not be scored: its own fault, or ours, which goes to the log as well."""
    if isinstance(error, UserFacingError):
        return ScoreResult(row, None, str(error), _fault_of(error))
    return ScoreResult(row, None, _our_fault(row, "scored", error))


def _our_fault(row: PhotoRow, done: str, error: BaseException) -> str:
    """The sentence for an error that only the log can explain."""
    name = shown(row.path)
    log.error("%s could not be %s", name, done, exc_info=error)
    return f"{name} could not be {done} because of an error inside the program ({type(error).__name__}: {error})."


def _fault_of(error: UserFacingError) -> Fault:
    if isinstance(error, TransientPhotoError):
        return Fault.ACCESS
    return Fault.CONTENT if isinstance(error, BrokenPhotoError) else Fault.SCORER


def save_results(store: Store, results: Iterable[ScoreResult]) -> None:
    """Keep a batch's scores and errors, all or none."""
    with store.batch():
        for result in results:
            row = result.row
            if result.score is not None and row.content_hash is not None:
                store.save_scores([(row.content_hash, result.score)])
            elif result.error is not None:
                _save_failure(store, row, result.error, result.fault)


def _save_failure(store: Store, row: PhotoRow, error: str, fault: Fault) -> None:
    """Copies of the content fail alike, and are handed out for scoring only once; not so where a file is at fault."""
    copies = store.rows_with_hash([row.content_hash]) if row.content_hash and fault is not Fault.ACCESS else []
    for copy in [row, *(copy for copy in copies if copy.id != row.id and copy.error is None)]:
        sentence = error.replace(shown(row.path), shown(copy.path))
        store.record_failed(copy.id, copy.size, copy.mtime_ns, sentence, fault)


def save_identified(store: Store, results: Iterable[Identified]) -> None:
    """Keep what was read of a batch of files, all or none; what cannot be written down is a failure of that file."""
    with store.batch():
        for result in results:
            row = result.row
            try:
                _save_one(store, result)
            except LibraryError:
                raise
            except Exception as error:  # noqa: BLE001 - told and logged; the others of the batch are kept
                store.record_failed(row.id, row.size, row.mtime_ns, _our_fault(row, "kept", error))


def _save_one(store: Store, result: Identified) -> None:
    row = result.row
    if result.content_hash is not None:
        store.record_identified(row.id, row.size, row.mtime_ns, result.content_hash, result.info)
    if result.error is not None and not _is_good(result):
        store.record_failed(row.id, row.size, row.mtime_ns, result.error, result.fault)


def _is_good(result: Identified) -> bool:
    """Whether the photo was read well before, and has only not told now what a newer program wants to know."""
    row = result.row
    return result.fault is Fault.CONTENT and row.content_hash is not None and row.width is not None


def decode_threads(spare: int = 0) -> int:
    """How many threads decode beside the model; *spare* processors are left to others, such as the window."""
    return max(1, min(16, (os.cpu_count() or 2) - spare))


MAX_HELD_BYTES = 400_000_000
"""Prepared photos that wait for the model: no more are begun while they take this much."""


def held_bytes(rows: Iterable[PhotoRow], scorer: Scorer) -> int:
    """About how much memory these photos take once they are prepared."""
    return sum(scorer.prepared_bytes(row.width or 0, row.height or 0) for row in rows)


def _weightless(_: object) -> int:
    return 0


def ahead(
    items: Iterable[Item],
    work: Callable[[Item], Result],
    pool: Executor,
    look_ahead: int,
    weight: Callable[[Item], int] = _weightless,
) -> Generator[tuple[Item, Future[Result]], None, None]:
    """Run *work* over *items* in a pool, and yield in the items' order.

    At most *look_ahead* at once; no more are begun than half of `MAX_HELD_BYTES` hold by their *weight* in bytes, and
    one: the other half is for what the caller gathers.
    """
    waiting: list[tuple[Item, Future[Result]]] = []
    try:
        for item in items:
            waiting.append((item, pool.submit(work, item)))
            while len(waiting) >= look_ahead or sum(weight(one) for one, _ in waiting) > MAX_HELD_BYTES // 2:
                yield waiting.pop(0)
        while waiting:
            yield waiting.pop(0)
    finally:
        for _, future in waiting:
            future.cancel()


def score_photos(
    rows: Iterable[PhotoRow], scorer: Scorer, pool: Executor, *, batch: int, look_ahead: int
) -> Iterator[list[ScoreResult]]:
    """Score photos in batches, decoding ahead of the model; a bad photo never shifts its neighbours."""
    good: list[tuple[PhotoRow, Any]] = []
    pairs = ahead(rows, lambda row: prepare(row, scorer), pool, look_ahead, lambda row: held_bytes([row], scorer))
    for row, future in pairs:
        error = future.exception()
        if error is None:
            good.append((row, future.result()))
        else:
            yield [failure(row, error)]
        if len(good) >= batch or held_bytes((row for row, _ in good), scorer) > MAX_HELD_BYTES // 2:
            yield _score_pairs(scorer, good)
            good = []
    if good:
        yield _score_pairs(scorer, good)


def _score_pairs(scorer: Scorer, pairs: list[tuple[PhotoRow, Any]]) -> list[ScoreResult]:
    return score_prepared(scorer, [row for row, _ in pairs], [prepared for _, prepared in pairs])
