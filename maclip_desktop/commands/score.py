"""``maclip-desktop score``: score photos and say the result."""

import argparse
import signal
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from maclip_desktop.commands import DONE, SOME_FAILED, passed_over
from maclip_desktop.commands.list_targets import require_list_target, require_two_targets
from maclip_desktop.commands.picture_limit import add_picture_limit, use_picture_limit
from maclip_desktop.commands.run_library import headless_run, plural
from maclip_desktop.commands.scorer_options import (
    add_scorer_options,
    require_maclip_for_its_options,
    scorer_choice,
)
from maclip_desktop.commands.user_paths import whole
from maclip_desktop.console import Console
from maclip_desktop.core import why
from maclip_desktop.core.photo import PhotoDetails, PhotoRow
from maclip_desktop.core.score import Score
from maclip_desktop.disk import is_directory, is_there
from maclip_desktop.errors import UsageError
from maclip_desktop.exporting.culling_list import ListFormat, write_list
from maclip_desktop.jobs.headless import HeadlessRun
from maclip_desktop.jobs.watching_run import changed_photos
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.factory import create_scorer
from maclip_desktop.scoring.scorer import Scorer

SUMMARY = "score photos, and write the scores as a table or as JSON"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="photos, or folders of photos")
    parser.add_argument("--json", metavar="FILE", help="write everything as JSON to FILE ('-': standard output)")
    parser.add_argument("--csv", metavar="FILE", help="write a table as CSV to FILE ('-': standard output)")
    parser.add_argument(
        "--recursive",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="look into folders inside folders (default: yes)",
    )
    parser.add_argument("--watch", action="store_true", help="go on scoring new photos until stopped with Ctrl+C")
    add_picture_limit(parser)
    add_scorer_options(parser)


def run(options: argparse.Namespace, paths: AppPaths, library_file: Path, console: Console) -> int:
    """Score photos. Returns 1 where some could not be scored."""
    if options.json == "-" and options.csv == "-":
        raise UsageError("--json - and --csv - both want standard output; give one of them a file.")
    if options.watch and "-" in (options.json, options.csv):
        raise UsageError("--watch goes on until it is stopped, and a list has an end; give --json or --csv a file.")
    choice = scorer_choice(options)
    use_picture_limit(options, paths.settings_file)
    asked = [whole(path) for path in options.paths]
    targets = [whole(target) for target in (options.json, options.csv) if target not in (None, "-")]
    for target in targets:
        require_list_target(target, library_file, asked)
    require_two_targets(targets)
    if options.watch and not any(is_directory(path) for path in asked):
        raise UsageError("--watch wants a folder; none of the paths given is one.")
    with Store.open(library_file) as store, headless_run(store, console) as work:
        scorer = create_scorer(choice, paths.weights, console.download, allow_download=choice.kind == "maclip")
        require_maclip_for_its_options(options, scorer.name, paths.weights)
        console.say(f"Scoring with {describe(scorer)}.")
        if scorer.warning:
            console.say(scorer.warning)
        ids, problems = _score(work, asked, options.recursive, scorer)
        unread = [passed_over.no_photo(path, sentence) for path, sentence in problems.items()]
        films = passed_over.lonely_films(store, asked, options.recursive)
        _write(store, ids, unread, [*passed_over.entries(work.passed_over, films)], options, console)
        passed_over.say(work.passed_over, films, console)
        unscored = _unscored(store, ids, unread)
        _summarise(len(ids) + len(unread) - len(unscored), unscored, console)
        if options.watch:
            ids = _keep_watching(store, work, scorer, options, ids, unread, console)
        return SOME_FAILED if _unscored(store, ids, unread) else DONE


def describe(scorer: Scorer) -> str:
    """The scorer, as said to the person."""
    name = {"maclip": "MA-CLIP", "technical": "the technical scorer"}[scorer.name]
    hint = " (no CLIP weights needed)" if scorer.name == "technical" else ""
    precision = "" if scorer.precision == "float32" else f" in {scorer.precision}"
    return f"{name}{hint} on {scorer.device}{precision} [{scorer.model_id}]"


def _score(
    work: HeadlessRun, asked: Sequence[Path], recursive: bool, scorer: Scorer
) -> tuple[list[int], dict[Path, str]]:
    ids, problems = work.find(asked, recursive)
    work.read(ids)
    work.score(ids, scorer)
    return ids, problems


def _write(
    store: Store,
    photo_ids: Sequence[int],
    unread: Sequence[PhotoDetails],
    others: Sequence[PhotoDetails],
    options: argparse.Namespace,
    console: Console,
) -> None:
    """Write what was asked for. JSON accounts for every file in the folders, also for those that are no photos."""
    console.end_progress()
    photos = store.listed(photo_ids, beside=unread)
    accounted = store.listed(photo_ids, beside=[*unread, *others])
    for target, form, rows in ((options.json, ListFormat.JSON, accounted), (options.csv, ListFormat.CSV, photos)):
        if target is not None:
            write_list(rows, form, None if target == "-" else whole(target))
    if "-" in (options.json, options.csv):
        return
    if options.json is None and options.csv is None:
        for photo in photos:
            if photo.score is not None:
                console.result(_line(photo.score, photo.row.path))


def _line(score: Score, path: Path) -> str:
    causes = "".join(f"  - {cause}" for cause in why.sentences(score)[:1])
    return f"{score.value:.4f}  {path}{causes}"


def _unscored(store: Store, photo_ids: Sequence[int], unread: Sequence[PhotoDetails]) -> list[PhotoRow]:
    """What of the photos, and of what is not even in the library, has no score by this model; by path."""
    rows = [row for row in store.rows(photo_ids) if row.current_score is None]
    return sorted(rows, key=lambda row: str(row.path)) + [photo.row for photo in unread]


def _summarise(scored: int, unscored: Sequence[PhotoRow], console: Console) -> None:
    if not (scored or unscored):
        console.say("No photos were found there.")
        return
    for row in unscored:
        console.say(_reason(row))
    text = f"{plural(scored)} scored"
    console.say(f"{text}, {len(unscored)} could not be." if unscored else f"{text}.")


def _reason(row: PhotoRow) -> str:
    return row.error or f"{row.path} has no score."


def _keep_watching(
    store: Store,
    work: HeadlessRun,
    scorer: Scorer,
    options: argparse.Namespace,
    photo_ids: Sequence[int],
    unread: Sequence[PhotoDetails],
    console: Console,
) -> list[int]:
    """Score what is new, say so, each content of each photo once, and write the lists anew; until Ctrl+C.

    Returns the ids of all photos, those of *photo_ids* included, but of none that is gone.
    """
    console.say("Watching for new photos; stop with Ctrl+C.")
    known = dict.fromkeys(photo_ids)
    said = {(row.path, row.content_hash) for row in store.rows(photo_ids)}
    asked = [whole(path) for path in options.paths]
    folders = [path for path in asked if is_directory(path)]

    def write_lists() -> None:
        if options.json or options.csv:
            films = passed_over.lonely_films(store, asked, options.recursive)
            others = [*passed_over.entries(work.passed_over, films)]
            _write(store, _still_there(store, known, folders), unread, others, options, console)

    for changed in changed_photos(folders, options.recursive, _interrupts()):
        ids, _ = _score(work, changed, options.recursive, scorer)
        known.update(dict.fromkeys(ids))
        for photo in store.details(ids):
            key = (photo.row.path, photo.row.content_hash)
            if key not in said:
                said.add(key)
                if photo.score is None:
                    console.say(_reason(photo.row))
                else:
                    console.result(_line(photo.score, photo.row.path))
        write_lists()
        console.flush()
    write_lists()
    console.say("Stopped watching.")
    return _still_there(store, known, folders)


def _still_there(store: Store, photo_ids: Iterable[int], folders: Sequence[Path]) -> list[int]:
    """Without photos that were deleted, moved or renamed in one of *folders*; one that is away keeps its photos."""
    present = [folder for folder in folders if is_directory(folder)]

    def is_gone(path: Path) -> bool:
        return any(path.is_relative_to(folder) for folder in present) and not is_there(path)

    return [row.id for row in store.rows(photo_ids) if not is_gone(row.path)]


def _interrupts() -> Callable[[], bool]:
    """From now on Ctrl+C only makes the function that is returned say yes; a second one interrupts as ever.

    An exception that may come at any place can be lost, where it meets Python's own cleaning up, and a watch that
    went on for ever would be the price.
    """
    asked: list[int] = []

    def remember(number: int, _frame: object) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, remember)
    return lambda: bool(asked)
