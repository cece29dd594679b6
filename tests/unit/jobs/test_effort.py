"""How hard the scoring works, and how long it rests."""

import sys
from collections.abc import Callable

import pytest

from maclip_desktop.jobs.effort import ASKED, FULL, GENTLE_BATCH, MAX_REST_S, ON_BATTERY, Effort, Pace, Throttle
from maclip_desktop.scoring.engine import engine_threads
from tests.helpers.fakes import FakeClock, FakeScorer
from tests.helpers.scoring_bench import Battery


def named(name: str, photos_at_once: int = 8) -> FakeScorer:
    scorer = FakeScorer()
    scorer.name, scorer.photos_at_once = name, photos_at_once
    return scorer


class TestThrottle:
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def battery(self) -> Battery:
        return Battery()

    @pytest.fixture
    def throttle(self, battery: Battery, clock: FakeClock) -> Throttle:
        return Throttle(battery, clock)

    def test_nobody_asked_is_full_effort_and_the_battery_does_not_matter(
        self, throttle: Throttle, battery: Battery
    ) -> None:
        assert (throttle.decide(look=True), battery.looks) == (FULL, 0)

    def test_who_is_asked_is_gentle_whatever_the_machine_runs_on(self, throttle: Throttle, battery: Battery) -> None:
        throttle.ask(gentle=True, on_battery=True)
        assert (throttle.decide(look=True), battery.looks) == (ASKED, 0)

    @pytest.mark.parametrize(("in_use", "effort"), [(True, ON_BATTERY), (False, FULL)])
    def test_on_battery_it_is_gentle_where_that_is_wanted(
        self, throttle: Throttle, battery: Battery, in_use: bool, effort: Effort
    ) -> None:
        battery.in_use = in_use
        throttle.ask(gentle=False, on_battery=True)
        assert throttle.decide(look=True) == effort

    def test_the_battery_is_looked_at_once_a_minute(
        self, throttle: Throttle, battery: Battery, clock: FakeClock
    ) -> None:
        throttle.ask(gentle=False, on_battery=True)
        for _ in range(3):
            assert throttle.decide(look=True) == ON_BATTERY
        battery.in_use = False
        clock.forward(59)
        assert (throttle.decide(look=True), battery.looks) == (ON_BATTERY, 1)
        clock.forward(1)
        assert (throttle.decide(look=True), battery.looks) == (FULL, 2)

    def test_who_has_nothing_to_score_does_not_look(self, throttle: Throttle, battery: Battery) -> None:
        throttle.ask(gentle=False, on_battery=True)
        assert (throttle.decide(look=False), battery.looks) == (FULL, 0)

    def test_only_full_work_of_who_was_asked_to_be_gentle_is_hushed(self, throttle: Throttle) -> None:
        assert not throttle.hushes(FULL)
        throttle.ask(gentle=True, on_battery=False)
        assert [throttle.hushes(effort) for effort in (FULL, ASKED, ON_BATTERY)] == [True, False, False]


class TestGently:
    def test_one_photo_at_a_time_is_decoded_and_no_more_than_the_model_takes(self) -> None:
        scorer = FakeScorer()
        assert ASKED.has_room(scorer, decoding=0, decoded=7)
        assert not ASKED.has_room(scorer, decoding=1, decoded=0)
        assert not ASKED.has_room(scorer, decoding=0, decoded=8)

    def test_large_batches_become_small_ones_and_small_ones_stay(self) -> None:
        assert ASKED.photos_at_once(named("maclip", photos_at_once=128)) == GENTLE_BATCH
        assert ASKED.photos_at_once(named("maclip", photos_at_once=2)) == 2

    def test_the_model_takes_one_thread_and_gets_the_others_back(self) -> None:
        before = engine_threads()
        with ASKED.engine_limit(named("maclip")):
            assert engine_threads() == 1
        assert engine_threads() == before

    def test_the_model_gets_its_threads_back_after_a_failure_too(self) -> None:
        before = engine_threads()
        with pytest.raises(RuntimeError), ON_BATTERY.engine_limit(named("maclip")):
            raise RuntimeError("the device is gone")
        assert engine_threads() == before

    def test_no_engine_is_loaded_for_a_scorer_that_has_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "maclip_desktop.scoring.engine", None)  # whoever imports it now fails
        with ASKED.engine_limit(named("technical")):
            pass
        with pytest.raises(ImportError):
            ASKED.engine_limit(named("maclip"))


class TestAtFullEffort:
    def test_the_next_batch_is_decoded_beside_the_one_the_model_has(self) -> None:
        scorer = FakeScorer()
        assert FULL.has_room(scorer, decoding=7, decoded=8)
        assert not FULL.has_room(scorer, decoding=8, decoded=8)

    def test_the_engine_takes_what_it_takes(self) -> None:
        before = engine_threads()
        with FULL.engine_limit(named("maclip")):
            assert engine_threads() == before


class TestPace:
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def worked(self, clock: FakeClock) -> Callable[[float], Pace]:
        def work(seconds: float) -> Pace:
            pace = Pace(clock)
            pace.work()
            clock.forward(seconds)
            return pace

        return work

    def test_a_rest_is_as_long_as_all_that_was_worked_before_it(
        self, clock: FakeClock, worked: Callable[[float], Pace]
    ) -> None:
        pace = worked(3)
        pace.work()
        clock.forward(4)
        assert pace.rest() == 7

    def test_after_a_rest_it_begins_anew(self, clock: FakeClock, worked: Callable[[float], Pace]) -> None:
        pace = worked(3)
        pace.rest()
        clock.forward(100)
        assert pace.rest() == 0
        pace.work()
        clock.forward(2)
        assert pace.rest() == 2

    def test_time_in_a_pause_was_no_work(self, clock: FakeClock, worked: Callable[[float], Pace]) -> None:
        pace = worked(3600)
        pace.forget()
        pace.work()
        clock.forward(5)
        assert pace.rest() == 5

    def test_a_machine_that_slept_does_not_rest_for_as_long(self, worked: Callable[[float], Pace]) -> None:
        assert worked(8 * 3600).rest() == MAX_REST_S
