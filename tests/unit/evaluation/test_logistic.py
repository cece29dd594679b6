"""The logistic fit: known curves are found again, and where there is no fit none is invented."""

import numpy as np
import pytest

from maclip_desktop.evaluation import logistic
from maclip_desktop.evaluation.correlation import Values
from maclip_desktop.evaluation.logistic import Logistic, fit_logistic

CURVES = [
    Logistic(bottom=1.0, top=5.0, centre=0.5, scale=0.08),
    Logistic(bottom=0.0, top=100.0, centre=0.72, scale=0.15),
    Logistic(bottom=90.0, top=10.0, centre=0.4, scale=0.1),
    Logistic(bottom=-3.0, top=3.0, centre=0.55, scale=0.3),
]


def predictions(count: int = 300, seed: int = 1) -> Values:
    return np.random.default_rng(seed).uniform(0, 1, count)


def as_tuple(curve: Logistic | None) -> tuple[float, float, float, float]:
    assert curve is not None
    return curve.bottom, curve.top, curve.centre, curve.scale


@pytest.mark.parametrize("curve", CURVES)
def test_a_known_curve_is_found_again(curve: Logistic) -> None:
    x = predictions()
    assert as_tuple(fit_logistic(x, curve(x))) == pytest.approx(as_tuple(curve), rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("curve", CURVES)
def test_noise_moves_it_a_little(curve: Logistic) -> None:
    x = predictions(5000)
    noise = np.random.default_rng(2).normal(scale=0.05 * abs(curve.top - curve.bottom), size=len(x))
    found = fit_logistic(x, curve(x) + noise)
    assert found is not None
    inside = np.linspace(0.05, 0.95, 50)
    assert np.abs(found(inside) - curve(inside)).max() < 0.02 * abs(curve.top - curve.bottom)


@pytest.mark.parametrize(("factor", "shift"), [(1e-4, 0.0), (1e4, -1e5), (1.0, 1e3)])
def test_the_scale_of_the_scores_does_not_matter(factor: float, shift: float) -> None:
    x = predictions()
    opinions = CURVES[0](x) + np.random.default_rng(3).normal(scale=0.3, size=len(x))
    found, plain = fit_logistic(x * factor + shift, opinions), fit_logistic(x, opinions)
    assert found is not None and plain is not None
    assert found(x * factor + shift) == pytest.approx(plain(x), abs=1e-2)


def test_no_curve_fits_better_from_another_start() -> None:
    x = predictions(200, 5)
    opinions = CURVES[1](x) + np.random.default_rng(6).normal(scale=15, size=len(x))
    found = fit_logistic(x, opinions)
    assert found is not None
    error = ((found(x) - opinions) ** 2).sum()
    for centre in np.linspace(0.1, 0.9, 9):
        for scale in (0.05, 0.1, 0.2, 0.5):
            design = np.stack([np.ones_like(x), Logistic(0, 1, centre, scale)(x)], axis=1)
            best = design @ np.linalg.lstsq(design, opinions, rcond=None)[0]
            assert error <= ((best - opinions) ** 2).sum() * (1 + 1e-6)


def test_a_straight_line_is_followed() -> None:
    x = predictions()
    found = fit_logistic(x, 3 * x + 1)
    assert found is not None
    assert found(x) == pytest.approx(3 * x + 1, abs=0.01)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.arange(7.0), np.arange(7.0)),
        (np.ones(20), np.arange(20.0)),
        (np.arange(20.0), np.ones(20)),
        (np.append(np.arange(20.0), np.nan), np.arange(21.0)),
        (np.arange(21.0), np.append(np.arange(20.0), np.inf)),
    ],
    ids=["too few", "one score", "one opinion", "NaN", "infinity"],
)
def test_no_fit(x: Values, y: Values) -> None:
    assert fit_logistic(x, y) is None


def test_a_search_that_does_not_end_is_no_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logistic, "_MOST_STEPS", 1)
    x = predictions()
    assert fit_logistic(x, CURVES[1](x)) is None
