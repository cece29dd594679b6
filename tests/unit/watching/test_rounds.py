"""Folders that announce nothing are looked through again and again, and left alone most of the time."""

import math

import pytest

from maclip_desktop.watching.rounds import FIRST_S, LONGEST_S, REST, Rounds
from tests.helpers.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def rounds(clock: FakeClock) -> Rounds[str]:
    rounds: Rounds[str] = Rounds(clock)
    rounds.begin("share")
    return rounds


def test_without_folders_nothing_is_ever_due() -> None:
    assert Rounds[str]().wait_s() == math.inf


def test_the_first_look_comes_after_a_minute(rounds: Rounds[str], clock: FakeClock) -> None:
    assert rounds.wait_s() == FIRST_S
    clock.forward(FIRST_S - 1)
    assert rounds.due() == []
    clock.forward(1)
    assert rounds.due() == ["share"]


@pytest.mark.parametrize(("took_s", "rest_s"), [(0.01, FIRST_S), (4.0, 4.0 * REST), (1000.0, LONGEST_S)])
def test_the_rest_is_many_times_as_long_as_the_look(
    rounds: Rounds[str], clock: FakeClock, took_s: float, rest_s: float
) -> None:
    clock.forward(FIRST_S)
    rounds.due()
    rounds.looked_through("share", took_s)
    assert rounds.wait_s() == rest_s


def test_a_folder_is_not_due_again_while_it_is_looked_through(rounds: Rounds[str], clock: FakeClock) -> None:
    clock.forward(FIRST_S)
    rounds.due()
    clock.forward(2 * FIRST_S)
    assert rounds.due() == []


def test_a_look_that_never_ends_does_not_end_the_rounds(rounds: Rounds[str], clock: FakeClock) -> None:
    clock.forward(FIRST_S)
    rounds.due()
    clock.forward(LONGEST_S)
    assert rounds.due() == ["share"]


def test_a_folder_that_is_left_alone_does_not_come_back_with_the_end_of_its_look(rounds: Rounds[str]) -> None:
    rounds.end("share")
    rounds.looked_through("share", 1.0)
    assert rounds.wait_s() == math.inf
