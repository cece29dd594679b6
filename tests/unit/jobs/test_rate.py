"""How fast the scoring goes."""

import pytest

from maclip_desktop.jobs.rate import WINDOW_SECONDS, RateMeter
from tests.helpers.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def meter(clock: FakeClock) -> RateMeter:
    return RateMeter(clock)


def test_nothing_is_known_before_the_first_photo(meter: RateMeter, clock: FakeClock) -> None:
    assert meter.per_second() is None
    meter.begin()
    clock.forward(5)
    assert meter.per_second() is None
    assert meter.seconds_left(100) is None


def test_photos_a_second_since_the_beginning(meter: RateMeter, clock: FakeClock) -> None:
    meter.begin()
    clock.forward(4)
    meter.add(8)
    assert meter.per_second() == pytest.approx(2)
    assert meter.seconds_left(30) == pytest.approx(15)


def test_only_the_last_seconds_count(meter: RateMeter, clock: FakeClock) -> None:
    meter.begin()
    meter.add(1000)
    clock.forward(WINDOW_SECONDS + 1)
    meter.add(40)
    assert meter.per_second() == pytest.approx(40 / WINDOW_SECONDS)


def test_a_pause_does_not_count(meter: RateMeter, clock: FakeClock) -> None:
    meter.begin()
    clock.forward(2)
    meter.add(4)
    clock.forward(3600)
    meter.begin()
    clock.forward(1)
    meter.add(3)
    assert meter.per_second() == pytest.approx(3)


def test_no_time_has_passed_yet(meter: RateMeter) -> None:
    meter.add(5)
    assert meter.per_second() is None


def test_nothing_left_takes_no_time(meter: RateMeter, clock: FakeClock) -> None:
    meter.begin()
    clock.forward(1)
    meter.add(5)
    assert meter.seconds_left(0) == 0
