"""The photos of an evaluation: found, scored, and kept as they are scored, so that a stopped run can go on."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from maclip_desktop.commands.evaluate_ways import Rating, Ways, rate_photos
from maclip_desktop.commands.run_library import plural
from maclip_desktop.console import Console
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.evaluation.kept import KeptScores, PhotoKey
from maclip_desktop.evaluation.labels import Label, Labels
from maclip_desktop.evaluation.outcome import PhotoState, RatedPhoto
from maclip_desktop.imaging.apart import decoding_apart
from maclip_desktop.jobs.rate import RateMeter
from maclip_desktop.jobs.tasks import decode_threads
from maclip_desktop.scoring.scorer import Scorer

_BAR_CELLS = 24


@dataclass(frozen=True)
class ListedPhotos:
    """The photos of the labels, looked for in the folder of images."""

    labels: Labels
    images: Path
    found: dict[str, PhotoRow]
    """By their paths in the labels; what is missing here is missing there."""

    @classmethod
    def look_for(cls, labels: Labels, images: Path) -> "ListedPhotos":
        rows = {label.path: _row(images / label.path) for label in labels.entries}
        return cls(labels, images, {path: row for path, row in rows.items() if row is not None})

    def key(self, path: str) -> PhotoKey:
        """What tells whether a kept score is of this very file."""
        row = self.found[path]
        return path, row.size, row.mtime_ns


def kept_scores(folder: Path, listed: ListedPhotos, scorer: Scorer, ways: Ways) -> KeptScores:
    """What earlier runs left in *folder* for these labels and images, this model and these ways of scoring."""
    identity = {
        "labels": listed.labels.sha256,
        "images": str(listed.images),
        "model": scorer.model_id,
        "ways": ways.names,
    }
    return KeptScores(folder, identity, len(ways.names))


def score_listed(
    listed: ListedPhotos, scorer: Scorer, ways: Ways, kept: KeptScores, console: Console
) -> list[RatedPhoto]:
    """Every photo of the labels, in their order, with its scores: those of *kept*, and the others scored now."""
    known = {path: scores for path in listed.found if (scores := kept.get(listed.key(path))) is not None}
    if known:
        console.say(f"Scored by an earlier run: {plural(len(known))}; --restart scores them again.")
    waiting = {path: row for path, row in listed.found.items() if path not in known}
    ratings = _score(waiting, len(known), listed, scorer, ways, kept, console)
    return [_rated(label, known.get(label.path), ratings.get(label.path)) for label in listed.labels.entries]


def _score(
    waiting: dict[str, PhotoRow],
    done: int,
    listed: ListedPhotos,
    scorer: Scorer,
    ways: Ways,
    kept: KeptScores,
    console: Console,
) -> dict[str, Rating]:
    path_of = {row.path: path for path, row in waiting.items()}
    ratings: dict[str, Rating] = {}
    threads = decode_threads()
    meter = RateMeter()
    meter.begin()
    _tell_trouble(kept, console)
    with decoding_apart(), ThreadPoolExecutor(threads, thread_name_prefix="decode") as pool:
        for batch in rate_photos(list(waiting.values()), scorer, ways, pool, 2 * threads):
            ratings |= {path_of[rating.row.path]: rating for rating in batch}
            if not kept.trouble:
                kept.add((listed.key(path_of[one.row.path]), one.scores) for one in batch if one.error is None)
                _tell_trouble(kept, console)
            if notice := scorer.take_notice():
                console.say(notice)
            done += len(batch)
            meter.add(len(batch))
            console.progress(progress_bar(done, len(listed.found), meter.seconds_left(len(listed.found) - done)))
    console.end_progress()
    return ratings


def progress_bar(done: int, total: int, seconds_left: float | None) -> str:
    """How far the scoring is, as one line."""
    full = _BAR_CELLS * done // max(1, total)
    left = "" if seconds_left is None else f", {int(seconds_left) // 60}:{int(seconds_left) % 60:02} left"
    return f"scoring [{'#' * full}{'-' * (_BAR_CELLS - full)}] {done} of {total} photos{left}"


def _tell_trouble(kept: KeptScores, console: Console) -> None:
    if kept.trouble:
        reason = kept.trouble.strerror or kept.trouble
        console.say(f"Scores cannot be kept in {kept.file} ({reason}); if this run is stopped, the next begins anew.")


def _row(path: Path) -> PhotoRow | None:
    """The photo as a file, or None where there is nothing that can be looked at."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return PhotoRow(id=0, folder_id=0, path=path, size=status.st_size, mtime_ns=status.st_mtime_ns)


def _rated(label: Label, known: tuple[float, ...] | None, rating: Rating | None) -> RatedPhoto:
    if known is not None:
        return RatedPhoto(label.path, label.opinion, PhotoState.SCORED, known)
    if rating is None:
        return RatedPhoto(label.path, label.opinion, PhotoState.MISSING, error="There is no such file.")
    state = PhotoState.SCORED if rating.error is None else PhotoState.FAILED
    return RatedPhoto(label.path, label.opinion, state, rating.scores, rating.error)
