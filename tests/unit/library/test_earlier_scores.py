"""Scores by an earlier model: shown until the current model's are in, and never taken for them."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maclip_desktop.core.culling import Select
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoDetails, PhotoRow
from maclip_desktop.core.score import Score
from maclip_desktop.library.photos import Fault
from maclip_desktop.library.store import Store

if TYPE_CHECKING:
    from tests.unit.library.conftest import Shelf


@pytest.fixture
def photo(shelf: "Shelf") -> int:
    return shelf.photo(shelf.folder(), "a.jpg", "content")


def score(shelf: "Shelf", value: float, scorer: str, model_id: str) -> None:
    """Save a score; each is made a second after the one before."""
    shelf.time += 1
    shelf.store.save_scores([("content", Score(value, scorer, model_id))])


def shown(store: Store) -> tuple[float | None, bool, str | None]:
    (row,) = store.rows()
    return row.score, row.score_is_old, row.scored_by


def test_an_earlier_score_is_shown_as_old_until_the_new_one_is_in(shelf: "Shelf", photo: int) -> None:
    shelf.store.set_current_model("maclip-1", "maclip")
    score(shelf, 0.3, "maclip", "maclip-1")
    assert shown(shelf.store) == (0.3, False, "maclip")
    shelf.store.set_current_model("maclip-2", "maclip")
    assert shown(shelf.store) == (0.3, True, "maclip")
    score(shelf, 0.6, "maclip", "maclip-2")
    assert shown(shelf.store) == (0.6, False, "maclip")


def test_an_old_score_is_no_score_by_the_current_model(shelf: "Shelf", photo: int) -> None:
    score(shelf, 0.3, "maclip", "maclip-1")
    shelf.store.set_current_model("maclip-2", "maclip")
    assert next(shelf.store.rows()).current_score is None
    assert [row.id for row in shelf.store.to_score("maclip-2", 10)] == [photo]


def test_the_latest_of_the_same_scorer_is_shown_before_any_of_another(shelf: "Shelf", photo: int) -> None:
    score(shelf, 0.1, "maclip", "maclip-1")
    score(shelf, 0.2, "maclip", "maclip-2")
    score(shelf, 0.9, "technical", "technical-1")
    shelf.store.set_current_model("maclip-3", "maclip")
    assert shown(shelf.store) == (0.2, True, "maclip")
    shelf.store.set_current_model("technical-2", "technical")
    assert shown(shelf.store) == (0.9, True, "technical")


def test_where_there_is_none_of_the_same_scorer_the_other_s_is_shown(shelf: "Shelf", photo: int) -> None:
    score(shelf, 0.9, "technical", "technical-1")
    shelf.store.set_current_model("maclip-1", "maclip")
    assert shown(shelf.store) == (0.9, True, "technical")


def test_whose_model_is_current_is_known_after_the_next_start(shelf: "Shelf", photo: int) -> None:
    score(shelf, 0.1, "maclip", "maclip-1")
    score(shelf, 0.9, "technical", "technical-1")
    shelf.store.set_current_model("maclip-2", "maclip")
    assert shown(shelf.reopen()) == (0.1, True, "maclip")


def test_details_hold_the_score_that_the_row_shows(shelf: "Shelf", photo: int) -> None:
    score(shelf, 0.3, "maclip", "maclip-1")
    shelf.store.set_current_model("maclip-2", "maclip")
    (details,) = shelf.store.details()
    assert details.row.score_is_old
    assert details.score == Score(0.3, "maclip", "maclip-1")


def test_a_photo_the_current_model_failed_on_shows_no_old_score(shelf: "Shelf", photo: int) -> None:
    score(shelf, 0.3, "maclip", "maclip-1")
    shelf.store.set_current_model("maclip-2", "maclip")
    shelf.store.record_failed(photo, 10, 1, "a.jpg is too thin.", Fault.SCORER)
    assert shown(shelf.store) == (None, False, None)
    (details,) = shelf.store.details()
    assert details.score is None


def test_two_programs_on_one_library_each_show_what_they_chose(shelf: "Shelf", photo: int) -> None:
    score(shelf, 0.3, "maclip", "maclip-1")
    shelf.store.set_current_model("maclip-1", "maclip")
    with shelf.opened() as other:
        other.set_current_model("technical-1", "technical")
        assert shown(other) == (0.3, True, "maclip")
        assert shown(shelf.store) == (0.3, False, "maclip")


def test_a_list_of_photos_is_worst_first_and_read_as_it_is_wanted(shelf: "Shelf", photo: int) -> None:
    folder = shelf.folder()
    others = [shelf.photo(folder, f"{name}.jpg", name) for name in "bc"]
    shelf.store.set_current_model("maclip-1", "maclip")
    score(shelf, 0.3, "maclip", "maclip-1")
    stranger = PhotoDetails(PhotoRow(id=0, folder_id=0, path=Path("/gone.jpg"), size=0, mtime_ns=0, error="gone"), None)

    listed = shelf.store.listed([others[1], photo], beside=[stranger])

    score(shelf, 0.4, "maclip", "maclip-1")
    assert len(listed) == 3
    assert [one.row.id for one in listed] == [photo, others[1], 0]
    assert listed[0].row.score == 0.4
    assert listed[-1] is stranger
    assert [one.row.id for one in listed[1:]] == [others[1], 0]


def test_a_list_holds_what_was_selected(shelf: "Shelf", photo: int) -> None:
    other = shelf.photo(shelf.folder(), "b.jpg", "b")
    shelf.store.decide([other], Flag.REJECT, Decider.PERSON, "reject")
    assert [one.row.id for one in shelf.store.listed(select=Select.REJECTS)] == [other]


class TestTheLowest:
    def test_come_in_the_order_of_their_scores(self, shelf: "Shelf") -> None:
        folder = shelf.folder()
        ids = {name: shelf.photo(folder, f"{name}.jpg", name) for name in "abcd"}
        for name, value in zip("abcd", (0.4, 0.2, 0.3, 0.1), strict=True):
            shelf.store.save_scores([(name, Score(value, "maclip", "maclip-1"))])
        shelf.store.set_current_model("maclip-1", "maclip")
        assert shelf.store.lowest(3) == [ids["d"], ids["b"], ids["c"]]

    def test_are_the_current_model_s(self, shelf: "Shelf", photo: int) -> None:
        score(shelf, 0.1, "technical", "technical-1")
        shelf.store.set_current_model("maclip-1", "maclip")
        assert shelf.store.lowest(3) == []
        score(shelf, 0.9, "maclip", "maclip-1")
        assert shelf.store.lowest(3) == [photo]
