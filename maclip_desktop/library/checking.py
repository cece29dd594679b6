"""Whether a library holds together: what SQLite can tell, and what it cannot."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.errors import LibraryError
from maclip_desktop.library.database import LibraryDatabase
from maclip_desktop.library.names import from_stored, is_inside
from maclip_desktop.library.part import StorePart

_MOST = 20
"""Of one kind of fault so many are told, and then how many more there are."""


class CheckPart(StorePart):
    def check(self) -> list[str]:
        """What is wrong with the library, one sentence each; nothing for a library that is whole.

        Of a file that is damaged only that is told: the rest of it may not be readable.
        """
        with self._db.snapshot():
            faults = list(_damage(self._db)) or [fault for find in _FINDERS for fault in _bounded(list(find(self._db)))]
        return [f"{fault}." for fault in faults]


def _bounded(faults: list[str]) -> list[str]:
    more = len(faults) - _MOST
    return faults if more <= 0 else [*faults[:_MOST], f"{more} more are like the last"]


def _damage(db: LibraryDatabase) -> Iterator[str]:
    try:
        answers = db.all(f"PRAGMA integrity_check({_MOST})")
    except LibraryError as error:
        # Where the damage keeps SQLite from looking any further.
        yield str(error).removesuffix(".")
        return
    for (answer,) in answers:
        if answer != "ok":
            yield f"The file is damaged ({' '.join(str(answer).split())})"


def _strays(db: LibraryDatabase) -> Iterator[str]:
    for table, row_id, parent, _ in db.all("PRAGMA foreign_key_check"):
        yield f"Row {row_id} of the table {table} belongs to a row of {parent} that is not there"


def _folders(db: LibraryDatabase) -> Iterator[str]:
    for folder_id, path in db.all("SELECT id, path FROM folder ORDER BY id"):
        if not isinstance(path, str | bytes) or "\0" in from_stored(path) or not Path(from_stored(path)).is_absolute():
            yield f"Folder {folder_id} has a path that leads nowhere ({path!r})"
    for folder_id, include, exclude in db.all("SELECT id, include, exclude FROM folder ORDER BY id"):
        if not all(_is_list_of_names(patterns) for patterns in (include, exclude) if patterns is not None):
            yield f"Folder {folder_id} has patterns that cannot be read"


def _is_list_of_names(text: object) -> bool:
    try:
        patterns = json.loads(str(text))
    except ValueError:
        return False
    return isinstance(patterns, list) and all(isinstance(pattern, str) for pattern in patterns)


def _paths(db: LibraryDatabase) -> Iterator[str]:
    for photo_id, name in db.all("SELECT id, relative_path FROM photo ORDER BY id"):
        if not is_inside(name):
            yield f"Photo {photo_id} has a name that leads outside its folder ({name!r}); the program leaves it out"


def _mains(db: LibraryDatabase) -> Iterator[str]:
    rows = db.all(
        "SELECT file.id, file.main_id, main.id IS NULL, main.folder_id IS NOT file.folder_id, "
        "main.main_id IS NOT NULL AND main.id <> file.id "
        "FROM photo AS file LEFT JOIN photo AS main ON main.id = file.main_id "
        "WHERE file.main_id IS NOT NULL ORDER BY file.id"
    )
    for photo_id, main_id, is_nowhere, is_across, is_beside in rows:
        if is_nowhere:
            yield f"Photo {photo_id} is shown with photo {main_id}, which is not there"
        elif is_across:
            yield f"Photo {photo_id} is shown with photo {main_id}, which lies in another folder"
        elif is_beside:
            yield f"Photo {photo_id} is shown with photo {main_id}, which is not shown itself"
    for (photo_id,) in db.all("SELECT id FROM photo WHERE main_id = id AND state <> 'film' ORDER BY id"):
        yield f"Photo {photo_id} is shown with itself, and so never"


def _marks(db: LibraryDatabase) -> Iterator[str]:
    flags = {int(flag) for flag in Flag}
    deciders = {str(decider) for decider in Decider}
    for content, flag, decider in db.all("SELECT content_hash, flag, decided_by FROM decision ORDER BY content_hash"):
        if flag not in flags:
            yield f"The content {content} has a mark that means nothing ({flag!r})"
        if decider is not None and decider not in deciders:
            yield f"The content {content} was marked by nobody that the program knows ({decider!r})"


def _journal(db: LibraryDatabase) -> Iterator[str]:
    for step_id, action, changes in db.all("SELECT id, action, changes FROM history ORDER BY id"):
        if not _is_step(changes):
            yield f'The step {step_id} of the journal ("{action}") cannot be read and cannot be taken back'


def _is_step(changes: object) -> bool:
    try:
        step = json.loads(str(changes))
        return (
            isinstance(step, dict)
            and step["flag"] in {int(flag) for flag in Flag}
            and {"by", "at"} <= step.keys()
            and all(len(state) == 4 and isinstance(state[0], str) for state in step["before"])
        )
    except (ValueError, KeyError, TypeError):
        return False


_FINDERS: tuple[Callable[[LibraryDatabase], Iterator[str]], ...] = (
    _strays,
    _folders,
    _paths,
    _mains,
    _marks,
    _journal,
)
