"""``maclip-desktop export``: write the culling list."""

import argparse
from pathlib import Path

from maclip_desktop.commands import DONE
from maclip_desktop.commands.list_targets import require_list_target
from maclip_desktop.commands.run_library import open_existing, photos_of, plural
from maclip_desktop.commands.user_paths import whole
from maclip_desktop.console import Console
from maclip_desktop.core.culling import Select
from maclip_desktop.exporting.culling_list import ListFormat, write_list
from maclip_desktop.paths import AppPaths

SUMMARY = "write the culling list: rejects, picks, unflagged photos or all"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="only photos at or below these paths")
    parser.add_argument(
        "--format",
        choices=[one.value for one in ListFormat],
        help="the form of the list (default: what the name of FILE ends in, else csv)",
    )
    parser.add_argument("--select", choices=[one.value for one in Select], default=Select.REJECTS.value)
    parser.add_argument("--out", metavar="FILE", default="-", help="the file to write (default: '-', standard output)")
    parser.add_argument("--dry-run", action="store_true", help="only say how many photos would be written, and where")


def run(options: argparse.Namespace, paths: AppPaths, library_file: Path, console: Console) -> int:
    """Write the list, worst photos first."""
    out = None if options.out == "-" else whole(options.out)
    if out is not None:
        require_list_target(out, library_file)
    with open_existing(library_file) as store:
        photos = store.listed(photos_of(store, options.paths), Select(options.select))
        where = "standard output" if out is None else str(out)
        if options.dry_run:
            console.say(f"Would be written to {where}: {plural(len(photos))}.")
            return DONE
        write_list(photos, _form(options.format, out), out)
        console.say(f"Written to {where}: {plural(len(photos))}.")
    return DONE


def _form(asked: str | None, out: Path | None) -> ListFormat:
    """The form asked for, or the one the file's name tells."""
    if asked is not None:
        return ListFormat(asked)
    ending = "" if out is None else out.suffix.lower().lstrip(".")
    return ListFormat(ending) if ending in list(ListFormat) else ListFormat.CSV
