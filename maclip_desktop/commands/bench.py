"""``maclip-desktop bench``: how fast photos are scored on this machine."""

import argparse
import json
import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from maclip_desktop.benchmark.generated import write_generated
from maclip_desktop.benchmark.report import STANDIN_NOTE, Report, as_json
from maclip_desktop.benchmark.run import Wish, run_benchmark
from maclip_desktop.benchmark.subject import Subject
from maclip_desktop.benchmark.table import table
from maclip_desktop.commands import DONE, INTERRUPTED, SOME_FAILED
from maclip_desktop.commands.list_targets import require_list_target
from maclip_desktop.commands.scorer_options import add_scorer_options, scorer_choice
from maclip_desktop.commands.user_paths import whole
from maclip_desktop.console import Console
from maclip_desktop.errors import FolderError, UsageError
from maclip_desktop.exporting.atomic import write_atomically
from maclip_desktop.paths import AppPaths

SUMMARY = "measure how fast photos are scored here: by stage, with peak memory; nothing is kept"

GENERATED = 32
MEGAPIXELS = 12.0
MIN_MEGAPIXELS, MAX_MEGAPIXELS = 0.01, 100.0

FOLDER_PREFIX = "maclip-bench-"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", type=Path, help="photos, or folders of photos (default: generated photos)"
    )
    parser.add_argument("--photos", metavar="DIR", type=Path, help="a folder of photos, as PATH")
    parser.add_argument(
        "--count", metavar="N", type=int, help=f"use N photos and no more (default: all, or {GENERATED} generated)"
    )
    parser.add_argument(
        "--megapixels", metavar="X", type=float, default=MEGAPIXELS, help="size of generated photos (default: 12)"
    )
    parser.add_argument("--json", metavar="FILE", help="write everything as JSON to FILE ('-': standard output)")
    parser.add_argument(
        "--compare-precisions", action="store_true", help="also float32, bfloat16, float16 and full decoding"
    )
    parser.add_argument(
        "--baseline",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="also score a few photos as the public implementation does, and compare (default: yes)",
    )
    add_scorer_options(parser)


def run(options: argparse.Namespace, paths: AppPaths, library_file: Path, console: Console) -> int:
    """Measure. Returns 1 where some photos could not be scored."""
    given = tuple(whole(path) for path in [*options.paths, *([options.photos] if options.photos else [])])
    _require_numbers(options)
    if options.json not in (None, "-"):
        require_list_target(whole(options.json), library_file, given)
    choice = scorer_choice(options)
    weights = None if choice.kind == "technical" else choice.weights_file(paths.weights)
    # Without weights "auto" is the technical scorer elsewhere; here there are stand-ins.
    choice = replace(choice, kind="technical" if choice.kind == "technical" else "maclip")
    wish = Wish(plain_way=options.baseline, precisions=options.compare_precisions)
    load = _load()
    try:
        with _workplace() as folder:
            subject = Subject(choice, weights, False, given, options.count, folder)
            if not given:
                subject = replace(subject, paths=(_generate(folder, options, console),), count=None)
            report = run_benchmark(subject, not given, wish, console.progress, console.say)
    except KeyboardInterrupt:
        console.say("Stopped; nothing was measured and nothing is kept.")
        return INTERRUPTED
    return _tell(replace(report, load_before=load), options.json, console)


def _load() -> float | None:
    """How many processes wanted a processor in the last minute, on average; None where the system does not count."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None


@contextmanager
def _workplace() -> Iterator[Path]:
    """A folder for everything that is thrown away in the end, also after Ctrl+C."""
    try:
        # A process that was ended a moment ago may still hold a file of it on Windows.
        folder = tempfile.TemporaryDirectory(prefix=FOLDER_PREFIX, ignore_cleanup_errors=True)
    except OSError as error:
        raise FolderError(
            f"No folder can be made for the measuring in {tempfile.gettempdir()} ({error.strerror});"
            " make room there, or name another place with the environment variable TMPDIR."
        ) from error
    with folder as name:
        yield Path(name)


def _generate(folder: Path, options: argparse.Namespace, console: Console) -> Path:
    photos = folder / "photos"
    photos.mkdir()
    height = round(math.sqrt(options.megapixels * 1e6 * 3 / 4))
    size = round(height * 4 / 3), height
    write_generated(photos, options.count or GENERATED, console.progress, size)
    return photos


def _require_numbers(options: argparse.Namespace) -> None:
    if options.count is not None and options.count < 1:
        raise UsageError(f"--count must be 1 or more, not {options.count}.")
    if not MIN_MEGAPIXELS <= options.megapixels <= MAX_MEGAPIXELS:
        raise UsageError(
            f"--megapixels must lie between {MIN_MEGAPIXELS:g} and {MAX_MEGAPIXELS:g}, not {options.megapixels:g}."
        )


def _tell(report: Report, json_target: str | None, console: Console) -> int:
    console.end_progress()
    program = report.program
    for sentence in program.failed.values():
        console.say(sentence)
    if not program.scores:
        console.say("No photos could be scored, so there is nothing to tell.")
        return SOME_FAILED
    if json_target is not None:
        text = json.dumps(as_json(report), indent=2)
        if json_target == "-":
            for line in text.splitlines():
                console.result(line)
        else:
            write_atomically(whole(json_target), [f"{text}\n".encode()])
    if json_target != "-":
        for line in table(report):
            console.result(line)
    elif report.subject.stands_in:
        console.say(f"Measured with {STANDIN_NOTE}.")
    return SOME_FAILED if program.failed else DONE
