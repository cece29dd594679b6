"""What an evaluation comes to: figures, and the places they are written to."""

import argparse
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from maclip_desktop import __version__
from maclip_desktop.commands.list_targets import require_list_target, require_two_targets
from maclip_desktop.commands.run_library import plural
from maclip_desktop.commands.user_paths import whole
from maclip_desktop.console import Console
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.errors import UsageError
from maclip_desktop.evaluation.agreement import Agreement, measure_agreement
from maclip_desktop.evaluation.lists import as_json, figures_as_csv, photos_as_csv
from maclip_desktop.evaluation.outcome import Outcome, PhotoState, RatedPhoto, Setting, score_columns
from maclip_desktop.evaluation.plot import SUFFIXES, draw_plot
from maclip_desktop.evaluation.table import result_lines
from maclip_desktop.exporting.atomic import require_place, write_atomically

LISTED_AT_MOST = 20
"""Missing photos named on the screen; JSON and the table of photos name all."""


def checked_targets(options: argparse.Namespace, library_file: Path) -> list[Path]:
    """The files that results go to. Raises `UsageError` or `ExportError` now rather than after hours of scoring."""
    if options.json == "-" and options.csv == "-":
        raise UsageError("--json - and --csv - both want standard output; give one of them a file.")
    if "-" in (options.scores, options.plot):
        raise UsageError("--scores and --plot want the name of a file; only --json and --csv can be '-'.")
    lists = [whole(one) for one in (options.json, options.csv, options.scores) if one not in (None, "-")]
    for target in lists:
        require_list_target(target, library_file)
    plots = [] if options.plot is None else [whole(options.plot)]
    for target in plots:
        if target.suffix.lower() not in SUFFIXES:
            raise UsageError(f"{target} should end in {' or '.join(SUFFIXES)}, which tells the form of the plot.")
        require_place(target)
    for target in lists + plots:
        if os.path.realpath(target) == os.path.realpath(whole(options.labels)):
            raise UsageError(f"{target} is the file of labels, and a result would replace it; name another file.")
    require_two_targets(lists + plots)
    return lists + plots


def require_no_photo(targets: Iterable[Path], photos: Iterable[PhotoRow]) -> None:
    """Refuse a target that is one of the photos compared, also by way of a link. Raises `UsageError`."""
    files = {os.path.realpath(photo.path) for photo in photos}
    for target in targets:
        if os.path.realpath(target) in files:
            raise UsageError(f"{target} is one of the photos compared, and would be replaced; name another file.")


def agreements_of(
    setting: Setting, names: Sequence[str], photos: tuple[RatedPhoto, ...], console: Console
) -> tuple[Agreement, ...]:
    """The figures of every way of scoring."""
    opinions, scores = score_columns(photos, len(names))
    total = setting.resampling.count

    def progress_of(name: str) -> Callable[[int], None]:
        return lambda done: console.progress(f"confidence intervals of {name}: {done} of {total} resamples")

    found = tuple(
        measure_agreement(name, predicted, opinions, setting.resampling, progress_of(name))
        for name, predicted in zip(names, scores, strict=True)
    )
    console.end_progress()
    return found


def write_results(outcome: Outcome, options: argparse.Namespace, console: Console) -> None:
    """Write what was asked for; the table goes to standard output unless a list takes that."""
    if "-" not in (options.json, options.csv):
        for line in result_lines(outcome):
            console.result(line)
    files: tuple[tuple[str | None, Callable[[], bytes]], ...] = (
        (options.json, lambda: as_json(outcome, __version__)),
        (options.csv, lambda: figures_as_csv(outcome)),
        (options.scores, lambda: photos_as_csv(outcome)),
        (options.plot, lambda: draw_plot(outcome, whole(options.plot).suffix)),
    )
    for target, content in files:
        if target == "-":
            for line in content().decode("ascii").splitlines():
                console.result(line)
        elif target is not None:
            write_atomically(whole(target), [content()])
            console.say(f"Written: {whole(target)}")


def list_unscored(photos: Iterable[RatedPhoto], console: Console) -> None:
    """Name the photos that could not be scored, and those that are not there."""
    missing = []
    for photo in photos:
        if photo.state is PhotoState.FAILED:
            console.say(photo.error or f"{photo.path} has no score.")
        elif photo.state is PhotoState.MISSING:
            missing.append(photo.path)
    if not missing:
        return
    console.say(f"Missing from the folder of images: {plural(len(missing))}:")
    for path in missing[:LISTED_AT_MOST]:
        console.say(f"  {path}")
    if len(missing) > LISTED_AT_MOST:
        console.say(f"  and {len(missing) - LISTED_AT_MOST} more; --json and --scores name all.")
