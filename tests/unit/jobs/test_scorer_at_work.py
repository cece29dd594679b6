"""A scorer at work: what is new goes first, a device that fails, a download that is given up, another precision."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from maclip_desktop.core.score import Score
from maclip_desktop.errors import DeviceError, WeightsError
from maclip_desktop.jobs import scoring_worker
from maclip_desktop.jobs.messages import DownloadProgress
from maclip_desktop.library.store import Store
from maclip_desktop.scoring.factory import ScorerChoice
from maclip_desktop.scoring.scorer import ShouldStop, never
from tests.helpers.fakes import FakeScorer, loading
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open, Workshop


class BreakingScorer(FakeScorer):
    """Works while *works* is set."""

    def __init__(self, error: Callable[[], Exception] = lambda: RuntimeError("the device is gone")) -> None:
        super().__init__()
        self.works = threading.Event()
        self._error = error

    def score(self, prepared: Sequence[float], should_stop: ShouldStop = never) -> list[Score]:
        if not self.works.is_set():
            self.waiting.set()
            raise self._error()
        return super().score(prepared, should_stop)


def failed(shop: Workshop) -> int:
    return sum(row.error is not None for row in shop.rows.values())


def scored(shop: Workshop) -> int:
    return sum(row.current_score is not None for row in shop.rows.values())


class TestWhatIsNew:
    @pytest.mark.parametrize("place", ["", "deep/in/here"])
    def test_goes_before_a_backlog(self, workshop: Open, photos: Path, place: str) -> None:
        write_photos(photos, 120)
        gate = threading.Event()
        scorer = FakeScorer(gate=gate)
        shop = workshop(scorer)
        shop.until(lambda: scorer.waiting.is_set() and shop.status(photos) == "watched" and len(shop.rows) == 120)
        shop.until(lambda: all(row.content_hash for row in shop.rows.values()))
        write_photo(photos / place / "new.jpg", 250)
        shop.until(lambda: (row := shop.named("new.jpg")) and row.content_hash)
        gate.set()
        shop.until_scored(121)
        # Behind what was handed out already, and before the last sixty of the backlog.
        assert scorer.calls.index(max(scorer.calls)) < 60


class TestADeviceThatFails:
    @pytest.fixture(autouse=True)
    def patient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scoring_worker, "IDLE_MS", 200)

    def test_and_is_replaced_by_the_scorer_itself_is_told_once(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 20)
        scorer = FakeScorer()
        scorer.device = "CUDA (Card)"
        shop = workshop(scorer)
        shop.until_scored(20)
        scorer.device = "CPU"
        scorer.notices.append("The graphics card failed; the CPU goes on.")
        write_photo(photos / "new.jpg", 250)
        shop.until_scored(21)
        shop.until(lambda: shop.moved)
        assert [notice.text for notice in shop.notices] == ["The graphics card failed; the CPU goes on."]
        assert [(one.device, one.model_id) for one in shop.moved] == [("CPU", "fake-1")]
        assert len(shop.ready) == 1

    @pytest.mark.expects_log_errors
    @pytest.mark.parametrize("error", [lambda: RuntimeError("the device is gone"), MemoryError])
    def test_for_good_stops_the_scoring_and_marks_no_photo(
        self, workshop: Open, photos: Path, error: Callable[[], Exception]
    ) -> None:
        write_photos(photos, 60)
        scorer = BreakingScorer(error)
        shop = workshop(scorer)
        shop.until(lambda: shop.halted)
        assert "Scoring has stopped because nothing could be scored 3 times in a row" in shop.halted[0]
        assert shop.halted[0].endswith(".")
        shop.until(lambda: len(shop.rows) == 60 and all(row.content_hash for row in shop.rows.values()))
        assert (failed(shop), scored(shop)) == (0, 0)

    @pytest.mark.expects_log_errors
    def test_may_be_tried_again(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 60)
        scorer = BreakingScorer()
        shop = workshop(scorer)
        shop.until(lambda: shop.halted)
        scorer.works.set()
        shop.try_again.emit()
        shop.until_scored(60)
        assert failed(shop) == 0

    @pytest.mark.expects_log_errors
    def test_may_be_replaced_by_another_scorer(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 60)
        shop = workshop(load=loading(BreakingScorer(), FakeScorer("good")))
        shop.until(lambda: shop.halted)
        shop.choose.emit(ScorerChoice(), False)
        shop.until_scored(60)

    def test_in_a_sentence_of_its_own_stops_at_once(self, workshop: Open, photos: Path, library_file: Path) -> None:
        write_photos(photos, 20)
        shop = workshop(BreakingScorer(lambda: DeviceError("Neither the card nor the CPU can score.")))
        shop.until(lambda: shop.halted)
        assert shop.halted == ["Neither the card nor the CPU can score."]
        shop.close()
        with Store.open(library_file) as store:
            assert [row.error for row in store.rows()] == [None] * len(list(store.rows()))

    @pytest.mark.expects_log_errors
    def test_when_it_stops_in_the_middle_what_went_well_stays(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 16)
        scorer = BreakingScorer()
        scorer.works.set()
        shop = workshop(scorer)
        shop.until_scored(16)
        scorer.works.clear()
        for number in range(40):
            write_photo(photos / f"later{number:02}.jpg", 225 + number // 2, side=64 + number)
        shop.until(lambda: shop.halted and len(shop.rows) == 56)
        assert (scored(shop), failed(shop)) == (16, 0)

    @pytest.mark.expects_log_errors
    def test_on_the_last_photos_there_are_marks_them(self, workshop: Open, photos: Path) -> None:
        """One photo is no proof against a scorer: it must not keep the others waiting for ever."""
        write_photos(photos, 1)
        scorer = BreakingScorer()
        shop = workshop(scorer)
        shop.until(lambda: failed(shop) == 1)
        assert shop.halted == []


class Download:
    """A stand-in for `create_scorer`: the first scorer at once, the second after a download that takes for ever."""

    def __init__(self, *scorers: FakeScorer) -> None:
        self._scorers = list(scorers)
        self.running = threading.Event()
        self.stopped = 0

    def __call__(self, choice: ScorerChoice, folder: Path, report: Any, allowed: bool, should_stop: ShouldStop) -> Any:
        if not allowed:
            return self._scorers.pop(0)
        report("Downloading CLIP RN50 weights", 10, 100)
        self.running.set()
        while not should_stop():
            threading.Event().wait(0.01)
        self.stopped += 1
        raise WeightsError("The download was stopped.")


def test_who_chooses_in_vain_while_the_first_scorer_loads_still_gets_that_one(workshop: Open, photos: Path) -> None:
    write_photos(photos, 3)
    loading_first, chosen = threading.Event(), threading.Event()

    def load(choice: ScorerChoice, *_: Any) -> FakeScorer:
        if choice.weights is not None:
            raise WeightsError("There are no weights in own.pt.")
        loading_first.set()
        chosen.wait(20)
        return FakeScorer()

    shop = workshop(load=load)
    shop.until(loading_first.is_set)
    shop.choose.emit(ScorerChoice("maclip", weights=Path("own.pt")), False)
    shop.until(lambda: shop.scoring._loader._wanted.choice.weights)  # type: ignore[union-attr]
    chosen.set()
    shop.until(lambda: shop.unavailable == ["There are no weights in own.pt."])
    shop.until_scored(3)


def test_a_choice_made_before_the_threads_begin_is_the_one(qtbot: QtBot, tmp_path: Path, photos: Path) -> None:
    write_photos(photos, 3)

    def load(choice: ScorerChoice, *_: Any) -> FakeScorer:
        return FakeScorer("chosen" if choice.kind == "maclip" else "first")

    shop = Workshop(qtbot, tmp_path / "library.db", (photos,), load)
    shop.choose.emit(ScorerChoice("maclip"), False)
    shop.start()
    shop.until_scored(3)
    assert shop.close()
    assert [ready.model_id for ready in shop.ready] == ["chosen"]


def test_a_scorer_that_is_ready_does_not_wait_for_a_batch_of_the_one_before(workshop: Open, photos: Path) -> None:
    """At full resolution a batch takes minutes."""
    slow, quick = FakeScorer("slow", gate=threading.Event()), FakeScorer("quick")
    write_photos(photos, 8)
    shop = workshop(load=loading(slow, quick))
    shop.until(slow.waiting.is_set)
    shop.choose.emit(ScorerChoice("maclip"), False)
    shop.until_scored(8)
    assert {row.scored_by for row in shop.rows.values()} == {"technical"}
    assert (slow.call_count, quick.call_count) == (0, 8)


class TestADownload:
    def test_keeps_nobody_from_scoring_and_can_be_cancelled(self, workshop: Open, photos: Path) -> None:
        download = Download(FakeScorer())
        shop = workshop(load=download)
        shop.until(lambda: shop.ready)
        shop.choose.emit(ScorerChoice("maclip"), True)
        shop.until(lambda: shop.downloads)
        assert shop.downloads == [DownloadProgress("Downloading CLIP RN50 weights", 10, 100)]
        write_photos(photos, 12)
        shop.until_scored(12)
        shop.cancel_download.emit()
        shop.until(lambda: shop.unavailable)
        assert shop.unavailable == ["The download was stopped."]
        write_photo(photos / "after.jpg", 250)
        shop.until_scored(13)

    def test_is_cancelled_while_a_batch_is_running(self, workshop: Open, photos: Path) -> None:
        gate = threading.Event()
        scorer = FakeScorer(gate=gate)
        download = Download(scorer)
        write_photos(photos, 8)
        shop = workshop(load=download)
        shop.until(lambda: shop.ready)
        shop.choose.emit(ScorerChoice("maclip"), True)
        shop.until(lambda: download.running.is_set() and scorer.waiting.is_set())
        shop.cancel_download.emit()
        shop.until(lambda: download.stopped)
        gate.set()
        shop.until_scored(8)

    def test_is_begun_while_a_batch_is_running(self, workshop: Open, photos: Path) -> None:
        """At full resolution a batch takes minutes: who asks for weights meanwhile wants to see them come."""
        gate = threading.Event()
        scorer = FakeScorer(gate=gate)
        download = Download(scorer)
        write_photos(photos, 8)
        shop = workshop(load=download)
        shop.until(scorer.waiting.is_set)
        shop.choose.emit(ScorerChoice("maclip"), True)
        shop.until(download.running.is_set)
        shop.cancel_download.emit()
        shop.until(lambda: download.stopped)
        gate.set()
        shop.until_scored(8)

    def test_is_given_up_for_another_choice_without_a_word(self, workshop: Open, photos: Path) -> None:
        download = Download(FakeScorer("first"), FakeScorer("second"))
        shop = workshop(load=download)
        shop.until(lambda: shop.ready)
        shop.choose.emit(ScorerChoice("maclip"), True)
        shop.until(download.running.is_set)
        shop.choose.emit(ScorerChoice("maclip", weights=Path("own.pt")), False)
        shop.until(lambda: len(shop.ready) == 2)
        assert (shop.ready[1].model_id, download.stopped, shop.unavailable) == ("second", 1, [])

    def test_does_not_keep_the_program_from_closing(self, workshop: Open) -> None:
        download = Download(FakeScorer())
        shop = workshop(load=download)
        shop.until(lambda: shop.ready)
        shop.choose.emit(ScorerChoice("maclip"), True)
        shop.until(download.running.is_set)
        assert shop.close()
        assert download.stopped == 1
        assert shop.unavailable == []


class TestAnotherModel:
    def test_leaves_the_old_scores_to_be_seen_until_the_new_ones_are_in(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 20)
        gate = threading.Event()
        exact, quick = FakeScorer("fake-float32"), FakeScorer("fake-bfloat16", gate=gate)
        shop = workshop(load=loading(exact, quick))
        shop.until_scored(20)
        before = {row.id: row.score for row in shop.rows.values()}
        shop.choose.emit(ScorerChoice(precision="bfloat16"), False)
        shop.until(lambda: all(row.score_is_old for row in shop.rows.values()))
        assert {row.id: row.score for row in shop.rows.values()} == before
        gate.set()
        shop.until(lambda: scored(shop) == 20)
        assert quick.call_count == 20
