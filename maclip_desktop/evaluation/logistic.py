"""The monotonic curve through predicted and opinion scores, after which a linear correlation is usually given."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import expit

Values = NDArray[np.float64]

FIT_NAME = "4-parameter logistic (VQEG)"

FEWEST_POINTS = 8
"""Twice the parameters; through fewer points a curve says nothing."""

# In standard deviations of the predictions. Beyond these the curve is a straight line or an exponential, whose
# parameters would run away without the fit getting any better, or a step, which follows single points.
_CENTRES = (-10.0, 10.0)
_SCALES = (0.1, 30.0)

_STARTS = [(centre, scale) for centre in (-1.0, 0.0, 1.0) for scale in (0.1, 0.5, 2.0)]
_MOST_STEPS = 1000
_ENOUGH = 1e-6
"""Relative change of the squared error, or of the curve, at which the search ends."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """``bottom + (top - bottom) / (1 + exp(-(x - centre) / scale))``, with a positive scale.

    Source: VQEG, "Final report on the validation of objective models of video quality assessment, phase I" (2000).
    """

    bottom: float
    """What it comes from, far left."""
    top: float
    """What it goes to, far right; below ``bottom`` where the curve falls."""
    centre: float
    scale: float

    def __call__(self, predicted: Values) -> Values:
        """The opinions that *predicted* scores mean, (N,) -> (N,)."""
        return self.bottom + (self.top - self.bottom) * np.asarray(expit((predicted - self.centre) / self.scale))


def fit_logistic(predicted: Values, opinions: Values) -> Logistic | None:
    """The least-squares logistic from *predicted* to *opinions*, both (N,), or None where there is no fit.

    Bottom and top are linear in the curve, so they are solved exactly for every centre and scale; only these two are
    searched for, from the best of nine starts. No fit: fewer than 8 points, values that are all the same or not
    finite, a search that does not end, or a flat curve.
    """
    if len(predicted) < FEWEST_POINTS or not (np.isfinite(predicted).all() and np.isfinite(opinions).all()):
        return None
    middle, spread = float(predicted.mean()), float(predicted.std())
    if np.ptp(predicted) == 0 or np.ptp(opinions) == 0 or spread == 0:
        return None
    x = (predicted - middle) / spread
    y = (opinions - opinions.mean()) / opinions.std()

    def residuals(searched: Values) -> Values:
        bottom, rise = _line(_curve(x, searched), y)
        return bottom + rise * _curve(x, searched) - y

    starts = [np.array([centre, math.log(scale)]) for centre, scale in _STARTS]
    start = min(starts, key=lambda one: float((residuals(one) ** 2).sum()))
    low, high = ((_CENTRES[end], math.log(_SCALES[end])) for end in (0, 1))
    found = least_squares(residuals, start, bounds=(low, high), ftol=_ENOUGH, xtol=_ENOUGH, max_nfev=_MOST_STEPS)
    bottom, rise = _line(_curve(x, found.x), opinions)
    if found.status <= 0 or rise == 0 or not math.isfinite(bottom + rise):
        return None
    return Logistic(bottom, bottom + rise, middle + spread * found.x[0], spread * math.exp(found.x[1]))


def _curve(x: Values, searched: Values) -> Values:
    return np.asarray(expit((x - searched[0]) / math.exp(searched[1])))


def _line(x: Values, y: Values) -> tuple[float, float]:
    """Intercept and slope of the least-squares line through (x, y)."""
    centred = x - x.mean()
    power = float(centred @ centred)
    slope = float(centred @ y) / power if power > 0 else 0.0
    return float(y.mean()) - slope * float(x.mean()), slope
