"""What goes wrong around the workers and passes again: nothing may be lost by it, or stay marked for ever."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import Folder
from maclip_desktop.jobs import store_worker
from maclip_desktop.jobs.messages import FlagRequest
from maclip_desktop.library.store import Store
from maclip_desktop.scoring.factory import ScorerChoice
from tests.helpers.fakes import FakeScorer, loading
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open, Workshop


def failed(shop: Workshop) -> int:
    return sum(row.error is not None for row in shop.rows.values())


def all_read(shop: Workshop, count: int) -> bool:
    return len(shop.rows) == count and all(row.content_hash for row in shop.rows.values())


class TestADriveUnplugged:
    @pytest.fixture
    def unplugged(self, workshop: Open, photos: Path) -> Workshop:
        """Photos whose drive went away while they waited for the model."""
        write_photos(photos, 40)
        gate = threading.Event()
        shop = workshop(FakeScorer(gate=gate))
        shop.until(lambda: all_read(shop, 40))
        photos.rename(photos.with_name("unplugged"))
        gate.set()
        shop.until(lambda: shop.status(photos) == "missing" and failed(shop) > 0)
        return shop

    def test_its_photos_are_scored_when_it_is_back(self, unplugged: Workshop, photos: Path) -> None:
        photos.with_name("unplugged").rename(photos)
        unplugged.until_scored(40)
        assert failed(unplugged) == 0

    def test_its_photos_are_scored_after_the_next_start(
        self, unplugged: Workshop, workshop: Open, photos: Path
    ) -> None:
        unplugged.close()
        photos.with_name("unplugged").rename(photos)
        shop = workshop()
        shop.until_scored(40)
        assert failed(shop) == 0


def test_what_was_forbidden_is_read_by_the_next_look_at_the_folders(
    workshop: Open, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_photo(photos / "a.jpg")
    opened = Path.open

    def refuse(self: Path, *arguments: Any, **options: Any) -> Any:
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        shop = workshop()
        shop.until(lambda: failed(shop) == 1)
        shop.flag.emit(FlagRequest(tuple(shop.rows), Flag.REJECT, Decider.PERSON, "reject"))
        shop.until(lambda: shop.notices)
        assert "Not marked" in shop.notices[0].text
        assert "permission is denied" in shop.notices[0].text
    shop.rescan.emit()
    shop.until_scored(1)


def test_an_empty_file_can_be_rejected(workshop: Open, photos: Path) -> None:
    (photos / "empty.jpg").touch()
    shop = workshop()
    shop.until(lambda: failed(shop) == 1)
    shop.mark("empty.jpg", Flag.REJECT)
    row = shop.named("empty.jpg")
    assert row is not None
    assert "is empty" in (row.error or "")


class TestAScorerThatFails:
    @pytest.mark.expects_log_errors
    def test_keeps_no_other_from_trying(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 6)
        bad = FakeScorer("bad", spoiled_below=2.0, error=lambda: RuntimeError("CUDA out of memory"))
        shop = workshop(load=loading(bad, FakeScorer("good")))
        shop.until(lambda: failed(shop) == 6 or shop.halted)
        shop.choose.emit(ScorerChoice(), False)
        shop.until_scored(6)
        assert failed(shop) == 0

    @pytest.mark.expects_log_errors
    def test_may_try_again_itself_after_the_next_start(self, workshop: Open, photos: Path) -> None:
        write_photos(photos, 3)
        shop = workshop(FakeScorer(spoiled_below=2.0, error=lambda: RuntimeError("CUDA out of memory")))
        shop.until(lambda: failed(shop) == 3 or shop.halted)
        shop.close()
        workshop(FakeScorer()).until_scored(3)

    def test_does_not_have_broken_files_decoded_again(self, workshop: Open, photos: Path) -> None:
        path = write_photo(photos / "cut.jpg", side=400)
        path.write_bytes(path.read_bytes()[:700])
        first, second = FakeScorer("first"), FakeScorer("second")
        shop = workshop(load=loading(first, second))
        shop.until(lambda: failed(shop) == 1)
        shop.choose.emit(ScorerChoice(), False)
        shop.until(lambda: len(shop.ready) == 2)
        write_photo(photos / "new.jpg")
        shop.until(lambda: second.call_count == 1)
        assert failed(shop) == 1


def test_photos_that_come_while_another_scorer_loads_are_scored_by_the_one_there_is(
    workshop: Open, photos: Path
) -> None:
    first, second, gate = FakeScorer("first"), FakeScorer("second"), threading.Event()
    scorers = [first, second]

    def load(*_: Any) -> FakeScorer:
        scorer = scorers.pop(0)
        if scorer is second:
            gate.wait(20)
        return scorer

    shop = workshop(load=load)
    shop.until(lambda: len(shop.ready) == 1)
    shop.choose.emit(ScorerChoice(), False)
    write_photos(photos, 30)
    shop.until_scored(30)
    gate.set()
    shop.until(lambda: second.call_count == 30)
    shop.until_scored(30)
    assert (first.call_count, second.call_count) == (30, 30)


def test_a_pause_does_not_wait_for_the_batch(workshop: Open, photos: Path) -> None:
    write_photos(photos, 20)
    gate = threading.Event()
    scorer = FakeScorer(gate=gate)
    shop = workshop(scorer)
    shop.until(lambda: scorer.waiting.is_set() and all_read(shop, 20))
    shop.pause.emit(True)
    # The scoring thread is free again though the batch's gate is still closed.
    shop.choose.emit(ScorerChoice(), False)
    shop.until(lambda: len(shop.ready) == 2)
    gate.set()
    shop.pause.emit(False)
    shop.until_scored(20)
    assert scorer.call_count == 20


class TestALockedLibrary:
    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        opened = partial(Store.open, busy_timeout_ms=20)
        monkeypatch.setattr(Store, "open", opened)
        monkeypatch.setattr(store_worker, "RETRY_MS", 20)

    @contextmanager
    def locked(self, library_file: Path) -> Iterator[None]:
        connection = sqlite3.connect(library_file, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.close()

    def test_loses_no_score(self, workshop: Open, photos: Path, library_file: Path) -> None:
        write_photos(photos, 40)
        gate = threading.Event()
        scorer = FakeScorer(gate=gate)
        shop = workshop(scorer)
        shop.until(lambda: scorer.waiting.is_set() and all_read(shop, 40))
        with self.locked(library_file):
            gate.set()
            shop.until(lambda: shop.notices)
            shop.until(lambda: scorer.call_count >= 16)
        shop.until_scored(40)
        assert scorer.call_count == 40
        assert len({notice.text for notice in shop.notices}) == len(shop.notices) == 1

    def test_loses_no_file(self, workshop: Open, photos: Path, library_file: Path) -> None:
        write_photos(photos, 3)
        shop = workshop()
        shop.until_scored(3)
        shop.until(lambda: shop.status(photos) == "watched")
        with self.locked(library_file):
            write_photo(photos / "new.jpg", 240)
            shop.until(lambda: shop.notices)
            (photos / "IMG_000.jpg").unlink()
            write_photos(photos / "day", 2)
            shop.until(lambda: shop.library._gone)
        shop.until(lambda: photos / "IMG_000.jpg" not in {row.path for row in shop.rows.values()})
        shop.until_scored(5)

    def test_takes_the_new_scorer_on_once_it_is_free(self, workshop: Open, photos: Path, library_file: Path) -> None:
        write_photos(photos, 3)
        second = FakeScorer("second")
        shop = workshop(load=loading(FakeScorer("first"), second))
        shop.until_scored(3)
        with self.locked(library_file):
            shop.choose.emit(ScorerChoice(), False)
            shop.until(lambda: shop.notices)
        assert second.call_count == 0
        shop.until(lambda: second.call_count == 3)

    def test_cuts_no_scan_short(
        self, workshop: Open, photos: Path, tmp_path: Path, library_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shop = workshop()
        shop.until(lambda: shop.status(photos) == "watched")
        other = tmp_path / "other"
        write_photos(other, 12)
        record_found = Store.record_found
        times: list[Folder] = []

        def locked_at_first(store: Store, folder: Folder, files: Any) -> list[int]:
            times.append(folder)
            if len(times) > 2:
                return record_found(store, folder, files)
            with self.locked(library_file):
                return record_found(store, folder, files)

        monkeypatch.setattr(Store, "record_found", locked_at_first)
        shop.add_folder.emit(other)
        shop.until_scored(12)
        shop.until(lambda: shop.status(other) == "watched")

    def test_keeps_nobody_from_closing(self, workshop: Open, photos: Path, library_file: Path) -> None:
        write_photos(photos, 20)
        gate = threading.Event()
        scorer = FakeScorer(gate=gate)
        shop = workshop(scorer)
        shop.until(lambda: scorer.waiting.is_set() and all_read(shop, 20))
        with self.locked(library_file):
            gate.set()
            shop.until(lambda: shop.notices)
            assert shop.close()
        workshop().until_scored(20)
