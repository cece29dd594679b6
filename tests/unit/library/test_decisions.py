"""Flags: who may set them, and how they are taken back."""

import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.library.decisions import UndoneStep

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.library.conftest import Shelf

PERSON, RULE = Decider.PERSON, Decider.RULE


def mark_of(shelf: "Shelf", photo_id: int) -> tuple[Flag, Decider | None]:
    (row,) = shelf.store.rows([photo_id])
    return row.flag, row.decided_by


def decisions_in(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT content_hash, flag, decided_by, decided_at FROM decision ORDER BY 1").fetchall()
    connection.close()
    return rows


def test_a_mark_is_kept_with_who_and_when(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.time = 1234.5
    assert shelf.store.decide([photo_id], Flag.REJECT, PERSON, "reject") == [photo_id]
    shelf.reopen()
    assert mark_of(shelf, photo_id) == (Flag.REJECT, PERSON)
    assert decisions_in(shelf.path) == [("content", -1, "person", 1234.5)]


def test_copies_share_a_mark(shelf: "Shelf") -> None:
    folder = shelf.folder()
    first, copy = shelf.photo(folder, "a.jpg", "same"), shelf.photo(folder, "b.jpg", "same")
    assert shelf.store.decide([copy], Flag.PICK, PERSON, "pick") == [first, copy]
    assert mark_of(shelf, first) == (Flag.PICK, PERSON)


def test_a_photo_not_yet_read_cannot_be_marked(shelf: "Shelf") -> None:
    folder = shelf.folder()
    (unread,) = shelf.found(folder, "unread.jpg")
    read = shelf.photo(folder, "a.jpg", "content")
    assert shelf.store.decide([unread, read], Flag.PICK, PERSON, "pick") == [read]
    assert mark_of(shelf, unread) == (Flag.NONE, None)
    assert shelf.store.without_content([unread, read]) == [unread]


def test_a_rule_never_changes_what_a_person_decided(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.decide([photo_id], Flag.PICK, PERSON, "pick")
    assert shelf.store.decide([photo_id], Flag.REJECT, RULE, "cull") == []
    assert mark_of(shelf, photo_id) == (Flag.PICK, PERSON)


def test_a_person_who_clears_a_flag_has_decided_too(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    assert shelf.store.decide([photo_id], Flag.NONE, PERSON, "clear") == [photo_id]
    assert mark_of(shelf, photo_id) == (Flag.NONE, PERSON)
    assert shelf.store.decide([photo_id], Flag.REJECT, RULE, "cull") == []


def test_a_person_overrides_a_rule(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.decide([photo_id], Flag.REJECT, RULE, "cull")
    assert shelf.store.decide([photo_id], Flag.PICK, PERSON, "pick") == [photo_id]
    assert mark_of(shelf, photo_id) == (Flag.PICK, PERSON)


def test_a_person_who_confirms_a_rules_flag_makes_it_theirs(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.decide([photo_id], Flag.REJECT, RULE, "cull")
    assert shelf.store.decide([photo_id], Flag.REJECT, PERSON, "reject") == [photo_id]
    assert shelf.store.decide([photo_id], Flag.NONE, RULE, "clear") == []
    shelf.store.undo()
    assert mark_of(shelf, photo_id) == (Flag.REJECT, RULE)


def test_a_rule_takes_back_its_own_flags(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.decide([photo_id], Flag.REJECT, RULE, "cull")
    assert shelf.store.decide([photo_id], Flag.NONE, RULE, "clear") == [photo_id]
    assert mark_of(shelf, photo_id)[0] is Flag.NONE
    assert shelf.store.decide([photo_id], Flag.REJECT, RULE, "cull") == [photo_id]


def test_what_changes_nothing_makes_no_step(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    assert shelf.store.decide([photo_id], Flag.NONE, RULE, "clear") == []
    assert shelf.store.decide([], Flag.PICK, PERSON, "pick") == []
    assert shelf.store.undo_label() is None
    shelf.store.decide([photo_id], Flag.PICK, PERSON, "pick")
    assert shelf.store.decide([photo_id], Flag.PICK, PERSON, "pick again") == []
    assert shelf.store.undo_label() == "pick"


def test_undo_takes_one_whole_step_back(shelf: "Shelf") -> None:
    folder = shelf.folder()
    ids = [shelf.photo(folder, f"{n}.jpg", f"content {n}") for n in range(3)]
    shelf.store.decide(ids[:1], Flag.PICK, PERSON, "pick 1 photo")
    shelf.store.decide(ids, Flag.REJECT, PERSON, "reject 3 photos")
    assert shelf.store.undo() == UndoneStep("reject 3 photos", tuple(ids))
    assert [mark_of(shelf, photo_id) for photo_id in ids] == [(Flag.PICK, PERSON), (Flag.NONE, None), (Flag.NONE, None)]


def test_undo_restores_the_time_of_the_earlier_mark(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.time = 0.1 + 0.2
    shelf.store.decide([photo_id], Flag.REJECT, RULE, "cull")
    shelf.time = 2000.0
    shelf.store.decide([photo_id], Flag.PICK, PERSON, "pick")
    shelf.store.undo()
    assert decisions_in(shelf.path) == [("content", -1, "rule", 0.1 + 0.2)]
    shelf.time = 3000.0
    shelf.store.redo()
    assert decisions_in(shelf.path) == [("content", 1, "person", 2000.0)]


def test_undoing_the_first_mark_leaves_no_decision(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.decide([photo_id], Flag.PICK, PERSON, "pick")
    shelf.store.undo()
    assert decisions_in(shelf.path) == []


def test_there_is_nothing_to_undo_or_redo_at_first(shelf: "Shelf") -> None:
    assert shelf.store.undo() is None
    assert shelf.store.redo() is None
    assert (shelf.store.undo_label(), shelf.store.redo_label()) == (None, None)


def test_the_journal_survives_the_end_of_the_program(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.decide([photo_id], Flag.PICK, PERSON, "pick")
    shelf.store.decide([photo_id], Flag.REJECT, PERSON, "reject")
    shelf.store.undo()
    store = shelf.reopen()
    assert (store.undo_label(), store.redo_label()) == ("pick", "reject")
    assert store.redo() == UndoneStep("reject", (photo_id,))
    assert mark_of(shelf, photo_id) == (Flag.REJECT, PERSON)


def test_a_new_mark_drops_what_could_be_done_again(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.decide([photo_id], Flag.PICK, PERSON, "pick")
    shelf.store.undo()
    shelf.store.decide([photo_id], Flag.REJECT, PERSON, "reject")
    assert shelf.store.redo() is None


def test_a_step_can_be_undone_while_its_photos_are_out_of_the_library(shelf: "Shelf") -> None:
    folder = shelf.folder()
    photo_id = shelf.photo(folder, "a.jpg", "content")
    shelf.store.decide([photo_id], Flag.REJECT, PERSON, "reject")
    shelf.store.remove_folder(folder.id)
    assert shelf.store.undo() == UndoneStep("reject", ())
    back = shelf.photo(shelf.folder(), "a.jpg", "content")
    assert mark_of(shelf, back) == (Flag.NONE, None)


def test_a_rating_survives_undo(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.decide([photo_id], Flag.PICK, PERSON, "pick")
    shelf.store._db.run("UPDATE decision SET rating = 4, label = 'red'")
    shelf.store.undo()
    assert shelf.store._db.all("SELECT flag, rating, label FROM decision") == [(0, 4, "red")]


def test_the_journal_is_plain_json(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.decide([photo_id], Flag.PICK, PERSON, "pick")
    ((changes,),) = shelf.store._db.all("SELECT changes FROM history")
    assert json.loads(changes) == {"flag": 1, "by": "person", "at": 1000.0, "before": [["content", 0, None, None]]}


_CONTENTS = ["x", "y", "y", "z"]  # of photos 0 to 3; 1 and 2 are copies of each other


@dataclass
class Model:
    """The same rules in the simplest form: whole copies of all marks."""

    marks: dict[str, tuple[Flag, Decider, float]] = field(default_factory=dict)
    past: list[dict[str, tuple[Flag, Decider, float]]] = field(default_factory=list)
    future: list[dict[str, tuple[Flag, Decider, float]]] = field(default_factory=list)

    def decide(self, photos: set[int], flag: Flag, by: Decider, at: float) -> None:
        after = dict(self.marks)
        for content in {_CONTENTS[photo] for photo in photos}:
            old_flag, old_by = self.marks[content][:2] if content in self.marks else (Flag.NONE, None)
            if by is PERSON and (old_flag, old_by) != (flag, PERSON):
                after[content] = (flag, by, at)
            if by is RULE and old_by is not PERSON and old_flag is not flag:
                after[content] = (flag, by, at)
        if after != self.marks:
            self.past.append(self.marks)
            self.future.clear()
            self.marks = after

    def undo(self) -> None:
        if self.past:
            self.future.append(self.marks)
            self.marks = self.past.pop()

    def redo(self) -> None:
        if self.future:
            self.past.append(self.marks)
            self.marks = self.future.pop()


_DECIDE = st.tuples(st.sets(st.integers(0, 3)), st.sampled_from(Flag), st.sampled_from(Decider))
_STEPS = st.lists(st.one_of(_DECIDE, st.sampled_from(["undo", "redo"])), max_size=15)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_any_sequence_of_marks_undo_and_redo_ends_as_the_rules_say(
    make_shelf: "Callable[[str], Shelf]", steps: list[Any]
) -> None:
    shelf = make_shelf("marks.db")
    shelf.store._db.run("DELETE FROM decision")
    shelf.store._db.run("DELETE FROM history")
    shelf.store._db.run("DELETE FROM photo")
    folder = shelf.folder()
    ids = [shelf.photo(folder, f"{n}.jpg", content) for n, content in enumerate(_CONTENTS)]
    model = Model()
    for number, step in enumerate(steps):
        shelf.time = float(number)
        if isinstance(step, str):
            getattr(shelf.store, step)()
            getattr(model, step)()
        else:
            photos, flag, by = step
            shelf.store.decide([ids[photo] for photo in photos], flag, by, "mark")
            model.decide(photos, flag, by, float(number))
    shelf.store.close()
    assert decisions_in(shelf.path) == sorted((content, *mark) for content, mark in model.marks.items())
