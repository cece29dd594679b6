"""Rules suggest rejects; what a person decided they leave alone."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.core.selection import Candidates, Suggestion, below_threshold, lowest_count, lowest_share


def row(
    photo_id: int, score: float | None, flag: Flag = Flag.NONE, by: Decider | None = None, name: str = ""
) -> PhotoRow:
    path = Path("/photos") / (name or f"{photo_id:03}.jpg")
    return PhotoRow(photo_id, 1, path, 1, 1, flag=flag, decided_by=by, score=score)


def candidates(*rows: PhotoRow) -> Candidates:
    return Candidates.of(rows)


def scored(*scores: float | None) -> Candidates:
    return candidates(*(row(number, score) for number, score in enumerate(scores, 1)))


class TestBelowAThreshold:
    def test_means_what_is_lower_and_not_what_is_equal(self) -> None:
        assert below_threshold(scored(0.1, 0.3, 0.29999), 0.3).reject_ids == (1, 3)

    def test_never_means_a_photo_without_a_score(self) -> None:
        assert below_threshold(scored(None, 0.1), math.inf) == Suggestion((2,), 0, 0, 1)

    def test_that_is_no_number_means_nothing(self) -> None:
        assert below_threshold(scored(0.1, 0.2), math.nan).reject_ids == ()

    @pytest.mark.parametrize("flag", list(Flag))
    def test_leaves_alone_what_a_person_decided_no_flag_too(self, flag: Flag) -> None:
        suggestion = below_threshold(candidates(row(1, 0.1, flag, Decider.PERSON), row(2, 0.1)), 0.5)
        assert suggestion == Suggestion((2,), 0, 1, 0)

    def test_takes_over_another_flag_of_a_rule(self) -> None:
        suggestion = below_threshold(
            candidates(row(1, 0.1, Flag.PICK, Decider.RULE), row(2, 0.1, Flag.REJECT, Decider.RULE)), 0.5
        )
        assert suggestion == Suggestion((1,), 1, 0, 0)


class TestTheLowest:
    @pytest.mark.parametrize(
        ("count", "ids"), [(0, ()), (1, (2,)), (2, (2, 3)), (3, (1, 2, 3)), (99, (1, 2, 3)), (-1, ())]
    )
    def test_count(self, count: int, ids: tuple[int, ...]) -> None:
        assert lowest_count(scored(0.9, 0.1, 0.2, None), count).reject_ids == ids

    def test_of_equal_scores_the_first_by_path_is_meant(self) -> None:
        chosen = lowest_count(
            candidates(row(1, 0.5, name="b.jpg"), row(2, 0.5, name="a.jpg"), row(3, 0.5, name="c.jpg")), 1
        )
        assert chosen.reject_ids == (2,)

    def test_counts_persons_photos_among_the_lowest(self) -> None:
        """The lowest two are the lowest two; a person's pick among them is not made up for by the third."""
        suggestion = lowest_count(candidates(row(1, 0.1, Flag.PICK, Decider.PERSON), row(2, 0.2), row(3, 0.3)), 2)
        assert suggestion == Suggestion((2,), 0, 1, 0)

    @pytest.mark.parametrize(
        ("share", "photos", "meant"),
        [
            (0.0, 10, 0),
            (1.0, 10, 10),
            (0.2, 10, 2),
            (0.29, 100, 29),
            (0.57, 100, 57),
            (0.25, 10, 2),
            (0.5, 1, 0),
            (1 / 3, 3, 1),
        ],
    )
    def test_share_is_rounded_down_but_not_by_the_binary_fraction(self, share: float, photos: int, meant: int) -> None:
        assert len(lowest_share(scored(*np.linspace(0, 1, photos)), share).reject_ids) == meant

    def test_share_is_one_of_the_scored_photos(self) -> None:
        assert lowest_share(scored(0.1, 0.2, None, None), 0.5).reject_ids == (1,)


def test_of_nothing_nothing_is_suggested() -> None:
    assert (
        below_threshold(scored(), 0.5)
        == lowest_count(scored(), 3)
        == lowest_share(scored(), 1.0)
        == Suggestion((), 0, 0, 0)
    )


_rows = st.lists(
    st.tuples(
        st.none() | st.floats(-3, 3),
        st.sampled_from(Flag),
        st.sampled_from([None, Decider.PERSON, Decider.RULE]),
    ),
    max_size=40,
).map(lambda parts: [row(number, *part) for number, part in enumerate(parts)])


@given(rows=_rows, threshold=st.floats(-3, 3))
def test_a_threshold_means_exactly_the_lower_ones(rows: list[PhotoRow], threshold: float) -> None:
    suggestion = below_threshold(Candidates.of(rows), threshold)
    low = [one for one in rows if one.score is not None and one.score < threshold]
    free = [one for one in low if one.decided_by is not Decider.PERSON]
    assert set(suggestion.reject_ids) == {one.id for one in free if one.flag is not Flag.REJECT}
    assert suggestion.kept_by_person == len(low) - len(free)
    assert suggestion.already_rejected == sum(one.flag is Flag.REJECT for one in free)
    assert suggestion.unscored == sum(one.score is None for one in rows)


@given(rows=_rows, count=st.integers(0, 50))
def test_no_photo_left_out_is_lower_than_one_of_the_lowest(rows: list[PhotoRow], count: int) -> None:
    found = lowest_count(Candidates.of(rows), count)
    scores = sorted(one.score for one in rows if one.score is not None)
    meant = len(found.reject_ids) + found.already_rejected + found.kept_by_person
    assert meant == min(count, len(scores))
    by_id = {one.id: one.score for one in rows}
    assert all((by_id[photo_id] or 0.0) <= scores[meant - 1] for photo_id in found.reject_ids)


@given(rows=_rows, low=st.floats(0, 1), high=st.floats(0, 1))
def test_a_larger_share_means_the_same_photos_and_more(rows: list[PhotoRow], low: float, high: float) -> None:
    low, high = sorted((low, high))
    few = set(lowest_share(Candidates.of(rows), low).reject_ids)
    assert few <= set(lowest_share(Candidates.of(rows), high).reject_ids)


def test_no_rule_goes_by_an_earlier_model_s_score() -> None:
    photos = candidates(
        PhotoRow(1, 1, Path("/a"), 1, 1, score=0.1, score_is_old=True),
        PhotoRow(2, 1, Path("/b"), 1, 1, score=0.2),
        PhotoRow(3, 1, Path("/c"), 1, 1),
    )
    for suggestion in (below_threshold(photos, 0.5), lowest_count(photos, 2), lowest_share(photos, 1.0)):
        assert suggestion.reject_ids == (2,)
        assert (suggestion.unscored, suggestion.outdated) == (2, 1)
