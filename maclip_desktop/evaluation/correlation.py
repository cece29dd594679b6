"""Correlations of predicted scores with people's opinions, row by row: R resamples of N photos at once.

SciPy's statistics take half a second to load, so they are loaded where they are used: ``--help`` needs none.
"""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def pearson_rows(first: Values, second: Values) -> Values:
    """Pearson's linear correlation (PLCC) of each row, both (R, N) -> (R,); NaN where a row is constant."""
    first, second = first - first.mean(axis=1, keepdims=True), second - second.mean(axis=1, keepdims=True)
    power = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        # Rounding may lead a hair beyond one.
        return np.asarray(np.clip((first * second).sum(axis=1) / power, -1.0, 1.0))


def spearman_rows(first: Values, second: Values) -> Values:
    """Spearman's rank correlation (SRCC) of each row, ties at their mean rank; (R, N) -> (R,)."""
    from scipy import stats

    return pearson_rows(stats.rankdata(first, axis=1), stats.rankdata(second, axis=1))


def kendall_rows(first: Values, second: Values) -> Values:
    """Kendall's rank correlation (KRCC), tau-b, of each row; (R, N) -> (R,)."""
    from scipy import stats

    pairs = zip(first, second, strict=True)
    return np.array([stats.kendalltau(one, other, method="asymptotic").statistic for one, other in pairs])


def is_constant(rows: Values) -> NDArray[np.bool_]:
    """Which rows hold one value only, (R, N) -> (R,)."""
    return np.asarray(np.ptp(rows, axis=1) == 0)
