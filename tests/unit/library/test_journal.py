"""The journal stays within bounds, and its order is that of the steps, whatever the clock says."""

from typing import TYPE_CHECKING

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.score import Score
from maclip_desktop.library import decisions

if TYPE_CHECKING:
    from tests.unit.library.conftest import Shelf

PERSON = Decider.PERSON


def step(shelf: "Shelf", photo_ids: list[int], number: int) -> None:
    """Mark photos so that it always changes something."""
    flag = Flag.PICK if number % 2 else Flag.REJECT
    assert shelf.store.decide(photo_ids, flag, PERSON, f"step {number}")


def actions(shelf: "Shelf") -> list[str]:
    return [row[0] for row in shelf.store._db.all("SELECT action FROM history ORDER BY id")]


def test_the_oldest_steps_go(shelf: "Shelf", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "JOURNAL_STEPS", 3)
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    for number in range(5):
        step(shelf, [photo_id], number)
    assert actions(shelf) == ["step 2", "step 3", "step 4"]
    for _ in range(3):
        assert shelf.store.undo() is not None
    assert shelf.store.undo() is None
    assert next(shelf.store.rows()).flag is Flag.PICK


def test_long_steps_take_the_place_of_older_ones(shelf: "Shelf", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "JOURNAL_BYTES", 300)
    monkeypatch.setattr(decisions, "_LONG_STEP", 200)
    folder = shelf.folder()
    ids = [shelf.photo(folder, f"{n}.jpg", f"content {n}") for n in range(6)]
    step(shelf, ids[:1], 0)
    step(shelf, ids[:1], 1)
    assert actions(shelf) == ["step 0", "step 1"]
    step(shelf, ids, 2)
    assert actions(shelf) == ["step 2"]
    assert shelf.store.undo() is not None
    assert next(shelf.store.rows()).flag is Flag.PICK


def test_a_step_that_cannot_be_trimmed_for_is_not_made(shelf: "Shelf", monkeypatch: pytest.MonkeyPatch) -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(shelf.store), "_trim_journal", power_cut)
    with pytest.raises(KeyboardInterrupt):
        step(shelf, [photo_id], 0)
    assert actions(shelf) == []
    assert next(shelf.reopen().rows()).flag is Flag.NONE


def test_a_clock_set_back_does_not_change_the_order_of_undo(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    for number, time in enumerate([5000.0, 100.0, 3000.0]):
        shelf.time = time
        step(shelf, [photo_id], number)
    undone = [shelf.store.undo() for _ in range(3)]
    assert [one.action for one in undone if one] == ["step 2", "step 1", "step 0"]


def test_a_clock_set_back_does_not_make_the_latest_score_an_old_one(shelf: "Shelf") -> None:
    shelf.photo(shelf.folder(), "a.jpg", "content")
    for value, time in [(0.1, 5000.0), (0.2, 100.0), (0.3, 50.0)]:
        shelf.time = time
        shelf.store.save_scores([("content", Score(value, "maclip", f"maclip-{value}"))])
    shelf.store.set_current_model("maclip-next", "maclip")
    assert next(shelf.store.rows()).score == 0.3
