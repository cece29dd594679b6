"""``maclip-desktop cull``: flag low scorers by a rule."""

import argparse
import math
from pathlib import Path

import numpy as np

from maclip_desktop.commands import DONE
from maclip_desktop.commands.run_library import open_existing, photos_of, plural
from maclip_desktop.console import Console
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.selection import Candidates, Suggestion, below_threshold, lowest_count, lowest_share
from maclip_desktop.errors import UsageError
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths

SUMMARY = "flag low scorers as rejects by a rule; what a person decided is never changed"


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="*", type=Path, help="only photos at or below these paths")
    rule = parser.add_mutually_exclusive_group()
    rule.add_argument("--below", metavar="S", type=float, help="every photo with a score below S")
    rule.add_argument("--bottom", metavar="20%", help="the lowest share of the scored photos")
    rule.add_argument("--bottom-count", metavar="N", type=int, help="the N lowest photos")
    parser.add_argument("--clear", action="store_true", help="take the flags of earlier rules away first")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be flagged")


def run(options: argparse.Namespace, paths: AppPaths, library_file: Path, console: Console) -> int:
    """Flag photos in the library by the rule asked for."""
    has_rule = any(value is not None for value in (options.below, options.bottom, options.bottom_count))
    if not has_rule and not options.clear:
        raise UsageError("Say what to flag: --below S, --bottom 20% or --bottom-count N; or --clear alone.")
    share = None if options.bottom is None else parse_share(options.bottom)
    if options.bottom_count is not None and options.bottom_count < 0:
        raise UsageError(f"--bottom-count wants a number of photos, not {options.bottom_count}.")
    if options.below is not None and math.isnan(options.below):
        raise UsageError("--below wants a score such as 0.3.")
    with open_existing(library_file) as store:
        ids = photos_of(store, options.paths)
        cleared = _clear(store, ids, options.dry_run) if options.clear else set()
        if cleared:
            console.say(f"{_would(options.dry_run, 'cleared')}: {plural(len(cleared), 'flag')} set by a rule.")
        if has_rule:
            _apply(store, _suggest(options, share, _candidates(store, ids, cleared)), options, console)
    return DONE


def parse_share(text: str) -> float:
    """``"20%"`` or ``"0.2"`` as 0.2. Raises `UsageError`."""
    try:
        share = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        raise UsageError(f"--bottom wants a share between 0% and 100%, such as 20%, not {text!r}.") from None
    if not 0 <= share <= 1:
        raise UsageError(f"--bottom wants a share between 0% and 100%, such as 20%, not {text!r}.")
    return share


def _clear(store: Store, ids: list[int] | None, dry_run: bool) -> set[int]:
    by_rule = [row.id for row in store.rows(ids) if row.decided_by is Decider.RULE and row.flag is not Flag.NONE]
    if not dry_run:
        store.decide(by_rule, Flag.NONE, Decider.RULE, "Clear the flags of rules")
    return set(by_rule)


def _candidates(store: Store, ids: list[int] | None, cleared: set[int]) -> Candidates:
    """The photos as they are once *cleared* have no flag, also where that was not really done."""
    candidates = Candidates.of(store.rows(ids))
    for place, photo_id in enumerate(candidates.ids):
        if int(photo_id) in cleared:
            candidates.flags[place] = Flag.NONE
    return candidates


def _suggest(options: argparse.Namespace, share: float | None, candidates: Candidates) -> Suggestion:
    if options.below is not None:
        _require_sensible(options.below, candidates)
        return below_threshold(candidates, options.below)
    if share is not None:
        return lowest_share(candidates, share)
    return lowest_count(candidates, options.bottom_count)


def _require_sensible(threshold: float, candidates: Candidates) -> None:
    """A threshold above every score is a mistake of scale (30 for 0.3), and would reject everything."""
    scores = candidates.scores[~np.isnan(candidates.scores)]
    if scores.size > 1 and scores.max() < threshold and threshold > 1:
        raise UsageError(
            f"--below {threshold:g} means every photo: the scores here go from {scores.min():.3f}"
            f" to {scores.max():.3f}."
        )


def _apply(store: Store, suggestion: Suggestion, options: argparse.Namespace, console: Console) -> None:
    if not options.dry_run:
        store.decide(suggestion.reject_ids, Flag.REJECT, Decider.RULE, "Reject low scores")
    for row in sorted(store.rows(suggestion.reject_ids), key=lambda row: row.score or 0.0):
        console.result(f"{row.score:.4f}  {row.path}")
    console.say(f"{_would(options.dry_run, 'rejected')}: {plural(len(suggestion.reject_ids))}.")
    if suggestion.already_rejected:
        console.say(f"Rejected by a rule before: {plural(suggestion.already_rejected)}.")
    if suggestion.kept_by_person:
        console.say(f"Left as a person decided: {plural(suggestion.kept_by_person)}.")
    unread = sum(row.score is None and row.error is not None for row in store.rows(photos_of(store, options.paths)))
    if unread:
        console.say(f"Could not be read, not touched: {plural(unread)}.")
    if suggestion.outdated:
        console.say(
            f"Scored by an earlier model only, not touched: {plural(suggestion.outdated)};"
            " 'maclip-desktop score' scores them again."
        )
    waiting = suggestion.unscored - suggestion.outdated - unread
    if waiting > 0:
        console.say(f"Without a score, not touched: {plural(waiting)}; 'maclip-desktop score' scores them.")


def _would(dry_run: bool, done: str) -> str:
    return f"Would be {done}" if dry_run else done.capitalize()
