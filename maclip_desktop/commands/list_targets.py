"""Where a list may be written: never over a photo, never over the library."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from maclip_desktop.core.formats import is_film, is_photo
from maclip_desktop.errors import UsageError
from maclip_desktop.exporting.atomic import require_place


def require_list_target(target: Path, library_file: Path, photos: Iterable[Path] = (), thing: str = "list") -> None:
    """Refuse a *target* for a list that is a photo by its name, one of *photos*, or belongs to the library.

    For an option whose value was forgotten, as in ``score --json *.jpg``. *thing*: what it is that is to be written.
    Raises `UsageError`, and `ExportError` where it could not be written: now rather than after hours of scoring.
    """
    replaced = f"and a {thing} would replace it; name another file for the {thing}."
    if is_photo(target) or is_film(target):
        raise UsageError(f"{target} is a {'film' if is_film(target) else 'photo'} by its name, {replaced}")
    library_files = [library_file.with_name(library_file.name + end) for end in ("", "-wal", "-shm", "-journal")]
    if _is_one_of(target, library_files):
        raise UsageError(f"{target} belongs to the library, {replaced}")
    if _is_one_of(target, photos):
        raise UsageError(f"{target} is one of the photos asked for, {replaced}")
    require_place(target)


def require_two_targets(targets: Sequence[Path]) -> None:
    """Refuse two lists in one file: the second would replace the first. Raises `UsageError`."""
    for place, target in enumerate(targets):
        if _is_one_of(target, targets[:place]):
            raise UsageError(f"Two lists cannot both be {target}; name another file for one of them.")


def _is_one_of(target: Path, others: Iterable[Path]) -> bool:
    """Whether *target* is one of these files, also by way of links."""
    real = os.path.realpath(target)
    return any(target == other or os.path.realpath(other) == real for other in others)
