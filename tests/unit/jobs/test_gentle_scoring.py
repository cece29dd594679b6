"""The scoring worker's manners: gentle work, rests, pauses, and nothing that runs while there is nothing to do."""

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import Score
from maclip_desktop.errors import PhotoError
from maclip_desktop.jobs import scoring_worker, tasks
from maclip_desktop.jobs.effort import ASKED, FULL, ON_BATTERY, Pace, Throttle
from maclip_desktop.jobs.priority import STEPS_BACK
from maclip_desktop.scoring.scorer import ShouldStop, never
from tests.helpers.fakes import FakeClock, FakeScorer, loading
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.scoring_bench import Battery, OpenBench, ScoringBench, photo_rows, row_of
from tests.helpers.workshop import Open


class BusyScorer(FakeScorer):
    """Remembers how many threads worked for it at once, and their priorities; a batch takes a minute by *clock*."""

    def __init__(self, clock: FakeClock | None = None, gate: threading.Event | None = None) -> None:
        super().__init__(gate=gate)
        self.prepared = 0
        self.most_at_once = 0
        self.priorities: set[int] = set()
        self._clock = clock
        self._lock = threading.Lock()
        self._at_work = 0

    def prepare(self, photo: DecodedPhoto) -> float:
        with self._counted():
            self.prepared += 1
            return super().prepare(photo)

    def score(self, prepared: Sequence[float], should_stop: ShouldStop = never) -> list[Score]:
        with self._counted():
            scores = super().score(prepared, should_stop)
            if self._clock is not None:
                self._clock.forward(60)
            return scores

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._at_work += 1
            self.most_at_once = max(self.most_at_once, self._at_work)
            if sys.platform == "linux":
                self.priorities.add(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[OpenBench]:
    """Makes a worker with a scorer; it is closed with the test."""
    opened: list[ScoringBench] = []

    def make(*scorers: FakeScorer, throttle: Throttle | None = None) -> ScoringBench:
        opened.append(ScoringBench(qtbot, tmp_path, loading(*scorers), throttle))
        return opened[-1]

    yield make
    ended = [one.close() for one in opened]
    assert all(ended)


@pytest.fixture(autouse=True)
def threads_of_the_engine() -> Iterator[None]:
    """Given back as they were."""
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The time that the worker's work takes."""
    clock = FakeClock()
    monkeypatch.setattr(scoring_worker, "Pace", lambda: Pace(clock))
    return clock


class TestGently:
    def test_one_thing_at_a_time_is_done_and_all_of_it(self, bench: OpenBench, photos: Path) -> None:
        scorer = BusyScorer()
        shop = bench(scorer)
        shop.gentle.emit(True, False)
        shop.start().score(photo_rows(photos, 40))
        shop.until_back(40)
        assert (scorer.most_at_once, len(set(scorer.calls)), scorer.call_count) == (1, 40, 40)
        assert shop.efforts == [ASKED]

    def test_at_full_effort_the_model_does_not_keep_the_decoders_waiting(self, bench: OpenBench, photos: Path) -> None:
        gate = threading.Event()
        scorer = BusyScorer(gate=gate)
        shop = bench(scorer).start()
        shop.score(photo_rows(photos, 16))
        shop.until(lambda: scorer.waiting.is_set() and scorer.prepared == 16)
        assert scorer.call_count == 0
        gate.set()
        shop.until_back(16)

    def test_a_batch_is_followed_by_a_rest_as_long_as_it_took(
        self, bench: OpenBench, photos: Path, clock: FakeClock
    ) -> None:
        scorer = BusyScorer(clock)
        shop = bench(scorer)
        shop.gentle.emit(True, False)
        shop.start().score(photo_rows(photos, 24))
        shop.until_back(8)
        shop.until(shop.running_timers)
        assert [timer.interval() for timer in shop.running_timers()] == [60_000]
        assert (scorer.prepared, scorer.call_count) == (8, 8)

    def test_full_effort_again_ends_the_rest(self, bench: OpenBench, photos: Path, clock: FakeClock) -> None:
        scorer = BusyScorer(clock)
        shop = bench(scorer)
        shop.gentle.emit(True, False)
        shop.start().score(photo_rows(photos, 24))
        shop.until_back(8)
        shop.gentle.emit(False, False)
        shop.until_back(24)
        assert (shop.efforts, scorer.call_count) == ([ASKED, FULL], 24)

    def test_a_photo_that_fails_is_followed_by_a_rest_too(
        self, bench: OpenBench, photos: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = photo_rows(photos, 2)
        for row in rows:
            row.path.unlink()

        def slowly(*arguments: Any) -> Any:
            clock.forward(7)
            return tasks.prepare(*arguments)

        monkeypatch.setattr(scoring_worker, "prepare", slowly)
        shop = bench(FakeScorer())
        shop.gentle.emit(True, False)
        shop.start().score(rows)
        shop.until_back(1)
        shop.until(shop.running_timers)
        assert [timer.interval() for timer in shop.running_timers()] == [7000]

    def test_a_batch_that_runs_with_all_threads_is_begun_once_more(self, bench: OpenBench, photos: Path) -> None:
        gate = threading.Event()
        scorer = FakeScorer(gate=gate)
        shop = bench(scorer).start()
        shop.score(photo_rows(photos, 20))
        shop.until(scorer.waiting.is_set)
        shop.gentle.emit(True, False)
        shop.until(lambda: shop.efforts == [ASKED])  # said by the thread that was busy with the batch
        gate.set()
        shop.until_back(20)
        assert (len(set(scorer.calls)), scorer.call_count, len(shop.results)) == (20, 20, 20)

    def test_what_was_decoded_for_a_large_batch_is_scored_in_small_ones(self, bench: OpenBench, photos: Path) -> None:
        gate = threading.Event()
        scorer = BusyScorer(gate=gate)
        scorer.photos_at_once = 16
        shop = bench(scorer).start()
        shop.score(photo_rows(photos, 32))
        shop.until(lambda: scorer.waiting.is_set() and scorer.prepared == 32)
        shop.gentle.emit(True, False)
        shop.until(lambda: shop.efforts == [ASKED])
        gate.set()
        shop.until_back(32)
        assert scorer.batches == [8, 8, 8, 8]

    @pytest.mark.parametrize("gentle", [True, False])
    def test_the_model_takes_one_thread(self, bench: OpenBench, photos: Path, gentle: bool) -> None:
        taken: set[int] = set()

        class CountingThreads(FakeScorer):
            name = "maclip"

            def score(self, prepared: Sequence[float], should_stop: ShouldStop = never) -> list[Score]:
                taken.add(torch.get_num_threads())
                return super().score(prepared, should_stop)

        shop = bench(CountingThreads())
        shop.gentle.emit(gentle, False)
        torch.set_num_threads(2)
        shop.start().score(photo_rows(photos, 10))
        shop.until_back(10)
        assert taken == ({1} if gentle else {2})
        assert torch.get_num_threads() == 2

    def test_what_is_on_screen_goes_first(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 80)
        gate = threading.Event()
        scorer = FakeScorer(gate=gate)
        shop = workshop(scorer)
        shop.scoring.set_gentle(True, False)
        shop.until(scorer.waiting.is_set)
        shop.until(lambda: len(shop.rows) == 80 and all(row.content_hash for row in shop.rows.values()))
        wanted = shop.named("IMG_079.jpg")
        assert wanted is not None
        shop.visible.emit((wanted.id,))
        shop.look_up.emit(wanted.id)
        shop.until(lambda: shop.details)  # the answer to the later question: the wish has arrived
        gate.set()
        shop.until_scored(80)
        assert scorer.calls.index(max(scorer.calls)) < 60
        assert max(scorer.batches) <= 8

    def test_a_pause_in_the_middle_of_a_batch_loses_nothing(self, bench: OpenBench, photos: Path) -> None:
        gate = threading.Event()
        scorer = FakeScorer(gate=gate)
        shop = bench(scorer, scorer)
        shop.gentle.emit(True, False)
        shop.start().score(photo_rows(photos, 20))
        shop.until(scorer.waiting.is_set)
        shop.pause.emit(True)
        shop.gentle.emit(False, False)
        shop.until(lambda: shop.efforts == [ASKED, FULL])  # the batch was given up: its thread answers
        gate.set()
        shop.pause.emit(False)
        shop.until_back(20)
        assert (len(set(scorer.calls)), scorer.call_count, len(shop.results)) == (20, 20, 20)

    def test_the_time_of_a_pause_is_not_rested_once_more(
        self, bench: OpenBench, photos: Path, clock: FakeClock
    ) -> None:
        gate = threading.Event()
        scorer = BusyScorer(clock, gate)
        shop = bench(scorer)
        shop.gentle.emit(True, False)
        shop.start().score(photo_rows(photos, 16))
        shop.until(scorer.waiting.is_set)
        shop.pause.emit(True)
        shop.gentle.emit(False, False)
        shop.until(lambda: shop.efforts == [ASKED, FULL])  # the batch was given up: its thread answers
        shop.gentle.emit(True, False)
        clock.forward(300)
        gate.set()
        shop.pause.emit(False)
        shop.until_back(8)
        shop.until(shop.running_timers)
        assert [timer.interval() for timer in shop.running_timers()] == [60_000]
        assert scorer.call_count == 8


class TestOnBattery:
    def test_it_is_gentle_and_says_why_and_again_at_full_effort_when_plugged_in(
        self, bench: OpenBench, photos: Path
    ) -> None:
        power, answers = FakeClock(), [True, False]
        shop = bench(FakeScorer(), throttle=Throttle(lambda: answers.pop(0), power))
        shop.gentle.emit(False, True)
        shop.start()
        rows = photo_rows(photos, 16)
        shop.score(rows[:8])
        shop.until_back(8)
        assert shop.efforts == [ON_BATTERY]
        power.forward(60)
        shop.score(rows[8:])
        shop.until_back(16)
        assert (shop.efforts, answers) == ([ON_BATTERY, FULL], [])

    def test_nobody_looks_while_there_is_nothing_to_score(self, bench: OpenBench) -> None:
        battery = Battery()
        shop = bench(FakeScorer("first"), FakeScorer("second"), throttle=Throttle(battery))
        shop.gentle.emit(False, True)
        shop.start()
        shop.gentle.emit(False, True)
        shop.another_scorer()
        assert battery.looks == 0

    def test_nobody_looks_in_a_pause(self, bench: OpenBench, photos: Path) -> None:
        battery = Battery()
        shop = bench(FakeScorer("first"), FakeScorer("second"), throttle=Throttle(battery))
        shop.gentle.emit(False, True)
        shop.pause.emit(True)
        shop.start().score(photo_rows(photos, 4))
        shop.another_scorer()
        assert battery.looks == 0


class TestAPause:
    def test_of_the_last_session_is_not_ended_by_the_scorer_s_loading(self, bench: OpenBench, photos: Path) -> None:
        first, second = BusyScorer(), BusyScorer()
        second.model_id = "fake-2"
        shop = bench(first, second)
        shop.pause.emit(True)  # before the thread has begun
        rows = photo_rows(photos, 12)
        shop.start().score(rows)
        shop.another_scorer()
        shop.score(rows)
        assert (first.prepared, second.prepared) == (0, 0)
        shop.pause.emit(False)
        shop.until_back(12)
        assert (first.call_count, second.call_count) == (0, 12)


class TestAPhotoThatFailed:
    def test_is_scored_when_it_is_handed_out_again(self, bench: OpenBench, photos: Path) -> None:
        scorer = FakeScorer(spoiled_below=2.0, error=lambda: PhotoError("this photo spoils its batch"))
        shop = bench(scorer).start()
        rows = photo_rows(photos, 3)
        shop.score(rows)
        shop.until_back(3)
        assert [result.score for result in shop.results] == [None] * 3
        scorer._spoiled_below = -1.0
        shop.score(rows)
        shop.until_back(6)
        assert all(result.score is not None for result in shop.results[3:])

    def test_and_was_repaired_meanwhile_is_scored(self, bench: OpenBench, photos: Path) -> None:
        path = photos / "a.jpg"
        path.write_bytes(b"no picture")
        shop = bench(FakeScorer()).start()
        shop.score([row_of(path)])
        shop.until_back(1)
        write_photo(path)
        shop.score([row_of(path)])
        shop.until_back(2)
        assert [result.score is not None for result in shop.results] == [False, True]

    def test_is_scored_when_the_person_asks_for_another_try(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 5)
        scorer = FakeScorer(spoiled_below=2.0)
        shop = workshop(scorer)
        shop.until(lambda: len(shop.rows) == 5 and all(row.error for row in shop.rows.values()))
        scorer._spoiled_below = -1.0
        shop.retry.emit(None)
        shop.until_scored(5)
        assert not any(row.error for row in shop.rows.values())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a thread's priority this way")
def test_who_decodes_and_who_scores_steps_back_for_the_window(bench: OpenBench, photos: Path) -> None:
    scorer = BusyScorer()
    shop = bench(scorer).start()
    shop.score(photo_rows(photos, 10))
    shop.until_back(10)
    own = os.getpriority(os.PRIO_PROCESS, os.getpid())
    assert scorer.priorities == {min(19, own + STEPS_BACK)}
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own


def test_the_decoders_are_asked_to_step_back_where_they_do_not_inherit_it(
    bench: OpenBench, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[str] = set()
    monkeypatch.setattr(scoring_worker, "lower_priority", lambda: asked.add(threading.current_thread().name))
    shop = bench(FakeScorer()).start()
    shop.score(photo_rows(photos, 4))
    shop.until_back(4)
    assert any(name.startswith("decode") for name in asked)


class TestNothingToDo:
    @pytest.fixture
    def idle(self, bench: OpenBench) -> ScoringBench:
        shop = bench(FakeScorer())
        shop.gentle.emit(False, True)
        return shop.start()

    def test_no_timer_runs_before_the_first_photo(self, idle: ScoringBench) -> None:
        idle.until(lambda: not idle.running_timers())

    def test_no_timer_runs_after_the_last_photo(self, idle: ScoringBench, photos: Path) -> None:
        idle.score(photo_rows(photos, 20))
        idle.until_back(20)
        idle.until(lambda: not idle.running_timers())

    def test_no_timer_runs_after_the_last_rest(self, idle: ScoringBench, photos: Path) -> None:
        idle.gentle.emit(True, False)
        idle.score(photo_rows(photos, 20))
        idle.until_back(20)
        idle.until(lambda: not idle.running_timers())

    def test_no_timer_runs_in_a_pause(self, idle: ScoringBench, photos: Path) -> None:
        idle.pause.emit(True)
        idle.score(photo_rows(photos, 20))
        idle.until(lambda: not idle.running_timers())

    def test_no_timer_goes_on_by_itself(self, idle: ScoringBench) -> None:
        timers = idle.worker.findChildren(QTimer)
        assert timers
        assert all(timer.isSingleShot() for timer in timers)
