"""Pictures for the window: what is on screen now goes first, what was is dropped."""

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from maclip_desktop.imaging.thumbnails import ThumbnailCache
from maclip_desktop.jobs.thumbnails import (
    THREADS,
    Picture,
    PictureLoader,
    PictureRequest,
    load_preview,
    load_thumbnail,
)
from tests.helpers.pictures import write_photo
from tests.helpers.pools import LazyExecutor


def request(number: int, path: Path = Path("/a.jpg")) -> PictureRequest:
    return PictureRequest(number, path, 1, number)


class Collector(QObject):
    def __init__(self, loader: PictureLoader) -> None:
        super().__init__()
        self.pictures: list[Picture] = []
        loader.ready.connect(self._take)

    @Slot(object)
    def _take(self, picture: Picture) -> None:
        self.pictures.append(picture)


def answer(one: PictureRequest) -> Picture:
    return Picture(one, QImage(2, 2, QImage.Format.Format_RGB888))


class ByHand:
    """A pool whose work is done when the test says so, the oldest first."""

    def __init__(self) -> None:
        self.pool = LazyExecutor()
        self.started: list[int] = []

    def do_one(self) -> None:
        work, arguments, future = self.pool.submitted.pop(0)
        future.set_result(work(*arguments))

    def waiting(self) -> list[int]:
        return [arguments[0].photo_id for _, arguments, _ in self.pool.submitted]


@pytest.fixture
def hand() -> ByHand:
    return ByHand()


def test_pictures_come_in_the_order_asked_for(qtbot: QtBot, hand: ByHand) -> None:
    loader = PictureLoader(answer, hand.pool)
    seen = Collector(loader)
    loader.request([request(number) for number in range(5)])
    while hand.pool.submitted:
        hand.do_one()
    assert [picture.request.photo_id for picture in seen.pictures] == [0, 1, 2, 3, 4]


def test_only_a_few_are_begun_and_the_rest_is_dropped_by_the_next_request(qtbot: QtBot, hand: ByHand) -> None:
    loader = PictureLoader(answer, hand.pool)
    loader.request([request(number) for number in range(5)])
    assert hand.waiting() == list(range(THREADS))
    loader.request([request(number) for number in (1, 8, 9)])
    hand.do_one()
    hand.do_one()
    assert hand.waiting() == [8, 9]


@pytest.mark.expects_log_errors
def test_a_bug_while_loading_does_not_block_the_others(qtbot: QtBot, hand: ByHand) -> None:
    def load(one: PictureRequest) -> Picture:
        if one.photo_id < THREADS:
            raise RuntimeError("bug")
        return answer(one)

    loader = PictureLoader(load, hand.pool)
    seen = Collector(loader)
    loader.request([request(number) for number in range(THREADS + 1)])
    while hand.pool.submitted:
        hand.do_one()
    assert [picture.error is None for picture in seen.pictures] == [False] * THREADS + [True]


def test_a_real_pool_brings_pictures_to_this_thread(qtbot: QtBot, tmp_path: Path) -> None:
    path = write_photo(tmp_path / "a.jpg", side=64)
    cache = ThumbnailCache(tmp_path / "thumbnails")
    loader = PictureLoader(lambda one: load_thumbnail(cache, one))
    with qtbot.waitSignal(loader.ready, timeout=20_000) as ready:
        loader.request([request(1, path)])
    picture: Picture = ready.args[0]
    assert (picture.error, picture.image.width(), picture.image.height()) == (None, 64, 64)
    loader.close()


def test_closed_nothing_more_is_loaded(qtbot: QtBot, hand: ByHand) -> None:
    loader = PictureLoader(answer, hand.pool)
    seen = Collector(loader)
    loader.request([request(number) for number in range(5)])
    assert loader.close()  # none has begun
    loader.request([request(9)])
    assert seen.pictures == []
    assert 9 not in hand.waiting()


def test_a_preview_shows_the_photo_itself(tmp_path: Path) -> None:
    picture = load_preview(32, request(1, write_photo(tmp_path / "a.jpg", 200, side=64)))
    assert (picture.image.width(), picture.image.height()) == (32, 32)
    assert abs(picture.image.pixelColor(5, 5).red() - 200) < 4


@pytest.mark.parametrize("kind", ["thumbnail", "preview"])
def test_what_cannot_be_shown_says_why(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"no picture")
    cache = ThumbnailCache(tmp_path / "thumbnails")
    picture = load_thumbnail(cache, request(1, path)) if kind == "thumbnail" else load_preview(64, request(1, path))
    assert picture.image.isNull()
    assert str(path) in (picture.error or "")
