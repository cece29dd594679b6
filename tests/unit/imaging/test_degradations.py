"""What makes the demonstration's photos worse."""

import numpy as np
import pytest
from PIL import Image

from maclip_desktop.imaging.degradations import (
    Degradation,
    blurred,
    darkened,
    noisy,
    overexposed,
    shaken,
    shrunk,
)


@pytest.fixture
def picture() -> Image.Image:
    values = np.random.default_rng(3).integers(40, 200, (48, 64, 3), dtype=np.uint8)
    return Image.fromarray(values)


def mean(image: Image.Image) -> float:
    return float(np.asarray(image, dtype=np.float64).mean())


def differences(image: Image.Image) -> float:
    """Mean step from a pixel to its right neighbour."""
    return float(np.abs(np.diff(np.asarray(image, dtype=np.float64), axis=1)).mean())


@pytest.mark.parametrize("degrade", [blurred(2), shaken(5), darkened(0.5), overexposed(2), noisy(10), shrunk(3)])
def test_size_and_kind_stay(picture: Image.Image, degrade: Degradation) -> None:
    worse = degrade(picture)
    assert (worse.size, worse.mode) == (picture.size, "RGB")
    assert np.any(np.asarray(worse) != np.asarray(picture))


@pytest.mark.parametrize(
    ("mild", "strong"), [(blurred(1), blurred(4)), (shaken(3), shaken(12)), (shrunk(2), shrunk(6))]
)
def test_detail_goes_step_by_step(picture: Image.Image, mild: Degradation, strong: Degradation) -> None:
    assert differences(picture) > differences(mild(picture)) > differences(strong(picture))


def test_darkened_and_overexposed_change_the_light_the_right_way(picture: Image.Image) -> None:
    assert mean(darkened(0.25)(picture)) < mean(picture) < mean(overexposed(4)(picture))


def test_overexposed_loses_the_highlights(picture: Image.Image) -> None:
    burnt = np.asarray(overexposed(4)(picture))
    assert (burnt == 255).mean() > 0.2


def test_noise_is_the_same_each_time_and_as_strong_as_asked() -> None:
    grey = Image.new("RGB", (200, 200), (128, 128, 128))
    assert noisy(12, seed=5)(grey).tobytes() == noisy(12, seed=5)(grey).tobytes()
    assert np.asarray(noisy(12)(grey), dtype=np.float64).std() == pytest.approx(12, rel=0.05)


def test_shaken_spreads_a_point_along_its_row_only() -> None:
    values = np.zeros((9, 30, 3), dtype=np.uint8)
    values[4, 10] = 250
    smeared = np.asarray(shaken(5)(Image.fromarray(values)))
    assert smeared[4, 10:15].min() == 50
    assert smeared[:4].max() == smeared[5:].max() == 0
