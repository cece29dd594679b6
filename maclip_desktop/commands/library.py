"""``maclip-desktop library``: look after the library: check it, back it up, follow folders that have moved."""

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from maclip_desktop.commands import DONE, SOME_FAILED
from maclip_desktop.commands.actions import add_action
from maclip_desktop.commands.list_targets import require_list_target
from maclip_desktop.commands.run_library import open_existing, plural
from maclip_desktop.commands.user_paths import whole
from maclip_desktop.console import Console
from maclip_desktop.disk import is_directory, is_file, is_there
from maclip_desktop.errors import FolderError, LibraryError, UsageError
from maclip_desktop.library.restoring import restore
from maclip_desktop.library.statistics import LibraryStats
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths

SUMMARY = "check the library, back it up or restore it, say where moved folders are now, count what is in it"

MOST_NAMED = 20
"""Photos that are named where they are not found; of more there is only the number."""


def add_options(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="check | backup | restore | relocate | stats", required=True)
    add_action(actions, "check", _check, "look whether the library holds together; what is wrong is listed")
    backup = add_action(actions, "backup", _backup, "write a whole copy of the library; a window may be open meanwhile")
    backup.add_argument("file", metavar="FILE", type=Path, help="the file to write")
    backup.add_argument("--force", action="store_true", help="replace FILE if it is there")
    back = add_action(actions, "restore", _restore, "make the library what a backup is; the one before is kept")
    back.add_argument("file", metavar="FILE", type=Path, help="a backup of a library")
    back.add_argument("--yes", action="store_true", help="replace the library without asking")
    moved = add_action(
        actions,
        "relocate",
        _relocate,
        "say that what was in one directory is in another one now; marks and scores stay, no photo is touched",
    )
    moved.add_argument("old", metavar="OLD", type=Path, help="a folder of the library, or one around or inside it")
    moved.add_argument("new", metavar="NEW", type=Path, help="the directory where its photos are now")
    moved.add_argument("--force", action="store_true", help="also where none of the photos is found in NEW")
    stats = add_action(actions, "stats", _stats, "count folders, photos, scores and marks")
    stats.add_argument("--json", action="store_true", help="as JSON")


def run(options: argparse.Namespace, paths: AppPaths, library_file: Path, console: Console) -> int:
    """Do what was asked for with the library."""
    code: int = options.action(options, library_file, console)
    return code


def _check(_: argparse.Namespace, library_file: Path, console: Console) -> int:
    with open_existing(library_file) as store:
        problems = store.check()
        for problem in problems:
            console.result(problem)
        if problems:
            console.say(
                f"The library {library_file} has {plural(len(problems), 'fault')}; put a backup in its place with"
                f" 'maclip-desktop library restore FILE' ({plural(store.stats().backups, 'backup')} beside it)."
            )
            return SOME_FAILED
        console.result(f"The library {library_file} holds together: {plural(store.stats().photos)}.")
    return DONE


def _backup(options: argparse.Namespace, library_file: Path, console: Console) -> int:
    target = whole(options.file)
    _require_backup_target(options, target, library_file)
    with open_existing(library_file) as store:
        store.backup(target)
        console.result(f"Backed up to {target}: {plural(store.stats().photos)}, {_size(target.stat().st_size)}.")
    return DONE


def _require_backup_target(options: argparse.Namespace, target: Path, library_file: Path) -> None:
    """Refuse what a backup must not replace, and what cannot hold one. Raises `UsageError` and `ExportError`."""
    if str(options.file) == "-":
        raise UsageError("A backup cannot go to standard output; name a file for it.")
    require_list_target(target, library_file, thing="backup")
    if is_there(target) and not is_file(target):
        raise UsageError(f"{target} is no ordinary file, and a backup would replace it; name another file.")
    if is_there(target) and not options.force:
        raise UsageError(f"{target} is there already; name another file, or add --force to replace it.")


def _restore(options: argparse.Namespace, library_file: Path, console: Console) -> int:
    backup = whole(options.file)
    if is_there(library_file) and not options.yes:
        if not console.can_ask:
            raise UsageError(f"This would replace the library {library_file}; add --yes if that is meant.")
        if not console.ask(f"Replace the library {library_file} by {backup}? It is kept beside it."):
            console.say("Nothing was changed.")
            return DONE
    before = restore(backup, library_file)
    with open_existing(library_file) as store:
        console.result(f"Restored {library_file} from {backup}: {plural(store.stats().photos)}.")
    if before is not None:
        console.say(f"The library that was there is kept as {before}.")
    return DONE


def _relocate(options: argparse.Namespace, library_file: Path, console: Console) -> int:
    old, new = whole(options.old), whole(options.new)
    if not is_directory(new):
        raise FolderError(f"{new} is no directory that can be opened; name the one where the photos of {old} are now.")
    with open_existing(library_file) as store:
        known = list(_places(store, old))
        if known and not options.force and not any(is_there(new / place) for place in known):
            raise LibraryError(
                f"None of the {plural(len(known))} that the library knows in {old} is in {new};"
                " name the directory where they are now, or add --force."
            )
        moved = store.relocate(old, new)
        console.result(f"Moved in the library from {old} to {new}: {plural(moved)}.")
        return _tell_missing([new / place for place in known], console)


def _places(store: Store, directory: Path) -> Iterator[Path]:
    """Where the library's photos are, seen from *directory*."""
    for row in store.rows(store.photos_at(directory)):
        if row.path.is_relative_to(directory):
            yield row.path.relative_to(directory)


def _tell_missing(photos: Iterable[Path], console: Console) -> int:
    missing = [path for path in photos if not is_there(path)]
    if not missing:
        return DONE
    for path in missing[:MOST_NAMED]:
        console.say(f"Not there: {path}")
    more = len(missing) - MOST_NAMED
    rest = f" ({more} more than are named)" if more > 0 else ""
    console.say(f"Not found there: {plural(len(missing))}{rest}; their marks and scores stay in the library.")
    return SOME_FAILED


def _stats(options: argparse.Namespace, library_file: Path, console: Console) -> int:
    with open_existing(library_file) as store:
        stats = store.stats()
    lines = json.dumps(_as_json(stats), indent=1).splitlines() if options.json else _as_lines(stats)
    for line in lines:
        console.result(line)
    return DONE


def _as_json(stats: LibraryStats) -> dict[str, object]:
    return asdict(stats) | {"path": str(stats.path)}


def _as_lines(stats: LibraryStats) -> list[str]:
    return [
        f"Library:   {stats.path} ({_size(stats.bytes)}, schema {stats.schema_version})",
        f"Folders:   {stats.folders}, of which {stats.watched_folders} are watched",
        f"Photos:    {stats.photos} ({plural(stats.files, 'file')}), of which {stats.duplicates} are copies of others",
        f"Scores:    {stats.scored} scored, {stats.waiting} waiting, {stats.failed} failed",
        f"Marks:     {plural(stats.picks, 'pick')}, {plural(stats.rejects, 'reject')}",
        f"Kept:      {plural(stats.marks_without_photo, 'mark')} of photos that are not there now",
        f"Undo:      {plural(stats.journal_steps, 'step')}",
        f"Backups:   {stats.backups} beside the library ({_size(stats.backup_bytes)})",
        f"Scored by: {stats.model_id or 'nothing yet'}",
    ]


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
