"""Reading and scoring photos in a pool: order kept, the bad ones told from the good ones."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from maclip_desktop.core.photo import DecodedPhoto, PhotoRow
from maclip_desktop.errors import DeviceError, PhotoError
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.jobs import tasks
from maclip_desktop.jobs.tasks import (
    ScoreResult,
    StaleFileError,
    ahead,
    identify,
    prepare,
    save_identified,
    save_results,
    score_photos,
    score_prepared,
)
from maclip_desktop.library.photos import Fault
from maclip_desktop.library.store import Store
from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.pools import InlineExecutor, LazyExecutor

Identified = Callable[[], list[PhotoRow]]


def row_of(path: Path, photo_id: int = 1) -> PhotoRow:
    status = path.stat()
    return PhotoRow(photo_id, 1, path, status.st_size, status.st_mtime_ns)


class TestAhead:
    def test_keeps_the_order_however_long_each_takes(self) -> None:
        second_done = threading.Event()

        def work(number: int) -> int:
            if number == 0:
                assert second_done.wait(10)
            second_done.set()
            return number * 10

        with ThreadPoolExecutor(2) as pool:
            done = [(item, future.result()) for item, future in ahead(range(6), work, pool, 3)]
        assert done == [(number, number * 10) for number in range(6)]

    def test_never_asks_for_more_than_its_bound(self) -> None:
        pool = LazyExecutor()
        pairs = ahead(iter(range(100)), str, pool, 4)
        next(pairs)
        assert len(pool.submitted) == 4
        next(pairs)
        assert len(pool.submitted) == 5

    def test_left_early_cancels_what_waits(self) -> None:
        pool = LazyExecutor()
        pairs = ahead(range(10), str, pool, 4)
        next(pairs)
        pairs.close()
        assert [future.cancelled() for _, _, future in pool.submitted] == [False, True, True, True]

    def test_an_error_stays_with_its_item(self) -> None:
        def work(number: int) -> int:
            if number == 1:
                raise PhotoError("bad")
            return number

        errors = [future.exception() for _, future in ahead(range(3), work, InlineExecutor(), 2)]
        assert [type(error) for error in errors] == [type(None), PhotoError, type(None)]


class TestIdentify:
    def test_tells_content_and_size(self, tmp_path: Path) -> None:
        found = identify(row_of(write_photo(tmp_path / "a.jpg", side=40)))
        assert found.info is not None
        assert (found.info.width, found.info.height, found.error) == (40, 40, None)

    def test_copies_have_one_content(self, tmp_path: Path) -> None:
        first, copy, other = (write_photo(tmp_path / name, shade) for name, shade in (("a", 9), ("b", 9), ("c", 10)))
        hashes = [identify(row_of(path)).content_hash for path in (first, copy, other)]
        assert hashes[0] == hashes[1] != hashes[2]

    def test_what_is_no_picture_has_a_content_and_an_error(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jpg"
        path.write_bytes(b"no picture at all")
        found = identify(row_of(path))
        assert found.content_hash
        assert found.info is None
        assert str(path) in (found.error or "")

    def test_a_vanished_file_has_only_an_error(self, tmp_path: Path) -> None:
        found = identify(PhotoRow(1, 1, tmp_path / "gone.jpg", 1, 1))
        assert (found.content_hash, found.info) == (None, None)
        assert "no longer there" in (found.error or "")

    def test_an_empty_file_has_a_content_and_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").touch()
        found = identify(row_of(tmp_path / "a.jpg"))
        assert found.content_hash
        assert "is empty" in (found.error or "")

    @pytest.mark.parametrize("content", [b"no picture at all", None])
    def test_a_file_replaced_while_it_is_read_keeps_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
    ) -> None:
        path = write_photo(tmp_path / "a.jpg", 50)
        row = row_of(path)

        def replaced_before(file: Path) -> object:
            os.utime(write_photo(path, 200), ns=(1, 1))
            if content:
                path.write_bytes(content)
            return read_info(file)

        monkeypatch.setattr(tasks, "read_info", replaced_before)
        found = identify(row)
        assert (found.content_hash, found.info, found.fault) == (None, None, Fault.ACCESS)
        assert "changed while it was being read" in (found.error or "")

    def test_what_cannot_be_read_now_is_no_fault_of_the_content(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = row_of(write_photo(tmp_path / "a.jpg"))

        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", refuse)
            found = identify(row)
        assert (found.content_hash, found.fault) == (None, Fault.ACCESS)
        (tmp_path / "a.jpg").write_bytes(b"no picture at all")
        assert identify(row_of(tmp_path / "a.jpg")).fault is Fault.CONTENT

    def test_a_content_that_is_known_is_not_read_for_its_hash_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def never(path: Path) -> str:
            raise AssertionError(path)

        row = replace(row_of(write_photo(tmp_path / "a.jpg", side=40)), content_hash="known")
        monkeypatch.setattr(tasks, "content_hash", never)
        found = identify(row)
        assert (found.content_hash, found.info is not None, found.error) == ("known", True, None)

    @pytest.mark.expects_log_errors
    def test_a_bug_fails_the_file_it_meets(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(path: Path) -> str:
            raise ZeroDivisionError(path)

        monkeypatch.setattr(tasks, "content_hash", broken)
        found = identify(row_of(write_photo(tmp_path / "a.jpg")))
        assert (found.content_hash, found.fault) == (None, Fault.CONTENT)
        assert "a.jpg could not be read because of an error inside the program" in (found.error or "")


class TestPrepare:
    def test_a_photo_replaced_since_it_was_identified_is_refused(self, tmp_path: Path) -> None:
        row = row_of(write_photo(tmp_path / "a.jpg", 50))
        os.utime(write_photo(tmp_path / "a.jpg", 200), ns=(1, 1))
        with pytest.raises(StaleFileError, match="changed while it was being read"):
            prepare(row, FakeScorer())

    def test_a_photo_replaced_while_it_is_decoded_is_refused(self, tmp_path: Path) -> None:
        path = write_photo(tmp_path / "a.jpg", 50)

        class Meddling(FakeScorer):
            def prepare(self, photo: DecodedPhoto) -> float:
                os.utime(write_photo(path, 200), ns=(1, 1))
                return super().prepare(photo)

        with pytest.raises(StaleFileError):
            prepare(row_of(path), Meddling())

    def test_a_vanished_file_is_stale_a_damaged_one_is_not(self, tmp_path: Path) -> None:
        gone, damaged = write_photo(tmp_path / "gone.jpg"), tmp_path / "damaged.jpg"
        damaged.write_bytes(b"\xff\xd8\xff\xe0 cut off")
        row = row_of(gone)
        gone.unlink()
        with pytest.raises(StaleFileError, match="no longer there"):
            prepare(row, FakeScorer())
        with pytest.raises(PhotoError) as caught:
            prepare(row_of(damaged), FakeScorer())
        assert not isinstance(caught.value, StaleFileError)


class TestScorePhotos:
    def scored(self, rows: list[PhotoRow], scorer: FakeScorer, batch: int = 3) -> dict[int, ScoreResult]:
        parts = list(score_photos(rows, scorer, InlineExecutor(), batch=batch, look_ahead=4))
        results = [result for part in parts for result in part]
        assert len(results) == len(rows)
        return {result.row.id: result for result in results}

    def test_a_failure_tells_whose_fault_it_is(self, tmp_path: Path) -> None:
        rows = self.rows(tmp_path, [200, 10, 100, 90])
        rows[2].path.write_bytes(b"no picture")
        rows[2] = row_of(rows[2].path, 2)
        rows[3].path.unlink()
        results = self.scored(rows, FakeScorer(spoiled_below=0.1))
        assert [results[n].fault for n in (1, 2, 3)] == [Fault.SCORER, Fault.CONTENT, Fault.ACCESS]

    def rows(self, folder: Path, shades: list[int]) -> list[PhotoRow]:
        return [row_of(write_photo(folder / f"{n}.jpg", shade), n) for n, shade in enumerate(shades)]

    def test_each_photo_gets_its_own_score(self, tmp_path: Path) -> None:
        shades = [200, 10, 120, 60, 240, 30, 90]
        results = self.scored(self.rows(tmp_path, shades), FakeScorer())
        values = [results[n].score.value for n in range(7)]  # type: ignore[union-attr]
        assert values == pytest.approx([shade / 255 for shade in shades], abs=0.01)

    def test_batches_are_full_but_the_last(self, tmp_path: Path) -> None:
        scorer = FakeScorer()
        self.scored(self.rows(tmp_path, [10, 20, 30, 40, 50, 60, 70]), scorer)
        assert scorer.batches == [3, 3, 1]

    @pytest.mark.parametrize("bad", [0, 2, 3, 6])
    def test_a_bad_file_never_shifts_its_neighbours(self, tmp_path: Path, bad: int) -> None:
        shades = [30 * n + 20 for n in range(7)]
        rows = self.rows(tmp_path, shades)
        rows[bad].path.write_bytes(b"not a picture")
        rows[bad] = row_of(rows[bad].path, bad)
        results = self.scored(rows, FakeScorer())
        for n, shade in enumerate(shades):
            score = results[n].score
            assert (score is None) == (n == bad)
            assert score is None or score.value == pytest.approx(shade / 255, abs=0.01)

    def test_one_that_spoils_its_batch_fails_alone(self, tmp_path: Path) -> None:
        scorer = FakeScorer(spoiled_below=0.1)
        results = self.scored(self.rows(tmp_path, [200, 10, 100]), scorer)
        assert [results[n].score is None for n in range(3)] == [False, True, False]
        assert results[1].error == "this photo spoils its batch"

    @pytest.mark.expects_log_errors
    def test_a_bug_in_the_scorer_fails_the_photo_it_meets(self, tmp_path: Path) -> None:
        scorer = FakeScorer(spoiled_below=0.1, error=lambda: KeyError("bug"))
        results = self.scored(self.rows(tmp_path, [200, 10, 100]), scorer)
        assert [results[n].score is None for n in range(3)] == [False, True, False]
        assert "error inside the program (KeyError: 'bug')" in (results[1].error or "")

    def test_a_device_that_fails_is_nobody_s_photo(self, tmp_path: Path) -> None:
        scorer = FakeScorer(spoiled_below=0.1, error=lambda: DeviceError("The GPU is gone."))
        with pytest.raises(DeviceError):
            self.scored(self.rows(tmp_path, [200, 10, 100]), scorer)

    def test_what_is_no_number_is_no_score(self, tmp_path: Path) -> None:
        (row,) = self.rows(tmp_path, [100])
        (result,) = score_prepared(FakeScorer(), [row], [float("nan")])
        assert result.score is None
        assert "no usable score (nan)" in (result.error or "")


class TestSaving:
    def test_scores_are_kept_by_content_so_copies_share_them(
        self, store: Store, photos: Path, identified: Identified
    ) -> None:
        write_photo(photos / "a.jpg", 90)
        write_photo(photos / "b.jpg", 90)
        rows = identified()
        store.set_current_model("fake-1")
        scorer = FakeScorer()
        save_results(store, score_prepared(scorer, rows[:1], [prepare(rows[0], scorer)]))
        assert [row.score for row in store.rows()] == [pytest.approx(90 / 255, abs=0.01)] * 2

    def test_copies_of_a_bad_content_fail_alike_each_under_its_own_name(
        self, store: Store, photos: Path, identified: Identified
    ) -> None:
        write_photo(photos / "a.jpg", 90)
        write_photo(photos / "b.jpg", 90)
        rows = identified()
        save_results(store, [ScoreResult(rows[0], None, f"{rows[0].path} is too small.")])
        assert [row.error for row in store.rows()] == [f"{row.path} is too small." for row in rows]

    def test_a_copy_is_not_blamed_for_a_file_that_was_moved_away(
        self, store: Store, photos: Path, identified: Identified
    ) -> None:
        write_photo(photos / "a.jpg", 90)
        write_photo(photos / "b.jpg", 90)
        rows = identified()
        save_results(store, [ScoreResult(rows[0], None, "gone", Fault.ACCESS)])
        assert [row.error for row in store.rows()] == ["gone", None]
        assert [row.id for row in store.to_score("fake-1", 10)] == [rows[1].id]

    def test_a_failure_of_what_has_changed_since_is_not_kept(
        self, store: Store, photos: Path, identified: Identified
    ) -> None:
        write_photo(photos / "a.jpg", 90)
        (row,) = identified()
        save_results(store, [ScoreResult(replace(row, mtime_ns=row.mtime_ns - 1), None, "old")])
        assert [row.error for row in store.rows()] == [None]

    @pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="names are text here")
    def test_a_name_that_is_no_text_can_fail_too(self, store: Store, photos: Path, identified: Identified) -> None:
        path = photos / os.fsdecode(b"odd\xff.jpg")
        os.rename(write_photo(photos / "plain.jpg"), path)  # noqa: PTH104
        write_photo(photos / "plain.jpg")
        rows = {row.path: row for row in identified()}
        row = rows[path]
        os.utime(path, ns=(1, 1))
        with pytest.raises(StaleFileError) as caught:
            prepare(row, FakeScorer())
        save_results(store, [ScoreResult(row, None, str(caught.value))])
        errors = {one.path: one.error for one in store.rows()}
        assert "odd\\udcff.jpg changed" in (errors[path] or "")
        assert "plain.jpg changed" in (errors[photos / "plain.jpg"] or "")

    def test_a_batch_is_saved_whole_or_not_at_all(self, store: Store, photos: Path, identified: Identified) -> None:
        write_photos(photos, 2)
        rows = identified()
        scorer = FakeScorer()
        good = score_prepared(scorer, rows, [0.1, 0.2])

        def results() -> object:
            yield good[0]
            raise RuntimeError("in the middle")

        with pytest.raises(RuntimeError):
            save_results(store, results())  # type: ignore[arg-type]
        assert len(store.to_score("fake-1", 10)) == 2

    @pytest.mark.expects_log_errors
    def test_what_cannot_be_written_down_fails_alone(
        self, store: Store, photos: Path, identified: Identified, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, second, _ = write_photos(photos, 3)
        info = read_info(second)
        unkempt = replace(info, camera="no text \udce9")
        monkeypatch.setattr(tasks, "read_info", lambda path: unkempt if path == second else info)
        assert [row.path for row in identified() if row.error] == [second]
        assert [row.content_hash is None for row in store.rows()] == [False, True, False]

    def test_a_photo_that_is_only_read_for_more_stays_a_good_one(
        self, store: Store, photos: Path, identified: Identified, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_photo(photos / "a.jpg")
        (before,) = identified()

        def refuse(path: Path) -> object:
            raise PhotoError(f"{path} is damaged.")

        monkeypatch.setattr(tasks, "read_info", refuse)
        save_identified(store, [identify(before)])
        assert list(store.rows()) == [before]

    def test_a_photo_changed_while_it_was_read_stays_unread(self, store: Store, photos: Path, folder: object) -> None:
        write_photo(photos / "a.jpg")
        from maclip_desktop.jobs.scan import scan

        list(scan(store, folder))  # type: ignore[arg-type]
        (row,) = store.to_identify(10)
        save_identified(store, [identify(replace(row, mtime_ns=row.mtime_ns - 1))])
        assert [waiting.id for waiting in store.to_identify(10)] == [row.id]
