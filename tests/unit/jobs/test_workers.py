"""The workers in their real threads: from a folder to saved scores, whatever happens to the files meanwhile."""

import csv
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from maclip_desktop.core.culling import Select
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.errors import WeightsError
from maclip_desktop.exporting.culling_list import ListFormat
from maclip_desktop.jobs import library_worker
from maclip_desktop.jobs.identifying import IdentifyQueue
from maclip_desktop.jobs.messages import ExportDone, ExportRequest, FlagRequest, UndoState
from maclip_desktop.library.store import Store
from maclip_desktop.scoring.factory import ScorerChoice
from tests.helpers.fakes import FakeScorer, loading
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open, Workshop


class TestFromFolderToScore:
    def test_photos_are_found_read_scored_and_saved(self, workshop: Open, photos: Path, library_file: Path) -> None:
        write_photos(photos, 20)
        shop = workshop()
        shop.until_scored(20)
        with Store.open(library_file) as store:
            assert {row.id: row for row in store.rows()} == shop.rows
        assert (shop.notices, shop.status(photos)) == ([], "watched")

    def test_a_score_is_shown_only_after_it_is_saved(self, workshop: Open, photos: Path, library_file: Path) -> None:
        write_photos(photos, 12)
        unsaved: list[int] = []
        shop = workshop()

        def check() -> bool:
            shown = {row.id: row.content_hash for row in shop.rows.values() if row.score is not None}
            if shown:
                with closing(sqlite3.connect(library_file)) as connection:
                    saved = {hash_ for (hash_,) in connection.execute("SELECT content_hash FROM score")}
            unsaved.extend(photo_id for photo_id, hash_ in shown.items() if hash_ not in saved)
            return len(shown) == 12

        shop.until(check)
        assert unsaved == []

    def test_more_photos_than_may_be_under_way_at_once(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 90)
        scorer = FakeScorer()
        workshop(scorer).until_scored(90)
        assert scorer.call_count == 90

    def test_nothing_is_scored_again_after_a_restart(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 5)
        shop = workshop()
        shop.until_scored(5)
        shop.close()
        again = FakeScorer()
        shop = workshop(again)
        shop.until(lambda: len(shop.rows) == 5 and shop.ready and shop.status(photos) == "watched")
        write_photo(photos / "new.jpg", 250)
        shop.until_scored(6)
        assert again.call_count == 1

    def test_nothing_is_handed_out_before_a_scorer_is_ready(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 3)
        shop = workshop()
        shop.until_scored(3)
        shop.close()
        write_photos(photos, 6)
        loading_goes_on = threading.Event()

        def load(*_: Any) -> FakeScorer:
            assert loading_goes_on.wait(20)
            return FakeScorer()

        shop = workshop(load=load)
        handed_out: list[object] = []
        shop.library.to_score.connect(handed_out.append, Qt.ConnectionType.DirectConnection)
        try:
            shop.until(lambda: sum(row.content_hash is not None for row in shop.rows.values()) == 6)
            shop.until(lambda: shop.status(photos) == "watched")
            assert handed_out == []
        finally:
            loading_goes_on.set()
        shop.until_scored(6)

    def test_the_lowest_photos_are_the_first_to_be_sent_after_a_restart(self, workshop: Open, photos: Path) -> None:
        for name, brightness in (("a.jpg", 200), ("b.jpg", 40), ("c.jpg", 120)):
            write_photo(photos / name, brightness)
        shop = workshop()
        shop.until_scored(3)
        shop.close()
        shop = workshop()
        shop.until(lambda: len(shop.rows) == 3)
        assert [row.path.name for row in shop.messages[0].rows] == ["b.jpg", "c.jpg", "a.jpg"]

    def test_a_file_that_is_no_photo_fails_and_its_neighbours_do_not(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 4)
        (photos / "IMG_001b.jpg").write_bytes(b"no picture")
        shop = workshop()
        shop.until(lambda: sum(row.score is not None for row in shop.rows.values()) == 4)
        shop.until(lambda: (row := shop.named("IMG_001b.jpg")) and row.error)

    def test_what_is_on_screen_is_scored_first(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 80)
        gate = threading.Event()
        scorer = FakeScorer(gate=gate)
        shop = workshop(load=lambda *_: scorer)
        shop.until(
            lambda: scorer.waiting.is_set() and sum(row.content_hash is not None for row in shop.rows.values()) == 80
        )
        wanted = shop.named("IMG_079.jpg")
        assert wanted is not None
        shop.visible.emit((wanted.id,))
        shop.look_up.emit(wanted.id)
        shop.until(lambda: shop.details)  # the answer to the later question: the wish has arrived
        gate.set()
        shop.until_scored(80)
        brightest = max(scorer.calls)
        assert scorer.calls.index(brightest) < 60


class TestPause:
    def test_nothing_is_scored_until_the_pause_is_over(self, workshop: Open, photos: Path) -> None:
        gate = threading.Event()
        scorer = FakeScorer(gate=gate)
        write_photos(photos, 40)
        shop = workshop(scorer)
        shop.until(scorer.waiting.is_set)
        shop.pause.emit(True)
        gate.set()
        shop.until(lambda: sum(row.content_hash is not None for row in shop.rows.values()) == 40)
        done = scorer.call_count
        assert done < 40
        shop.pause.emit(False)
        shop.until_scored(40)
        assert scorer.call_count == 40


class TestScorers:
    def test_another_scorer_scores_everything_again_and_keeps_the_flags(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 10)
        first, second = FakeScorer("fake-1"), FakeScorer("fake-2")
        shop = workshop(load=loading(first, second))
        shop.until_scored(10)
        shop.mark("IMG_003.jpg", Flag.REJECT)
        shop.choose.emit(ScorerChoice("maclip"), False)
        shop.until(lambda: second.call_count == 10)
        shop.until_scored(10)
        row = shop.named("IMG_003.jpg")
        assert row is not None
        assert (row.flag, row.decided_by) == (Flag.REJECT, Decider.PERSON)
        assert [message.model_id for message in shop.ready] == ["fake-1", "fake-2"]

    def test_changed_in_the_middle_every_photo_gets_the_new_scorer_s_score(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 60)
        gate = threading.Event()
        first, second = FakeScorer("fake-1", gate=gate), FakeScorer("fake-2")
        shop = workshop(load=loading(first, second))
        shop.until(first.waiting.is_set)
        shop.choose.emit(ScorerChoice("maclip"), False)
        gate.set()
        shop.until(lambda: len(shop.ready) == 2)
        shop.until_scored(60)
        shop.until(lambda: len(set(second.calls)) == len({row.content_hash for row in shop.rows.values()}))

    def test_that_cannot_be_had_says_so_and_the_old_one_goes_on(self, workshop: Open, photos: Path) -> None:
        scorers: list[Any] = [FakeScorer()]

        def load(*_: Any) -> FakeScorer:
            if not scorers:
                raise WeightsError("There are no CLIP weights.")
            return scorers.pop()

        shop = workshop(load=load)
        shop.until(lambda: shop.ready)
        shop.choose.emit(ScorerChoice("maclip"), False)
        shop.until(lambda: shop.unavailable == ["There are no CLIP weights."])
        write_photos(photos, 3)
        shop.until_scored(3)

    @pytest.mark.expects_log_errors
    def test_that_breaks_while_loading_says_so_too(self, workshop: Open) -> None:
        def load(*_: Any) -> FakeScorer:
            raise ImportError("libtorch.so is not there")

        shop = workshop(load=load)
        shop.until(lambda: shop.unavailable)
        assert "ImportError: libtorch.so is not there" in shop.unavailable[0]

    @pytest.mark.expects_log_errors
    def test_that_breaks_on_one_photo_fails_that_one(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 10)
        shop = workshop(FakeScorer(spoiled_below=0.1, error=lambda: RuntimeError("bug")))
        shop.until(lambda: sum(row.score is not None for row in shop.rows.values()) == 9)
        shop.until(lambda: (row := shop.named("IMG_000.jpg")) and row.error and "RuntimeError: bug" in row.error)

    def test_of_another_program_on_the_library_does_not_start_a_circle(
        self, workshop: Open, photos: Path, library_file: Path
    ) -> None:
        write_photos(photos, 3)
        scorer = FakeScorer()
        shop = workshop(scorer)
        shop.until_scored(3)
        with Store.open(library_file) as store:
            store.set_current_model("somebody else's")
        shop.visible.emit(tuple(shop.rows))
        write_photo(photos / "new.jpg", 250)
        shop.until(lambda: scorer.call_count == 4)
        write_photo(photos / "newer.jpg", 240)
        shop.until(lambda: scorer.call_count >= 5)
        assert scorer.call_count == 5


class TestMarks:
    @pytest.fixture
    def shop(self, workshop: Open, photos: Path) -> Workshop:
        write_photos(photos, 3)
        shop = workshop()
        shop.until_scored(3)
        return shop

    def test_undo_and_redo_bring_marks_back_and_say_which_photo(self, shop: Workshop) -> None:
        shop.mark("IMG_001.jpg", Flag.REJECT)
        row = shop.named("IMG_001.jpg")
        assert row is not None
        assert shop.undo_state == UndoState("reject IMG_001.jpg", None)
        shop.undo.emit()
        shop.until(lambda: shop.rows[row.id].flag is Flag.NONE and shop.undone)
        assert shop.undo_state == UndoState(None, "reject IMG_001.jpg")
        shop.redo.emit()
        shop.until(lambda: shop.rows[row.id].flag is Flag.REJECT and len(shop.undone) == 2)
        assert [step.photo_ids for step in shop.undone] == [(row.id,)] * 2

    def test_a_rule_leaves_a_person_s_mark_alone(self, shop: Workshop) -> None:
        shop.mark("IMG_001.jpg", Flag.PICK)
        shop.flag.emit(FlagRequest(tuple(shop.rows), Flag.REJECT, Decider.RULE, "rule"))
        shop.until(lambda: sum(row.flag is Flag.REJECT for row in shop.rows.values()) == 2)
        row = shop.named("IMG_001.jpg")
        assert row is not None
        assert row.flag is Flag.PICK

    def test_a_photo_not_read_yet_cannot_be_marked_and_that_is_said(
        self, workshop: Open, photos: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(IdentifyQueue, "advance", lambda *_: None)
        write_photos(photos, 1)
        shop = workshop()
        shop.until(lambda: len(shop.rows) == 1)
        shop.flag.emit(FlagRequest(tuple(shop.rows), Flag.PICK, Decider.PERSON, "pick"))
        shop.until(lambda: shop.notices)
        assert "has not been read yet" in shop.notices[0].text

    def test_the_list_is_written_worst_first(self, shop: Workshop, tmp_path: Path) -> None:
        for name in ("IMG_002.jpg", "IMG_000.jpg"):
            shop.mark(name, Flag.REJECT)
        out = tmp_path / "list.csv"
        shop.export.emit(ExportRequest(out, ListFormat.CSV, Select.REJECTS))
        shop.until(lambda: shop.exported)
        assert shop.exported == [ExportDone(out, 2)]
        with out.open(newline="", encoding="utf-8") as file:
            assert [line["name"] for line in csv.DictReader(file)] == ["IMG_000.jpg", "IMG_002.jpg"]

    def test_a_list_that_cannot_be_written_is_a_notice(self, shop: Workshop, tmp_path: Path) -> None:
        shop.export.emit(ExportRequest(tmp_path / "no" / "list.csv", ListFormat.CSV, Select.ALL))
        shop.until(lambda: shop.notices)
        assert "its folder does not exist" in shop.notices[0].text

    @pytest.mark.expects_log_errors
    def test_a_bug_in_a_slot_is_a_notice(self, shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(library_worker, "write_list", lambda *_: 1 / 0)
        shop.export.emit(ExportRequest(Path("/nowhere"), ListFormat.CSV, Select.ALL))
        shop.until(lambda: shop.notices)
        assert "An error inside the program: ZeroDivisionError" in shop.notices[0].text


class TestTheEnd:
    def test_in_the_middle_of_a_long_job_loses_nothing_that_was_shown(
        self, workshop: Open, photos: Path, library_file: Path
    ) -> None:
        write_photos(photos, 120)
        shop = workshop()
        shop.until(lambda: sum(row.score is not None for row in shop.rows.values()) >= 16)
        assert shop.close()
        shown = {row.id: row.score for row in shop.rows.values() if row.score is not None}
        with Store.open(library_file) as store:
            saved = {row.id: row.score for row in store.rows()}
        assert shown.items() <= saved.items()

    def test_what_was_left_is_done_after_the_next_start_and_no_more(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 60)
        first, second = FakeScorer(), FakeScorer()
        shop = workshop(first)
        shop.until(lambda: sum(row.score is not None for row in shop.rows.values()) >= 8)
        shop.close()
        with_scores = sum(row.score is not None for row in shop.rows.values())
        workshop(second).until_scored(60)
        assert 60 - first.call_count <= second.call_count <= 60 - with_scores

    def test_in_the_middle_of_a_batch_does_not_wait_for_it(
        self, workshop: Open, photos: Path, library_file: Path
    ) -> None:
        write_photos(photos, 20)
        scorer = FakeScorer(gate=threading.Event())  # a batch that would never end
        shop = workshop(scorer)
        shop.until(scorer.waiting.is_set)
        assert shop.close()
        with Store.open(library_file) as store:
            assert [row.error for row in store.rows()] == [None] * len(list(store.rows()))

    def test_before_anything_began(self, workshop: Open) -> None:
        assert workshop().close()

    def test_a_library_that_cannot_be_opened_is_said_and_can_be_closed(
        self, workshop: Open, library_file: Path
    ) -> None:
        library_file.write_text("no library")
        shop = workshop()
        shop.until(lambda: shop.failures)
        assert "is not a library file" in shop.failures[0]
        assert shop.close()
