"""Photos that cannot be reached are tried again, ever less often."""

import math

from maclip_desktop.jobs.retries import DELAYS_S, Retries
from tests.helpers.fakes import FakeClock


def test_nothing_is_due_without_failures() -> None:
    assert Retries().wait_s() == math.inf


def test_each_failure_in_a_row_is_followed_by_a_longer_wait() -> None:
    clock = FakeClock()
    retries = Retries(clock)
    waits = []
    for _ in range(6):
        retries.failed([7])
        waits.append(retries.wait_s())
        clock.forward(waits[-1])
        assert retries.due() == [7]
    assert waits == [30, 120, 600, 3600, 3600, 3600]


def test_a_photo_is_asked_for_once_until_it_fails_again() -> None:
    clock = FakeClock()
    retries = Retries(clock)
    retries.failed([7])
    clock.forward(DELAYS_S[0])
    assert (retries.due(), retries.due(), retries.wait_s()) == ([7], [], math.inf)


def test_a_photo_that_could_be_reached_begins_anew() -> None:
    retries = Retries(FakeClock())
    for _ in range(3):
        retries.failed([7, 8])
    retries.forget([7])
    assert retries.wait_s() == DELAYS_S[2]
    retries.failed([7])
    assert retries.wait_s() == DELAYS_S[0]
