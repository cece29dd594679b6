"""Prepared photos that wait for the model are bounded by their bytes, not only by their number."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from maclip_desktop.core.photo import DecodedPhoto, PhotoRow
from maclip_desktop.core.score import Score
from maclip_desktop.errors import PhotoError
from maclip_desktop.jobs.tasks import MAX_HELD_BYTES, prepare, score_photos
from maclip_desktop.scoring.scorer import ShouldStop, never
from tests.helpers.fakes import FakeScorer, loading
from tests.helpers.pictures import write_photos
from tests.helpers.pools import InlineExecutor
from tests.helpers.workshop import Workshop


class WeighingScorer(FakeScorer):
    """Counts how many photos are prepared and not scored yet."""

    def __init__(self, bytes_of_a_photo: int) -> None:
        super().__init__()
        self.bytes_of_a_photo = bytes_of_a_photo
        self._lock = threading.Lock()
        self._held = 0
        self.most_held = 0

    def prepare(self, photo: DecodedPhoto) -> float:
        with self._lock:
            self._held += 1
            self.most_held = max(self.most_held, self._held)
        return super().prepare(photo)

    def score(self, prepared: Sequence[float], should_stop: ShouldStop = never) -> list[Score]:
        scores = super().score(prepared, should_stop)
        with self._lock:
            self._held -= len(prepared)
        return scores


def rows_of(folder: Path, count: int) -> list[PhotoRow]:
    rows = []
    for number, path in enumerate(write_photos(folder, count)):
        status = path.stat()
        rows.append(PhotoRow(number + 1, 1, path, status.st_size, status.st_mtime_ns, str(number), 48, 48))
    return rows


@pytest.mark.parametrize(
    ("bytes_of_a_photo", "most"),
    [(MAX_HELD_BYTES, 1), (MAX_HELD_BYTES // 4, 5), (MAX_HELD_BYTES // 4 + 1, 3), (MAX_HELD_BYTES // 100, 15)],
)
def test_the_command_line_holds_no_more_than_allowed(tmp_path: Path, bytes_of_a_photo: int, most: int) -> None:
    scorer = WeighingScorer(bytes_of_a_photo)
    batches = list(score_photos(rows_of(tmp_path, 20), scorer, InlineExecutor(), batch=8, look_ahead=8))
    assert sum(len(batch) for batch in batches) == len(scorer.calls) == 20
    assert scorer.most_held == most


@pytest.mark.parametrize(("bytes_of_a_photo", "most"), [(MAX_HELD_BYTES, 1), (MAX_HELD_BYTES // 2, 2)])
def test_the_window_holds_no_more_than_allowed(
    qtbot: QtBot, tmp_path: Path, library_file: Path, bytes_of_a_photo: int, most: int
) -> None:
    write_photos(tmp_path / "photos", 12)
    (tmp_path / "photos" / "broken.jpg").write_bytes((tmp_path / "photos" / "IMG_000.jpg").read_bytes()[:300])
    scorer = WeighingScorer(bytes_of_a_photo)
    shop = Workshop(qtbot, library_file, (tmp_path / "photos",), loading(scorer)).start()
    try:
        shop.until(lambda: len(scorer.calls) == 12)
    finally:
        shop.close()
    assert 1 <= scorer.most_held <= most


def test_what_a_scorer_says_of_a_photo_names_it(tmp_path: Path) -> None:
    class Refusing(FakeScorer):
        def prepare(self, photo: DecodedPhoto) -> Any:
            raise PhotoError("A photo of 1 x 9 pixels is too thin.")

    (row,) = rows_of(tmp_path, 1)
    with pytest.raises(PhotoError) as caught:
        prepare(row, Refusing())
    assert str(caught.value) == f"{row.path}: A photo of 1 x 9 pixels is too thin."
