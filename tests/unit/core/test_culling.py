"""Which photos a culling list holds, and in which order."""

from pathlib import Path

import pytest

from maclip_desktop.core.culling import Select, selected, worst_first
from maclip_desktop.core.flags import Flag
from maclip_desktop.core.photo import PhotoDetails, PhotoRow


def photo(name: str, score: float | None = None, flag: Flag = Flag.NONE) -> PhotoDetails:
    return PhotoDetails(PhotoRow(1, 1, Path("/photos") / name, 1, 1, score=score, flag=flag), None)


PHOTOS = [photo("b", 0.5, Flag.REJECT), photo("a", 0.5, Flag.PICK), photo("c"), photo("d", 0.1, Flag.REJECT)]


def names(photos: list[PhotoDetails]) -> str:
    return "".join(one.row.path.name for one in photos)


@pytest.mark.parametrize(
    ("select", "expected"),
    [(Select.ALL, "bacd"), (Select.REJECTS, "bd"), (Select.PICKS, "a"), (Select.UNFLAGGED, "c")],
)
def test_a_list_holds_what_is_selected_in_the_order_given(select: Select, expected: str) -> None:
    assert names(selected(iter(PHOTOS), select)) == expected


def test_worst_first_then_by_path_then_what_has_no_score() -> None:
    assert names(worst_first([photo("a"), *PHOTOS])) == "dabac"


def test_earlier_models_scores_come_after_the_current_one_s_a_scorer_at_a_time() -> None:
    def old(name: str, score: float, scorer: str) -> PhotoDetails:
        return PhotoDetails(
            PhotoRow(1, 1, Path("/photos") / name, 1, 1, score=score, score_is_old=True, scored_by=scorer), None
        )

    photos = [photo("a"), old("b", 0.4, "technical"), old("c", 0.1, "technical"), old("d", 0.9, "maclip")]
    assert names(worst_first([*photos, photo("e", 0.8)])) == "edcba"
