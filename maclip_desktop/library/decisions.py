"""Flags, and the journal that takes them back.

A decision belongs to a content, not to a file: copies share it, and it outlives moves and removed folders. Every
step of the journal holds what was there before, so that undoing it restores who decided and when as well.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.library.names import as_list, chunks
from maclip_desktop.library.pairing import PairPart

_SET = """
    INSERT INTO decision (content_hash, flag, decided_by, decided_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (content_hash) DO UPDATE SET
        flag = excluded.flag, decided_by = excluded.decided_by, decided_at = excluded.decided_at
"""

_DROP_EMPTY = "DELETE FROM decision WHERE decided_by IS NULL AND flag = 0 AND rating IS NULL AND label IS NULL"

JOURNAL_STEPS = 1000
"""How many steps can be taken back."""
JOURNAL_BYTES = 64_000_000
"""How long all steps together may be; a mark on 100,000 photos takes about 7 MB. The newest one is kept in any case."""
_LONG_STEP = 100_000
"""Shorter steps are too few to matter, and not counted anew each time."""

_COARSE_S = 0.1
"""Steps within this many seconds may be given one time by a clock."""

_LAST_DONE = "FROM history WHERE undone = 0 ORDER BY id DESC LIMIT 1"
_FIRST_UNDONE = "FROM history WHERE undone = 1 ORDER BY id LIMIT 1"

# Whatever file of a photo is named, all of its files are marked.
_STATES = """
    SELECT file.content_hash, coalesce(flag, 0), decided_by, decided_at
    FROM photo AS named
    JOIN photo AS file ON file.id IN (named.id, named.main_id)
    LEFT JOIN decision ON decision.content_hash = file.content_hash
    WHERE named.id IN (SELECT value FROM json_each(?1)) AND file.content_hash IS NOT NULL
    UNION
    SELECT file.content_hash, coalesce(flag, 0), decided_by, decided_at
    FROM photo AS named
    JOIN photo AS file ON file.main_id = coalesce(named.main_id, named.id)
    LEFT JOIN decision ON decision.content_hash = file.content_hash
    WHERE named.id IN (SELECT value FROM json_each(?1)) AND file.content_hash IS NOT NULL
"""
_OF_SAME_PHOTO = """
    SELECT DISTINCT marked.content_hash, file.content_hash
    FROM json_each(?) AS content
    CROSS JOIN photo AS marked ON marked.content_hash = content.value
    JOIN photo AS file ON file.id = marked.main_id OR file.main_id = coalesce(marked.main_id, marked.id)
    JOIN decision ON decision.content_hash = file.content_hash AND flag = ? AND decided_by = ? AND decided_at = ?
"""
_OF_STEP = "SELECT content_hash FROM decision WHERE flag = ? AND decided_by = ? AND decided_at = ?"
_WITH_FILES = """
    SELECT DISTINCT beside.main_id
    FROM json_each(?) AS content
    CROSS JOIN photo ON photo.content_hash = content.value
    CROSS JOIN photo AS beside ON beside.main_id = coalesce(photo.main_id, photo.id)
"""

_Before = tuple[str, int, str | None, float | None]
"""A content hash and its flag, decider and time before a step."""


@dataclass(frozen=True, slots=True)
class UndoneStep:
    """A step that was taken back, or done again."""

    action: str
    """What the step was called when it was made."""
    photo_ids: tuple[int, ...]
    """All photos it concerns, copies included."""


class DecisionPart(PairPart):
    def decide(self, photo_ids: Iterable[int], flag: Flag, by: Decider, action: str) -> list[int]:
        """Set *flag* on photos as one step to undo; return all photos whose decision changed, copies included.

        A rule leaves alone what a person decided, an explicit "no flag" too. A person's mark on a rule's flag
        makes it the person's, also where the flag stays the same. Photos not yet identified are left out (see
        `without_content`). A call that changes nothing makes no step.

        *action* is what `undo_label` shows.
        """
        with self._db.transaction():
            before = [state for state in self._states(photo_ids) if _changes(state, flag, by)]
            if not before:
                return []
            at = self._moment()
            self._apply((state[0], flag, by, at) for state in before)
            self._db.run("DELETE FROM history WHERE undone = 1")
            changes = json.dumps({"flag": flag, "by": by, "at": at, "before": before})
            self._db.run("INSERT INTO history (action, at, changes) VALUES (?, ?, ?)", (action, at, changes))
            self._trim_journal(len(changes))
            return self._photos_with(state[0] for state in before)

    def without_content(self, photo_ids: Iterable[int]) -> list[int]:
        """Which of these photos cannot be flagged yet, because their file has not been read."""
        return [
            row[0]
            for chunk in chunks(photo_ids)
            for row in self._db.all(
                "SELECT id FROM photo WHERE content_hash IS NULL "
                "AND id IN (SELECT value FROM json_each(?)) ORDER BY id",
                (as_list(chunk),),
            )
        ]

    def undo(self) -> UndoneStep | None:
        """Take the last step back; None if there is none."""
        with self._db.transaction():
            row = self._db.one(f"SELECT id, action, changes {_LAST_DONE}")
            if row is None:
                return None
            step = json.loads(row[2])
            before: list[_Before] = [*step["before"], *self._carried(step)]
            self._apply(before)
            self._db.run(_DROP_EMPTY)
            return self._stepped(row, [state[0] for state in before], undone=True)

    def redo(self) -> UndoneStep | None:
        """Do the step again that was taken back last; None if there is none."""
        with self._db.transaction():
            row = self._db.one(f"SELECT id, action, changes {_FIRST_UNDONE}")
            if row is None:
                return None
            step = json.loads(row[2])
            hashes = [state[0] for state in step["before"]]
            self._apply((content_hash, step["flag"], step["by"], step["at"]) for content_hash in hashes)
            return self._stepped(row, [*hashes, *self._shared_again(hashes)], undone=False)

    def undo_label(self) -> str | None:
        """The name of the step that `undo` would take back."""
        row = self._db.one(f"SELECT action {_LAST_DONE}")
        return row[0] if row else None

    def redo_label(self) -> str | None:
        """The name of the step that `redo` would do again."""
        row = self._db.one(f"SELECT action {_FIRST_UNDONE}")
        return row[0] if row else None

    def _moment(self) -> float:
        """The time of a new step, which no step just before it has: a clock may be coarse."""
        now = self._now()
        row = self._db.one("SELECT at FROM history ORDER BY id DESC LIMIT 1")
        return math.nextafter(row[0], math.inf) if row and now <= row[0] < now + _COARSE_S else now

    def _carried(self, step: Any) -> list[_Before]:
        """Marks that this step gave to files which were read, or came beside their photo, only after it."""
        before = {state[0]: state for state in step["before"]}
        mark = (step["flag"], step["by"], step["at"])
        # Its time tells a step's marks. Files that are not beside the photo any more had no mark without it.
        carried: dict[str, _Before] = {row[0]: (row[0], 0, None, None) for row in self._db.all(_OF_STEP, mark)}
        for chunk in chunks(before):
            for marked, other in self._db.all(_OF_SAME_PHOTO, (as_list(chunk), *mark)):
                carried[other] = (other, *before[marked][1:])
        return [state for content, state in carried.items() if content not in before]

    def _shared_again(self, hashes: Iterable[str]) -> set[str]:
        """Carry the marks of these contents to the photos' other files; returns the contents of all of them."""
        contents: set[str] = set()
        for chunk in chunks(hashes):
            contents |= self._share_marks([row[0] for row in self._db.all(_WITH_FILES, (as_list(chunk),))])
        return contents

    def _trim_journal(self, length: int) -> None:
        """Drop the oldest steps; *length*: of the step that was added."""
        self._db.run(
            "DELETE FROM history WHERE id <= (SELECT id FROM history ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (JOURNAL_STEPS,),
        )
        if length < _LONG_STEP:
            return
        total = 0
        for number, (step_id, size) in enumerate(
            self._db.all("SELECT id, length(changes) FROM history ORDER BY id DESC")
        ):
            total += size
            if number and total > JOURNAL_BYTES:
                self._db.run("DELETE FROM history WHERE id <= ?", (step_id,))
                return

    def _states(self, photo_ids: Iterable[int]) -> list[_Before]:
        """What is decided about the contents of these photos, of all files of each; every content once."""
        states: dict[str, _Before] = {}
        for chunk in chunks(photo_ids):
            states.update((row[0], row) for row in self._db.all(_STATES, (as_list(chunk),)))
        return list(states.values())

    def _apply(self, states: Iterable[Sequence[Any]]) -> None:
        self._db.run_many(_SET, states)

    def _stepped(self, row: Sequence[Any], hashes: list[str], *, undone: bool) -> UndoneStep:
        self._db.run("UPDATE history SET undone = ? WHERE id = ?", (undone, row[0]))
        return UndoneStep(action=row[1], photo_ids=tuple(self._photos_with(hashes)))

    def _photos_with(self, hashes: Iterable[str]) -> list[int]:
        return sorted(set(self._photos_of(hashes)))


def _changes(state: _Before, flag: Flag, by: Decider) -> bool:
    _, old_flag, old_by, _ = state
    if by is Decider.RULE:
        return old_by != Decider.PERSON and old_flag != flag
    return (old_flag, old_by) != (flag, by)
