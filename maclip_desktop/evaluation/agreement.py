"""How well one set of scores agrees with people: the four figures and their confidence intervals."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from maclip_desktop.evaluation.correlation import Values, is_constant, kendall_rows, pearson_rows, spearman_rows
from maclip_desktop.evaluation.logistic import Logistic, fit_logistic

FEWEST_PHOTOS = 3
"""Of two photos every correlation is one."""

CONFIDENCE = 0.95
FIGURES = ("srcc", "plcc", "plcc_fitted", "krcc")

_MOST_AT_ONCE = 2_000_000
"""Numbers in the resamples that are worked on together: 16 MB an array."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A correlation, -1..1, and its confidence interval; None is "undefined" and stands for any of the three."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is measured of one way of scoring."""

    name: str
    srcc: Figure
    """Spearman's rank correlation."""
    plcc: Figure
    """Pearson's linear correlation of the plain scores."""
    plcc_fitted: Figure
    """Pearson's after the logistic curve; its interval takes the curve as given and does not fit it anew."""
    krcc: Figure
    """Kendall's rank correlation, tau-b."""
    curve: Logistic | None
    skipped: int = 0
    """Resamples left out because all of their scores, or of their opinions, were the same."""
    undefined: str | None = None
    """Why there are no figures, as a sentence, or None."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How the confidence intervals are made: the percentile bootstrap."""

    count: int = 1000
    """0 for no intervals."""
    seed: int = 0


def measure_agreement(
    name: str,
    predicted: Values,
    opinions: Values,
    resampling: Resampling,
    on_step: Callable[[int], None] = lambda done: None,
) -> Agreement:
    """Compare *predicted* scores with *opinions*, both (N,) and finite.

    The same seed draws the same photos for every way of scoring. *on_step* is called with how many resamples are done.
    """
    reason = why_undefined(predicted, opinions)
    if reason:
        return Agreement(name, Figure(), Figure(), Figure(), Figure(), None, undefined=reason)
    curve = fit_logistic(predicted, opinions)
    fitted = None if curve is None else curve(predicted)
    values = _figures(predicted[None], opinions[None], None if fitted is None else fitted[None])
    samples, skipped = _resampled(predicted, opinions, fitted, resampling, on_step)
    srcc, plcc, plcc_fitted, krcc = (_figure(float(value), samples[:, at]) for at, value in enumerate(values[0]))
    return Agreement(name, srcc, plcc, plcc_fitted, krcc, curve, skipped)


def why_undefined(predicted: Values, opinions: Values) -> str | None:
    """Why no correlation can be given, as a sentence, or None."""
    if len(predicted) < FEWEST_PHOTOS:
        there = "is only 1" if len(predicted) == 1 else f"are {len(predicted)}"
        return f"A correlation needs {FEWEST_PHOTOS} photos or more, and there {there}."
    if np.ptp(predicted) == 0:
        return "All photos got the same score."
    if np.ptp(opinions) == 0:
        return "All photos have the same opinion score."
    return None


def _figures(predicted: Values, opinions: Values, fitted: Values | None) -> Values:
    """The figures of R resamples, (R, 4), in the order of `FIGURES`; NaN where one is undefined."""
    nothing = np.full(len(predicted), np.nan)
    return np.stack(
        [
            spearman_rows(predicted, opinions),
            pearson_rows(predicted, opinions),
            nothing if fitted is None else pearson_rows(fitted, opinions),
            kendall_rows(predicted, opinions),
        ],
        axis=1,
    )


def _resampled(
    predicted: Values,
    opinions: Values,
    fitted: Values | None,
    resampling: Resampling,
    on_step: Callable[[int], None],
) -> tuple[Values, int]:
    """The figures of all usable resamples, (usable, 4), and how many were not."""
    found, skipped, done = [np.empty((0, len(FIGURES)))], 0, 0
    for rows in _draws(len(predicted), resampling):
        usable = rows[~(is_constant(predicted[rows]) | is_constant(opinions[rows]))]
        skipped += len(rows) - len(usable)
        found.append(_figures(predicted[usable], opinions[usable], None if fitted is None else fitted[usable]))
        done += len(rows)
        on_step(done)
    return np.concatenate(found), skipped


def _draws(photos: int, resampling: Resampling) -> Iterator[np.ndarray]:
    """Places of the photos drawn, (R, N), some resamples at a time."""
    rng = np.random.default_rng(resampling.seed)
    at_once = max(1, min(100, _MOST_AT_ONCE // photos))
    for start in range(0, resampling.count, at_once):
        yield rng.integers(photos, size=(min(at_once, resampling.count - start), photos))


def _figure(value: float, samples: Values) -> Figure:
    defined = samples[np.isfinite(samples)]
    if not np.isfinite(value):
        return Figure()
    if len(defined) < 2:
        return Figure(value)
    low, high = np.quantile(defined, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Figure(value, float(low), float(high))
