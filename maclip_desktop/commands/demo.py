"""``maclip-desktop demo``: the whole path on sample photos."""

import argparse
import os
import time
from pathlib import Path

from maclip_desktop.commands.scorer_options import (
    add_scorer_options,
    require_maclip_for_its_options,
    scorer_choice,
)
from maclip_desktop.commands.user_paths import whole
from maclip_desktop.console import Console
from maclip_desktop.display import has_display, require_libraries
from maclip_desktop.errors import ExportError, UsageError
from maclip_desktop.paths import AppPaths

SUMMARY = "show the whole path on sample photos: watch, score, sort, flag, export"

MARKER = ".maclip-demo"
"""A file that says: what lies here was made by a demo and may be replaced by the next."""
RESULTS = ("culling_list.csv", "scores.json", "window.png")
"""What a demo makes in its folder, and replaces."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="DIR", type=Path, help="where the results go (default: a new folder here)")
    parser.add_argument("--headless", action="store_true", help="without a window, also where there is a screen")
    add_scorer_options(parser)


def run(options: argparse.Namespace, paths: AppPaths, library_file: Path, console: Console) -> int:
    """Run the demonstration with a library of its own, so that the user's stays untouched."""
    choice = scorer_choice(options)
    if choice.kind == "auto" and choice.weights_file(paths.weights) is None:
        require_maclip_for_its_options(options, "technical", paths.weights)
    headless = options.headless or not has_display()
    if headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    require_libraries(with_screen=not headless and bool(os.environ.get("DISPLAY")))
    out = _make_folder(options.out)
    from maclip_desktop.demo import run_demo

    return run_demo(out, paths, choice, headless, console)


def _make_folder(asked: Path | None) -> Path:
    """The folder for the results; made here, so that a mistake shows before the work begins."""
    out = whole(asked) if asked else Path.cwd() / f"maclip-demo-{time.strftime('%Y%m%d-%H%M%S')}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not (out / MARKER).exists():
            _refuse_to_replace(out)
            (out / MARKER).touch()
    except OSError as error:
        raise ExportError(f"{out} cannot be made ({error.strerror}); choose another folder with --out.") from error
    return out


def _refuse_to_replace(out: Path) -> None:
    """The demonstration replaces its results, so they must not be somebody else's."""
    for name in RESULTS:
        if (out / name).exists():
            raise UsageError(f"{out / name} is there already and not from a demo; choose another folder with --out.")
