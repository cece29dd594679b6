"""``maclip-desktop [FOLDER...]``: the window."""

import argparse
import difflib
import sys
from pathlib import Path

from maclip_desktop.commands import DONE, NAMES
from maclip_desktop.commands.picture_limit import add_picture_limit, asked_limit
from maclip_desktop.commands.scorer_options import add_scorer_options, scorer_choice
from maclip_desktop.commands.user_paths import whole
from maclip_desktop.console import Console
from maclip_desktop.disk import is_directory
from maclip_desktop.display import require_display
from maclip_desktop.errors import FolderError
from maclip_desktop.instance.claim import claimed
from maclip_desktop.paths import AppPaths


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folders", metavar="FOLDER", nargs="*", type=Path, help="folders to watch")
    add_picture_limit(parser)
    add_scorer_options(parser)


def run(options: argparse.Namespace, paths: AppPaths, library_file: Path, console: Console) -> int:
    """Open the window."""
    folders = tuple(whole(folder) for folder in options.folders)
    for folder in folders:
        if not is_directory(folder):
            raise FolderError(
                f"{folder} is no folder that can be opened; check its name and permissions.{_hint(folder)}"
            )
    choice, max_megapixels = scorer_choice(options), asked_limit(options)
    require_display()
    with claimed(library_file, folders) as claim:
        if claim is None:
            console.say(_handed_over(folders))
            return DONE
        _prepare_for_qt()
        from maclip_desktop.app import run as run_window

        return run_window(paths, library_file, folders, choice, claim, max_megapixels)


def _prepare_for_qt() -> None:
    if sys.platform == "win32":
        # From torch 2.9 on its libraries cannot be loaded there any more once Qt's are.
        from maclip_desktop.scoring.preload import preload_torch

        preload_torch()


def _handed_over(folders: tuple[Path, ...]) -> str:
    if not folders:
        return "A window is open with this library; it comes to the front."
    names = ", ".join(map(str, folders))
    return f"A window is open with this library; from now on it watches {names} as well."


def _hint(folder: Path) -> str:
    """A mistyped command is taken for a folder."""
    meant = difflib.get_close_matches(folder.name, NAMES, n=1)
    return f" If you meant the command: 'maclip-desktop {meant[0]}'." if meant else ""
