"""Correlations against scipy, intervals against theory, and what is undefined."""

import math

import numpy as np
import pytest
from scipy import stats

from maclip_desktop.evaluation.agreement import Resampling, measure_agreement
from maclip_desktop.evaluation.correlation import Values, kendall_rows, pearson_rows, spearman_rows

NONE = Resampling(0)


def pairs(count: int, seed: int, *, ties: bool = False, strength: float = 1.0) -> tuple[Values, Values]:
    """Scores and opinions that agree somewhat."""
    rng = np.random.default_rng(seed)
    predicted = rng.normal(size=count)
    opinions = strength * predicted + rng.normal(size=count)
    return (predicted.round(), opinions.round()) if ties else (predicted, opinions)


class TestAgainstScipy:
    @pytest.mark.parametrize("ties", [False, True])
    @pytest.mark.parametrize("count", [6, 10, 300])
    def test_the_figures(self, count: int, ties: bool) -> None:
        predicted, opinions = pairs(count, 5, ties=ties)
        found = measure_agreement("x", predicted, opinions, NONE)
        assert found.srcc.value == pytest.approx(stats.spearmanr(predicted, opinions).statistic, abs=1e-12)
        assert found.plcc.value == pytest.approx(stats.pearsonr(predicted, opinions).statistic, abs=1e-12)
        assert found.krcc.value == pytest.approx(stats.kendalltau(predicted, opinions).statistic, abs=1e-12)

    def test_many_rows_at_once(self) -> None:
        rows = [pairs(40, seed, ties=seed % 2 == 0) for seed in range(8)]
        predicted, opinions = (np.stack(column) for column in zip(*rows, strict=True))
        for at, (one, other) in enumerate(rows):
            assert spearman_rows(predicted, opinions)[at] == pytest.approx(stats.spearmanr(one, other).statistic)
            assert pearson_rows(predicted, opinions)[at] == pytest.approx(stats.pearsonr(one, other).statistic)
            assert kendall_rows(predicted, opinions)[at] == pytest.approx(stats.kendalltau(one, other).statistic)

    def test_the_linear_correlation_after_the_fit(self) -> None:
        predicted, opinions = pairs(200, 3)
        found = measure_agreement("x", predicted, opinions, NONE)
        assert found.curve is not None
        after = stats.pearsonr(found.curve(predicted), opinions).statistic
        assert found.plcc_fitted.value == pytest.approx(after, abs=1e-12)

    def test_perfect_agreement_is_one_and_no_more(self) -> None:
        values = np.array([0.1, 0.2, 0.30000000000000004, 0.7]) * 1e7
        found = measure_agreement("x", values, values * 3, NONE)
        assert [found.srcc.value, found.plcc.value, found.krcc.value] == [1.0, 1.0, 1.0]


class TestIntervals:
    def test_they_hold_the_truth_about_as_often_as_they_say(self) -> None:
        # Spearman's correlation of a bivariate normal with Pearson's r is 6/pi asin(r/2).
        truth = 6 / math.pi * math.asin(1 / math.sqrt(2) / 2)
        held = 0
        for seed in range(40):
            found = measure_agreement("x", *pairs(80, 1000 + seed), Resampling(150, seed)).srcc
            assert found.low is not None and found.high is not None
            held += found.low <= truth <= found.high
        assert 34 <= held <= 40

    def test_they_stand_around_the_figure_and_shrink_with_more_photos(self) -> None:
        widths = []
        for count in (30, 300):
            found = measure_agreement("x", *pairs(count, 2), Resampling(300))
            for figure in (found.srcc, found.plcc, found.plcc_fitted, found.krcc):
                assert figure.value is not None and figure.low is not None and figure.high is not None
                assert figure.low < figure.value < figure.high
            assert found.srcc.low is not None and found.srcc.high is not None
            widths.append(found.srcc.high - found.srcc.low)
        assert widths[1] < widths[0] / 2

    def test_they_are_the_percentiles_of_resampled_figures(self) -> None:
        predicted, opinions = pairs(25, 8)
        draws = np.random.default_rng(4).integers(25, size=(100, 25))
        expected = np.quantile([stats.pearsonr(predicted[at], opinions[at]).statistic for at in draws], [0.025, 0.975])
        found = measure_agreement("x", predicted, opinions, Resampling(100, seed=4)).plcc
        assert (found.low, found.high) == pytest.approx(tuple(expected))

    def test_a_seed_gives_the_same_again_and_another_seed_does_not(self) -> None:
        predicted, opinions = pairs(40, 1)
        first, again, other = (measure_agreement("x", predicted, opinions, Resampling(250, seed)) for seed in (7, 7, 8))
        assert first == again
        assert first.srcc != other.srcc

    def test_every_resample_is_drawn(self) -> None:
        steps: list[int] = []
        measure_agreement("x", *pairs(10, 1), Resampling(250), steps.append)
        assert steps[-1] == 250

    def test_constant_resamples_are_left_out_and_counted(self) -> None:
        # Of four photos all draw the same one once in 64 times.
        values = np.array([1.0, 2.0, 3.0, 4.0])
        found = measure_agreement("x", values, values, Resampling(1000))
        assert 2 <= found.skipped <= 40
        assert found.srcc.low == pytest.approx(1.0)

    def test_none_asked_for(self) -> None:
        found = measure_agreement("x", *pairs(20, 1), NONE)
        assert (found.srcc.low, found.srcc.high, found.skipped) == (None, None, 0)


class TestUndefined:
    @pytest.mark.parametrize(
        ("predicted", "opinions", "reason"),
        [
            ([], [], "needs 3 photos or more, and there are 0"),
            ([1], [1], "needs 3 photos or more, and there is only 1"),
            ([1, 2], [1, 2], "needs 3 photos or more, and there are 2"),
            ([1, 1, 1], [1, 2, 3], "got the same score"),
            ([1, 2, 3], [0.1, 0.1, 0.1], "have the same opinion score"),
        ],
    )
    def test_a_sentence_and_no_number(self, predicted: list[float], opinions: list[float], reason: str) -> None:
        found = measure_agreement("x", np.array(predicted, float), np.array(opinions, float), Resampling(100))
        assert found.undefined is not None and reason in found.undefined
        assert {found.srcc.value, found.plcc.value, found.plcc_fitted.value, found.krcc.value} == {None}

    def test_few_photos_have_figures_but_no_fit(self) -> None:
        found = measure_agreement("x", *pairs(5, 1), Resampling(100))
        assert found.srcc.value is not None
        assert (found.curve, found.plcc_fitted.value, found.plcc_fitted.low) == (None, None, None)
