"""Pixels that are decoded at one time are bounded, whoever decodes them."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging import room
from maclip_desktop.imaging.decode import decode, decoded
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.imaging.room import PixelBudget, Room
from maclip_desktop.imaging.thumbnails import preview

PATIENCE_S = 10.0


def wait_for(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if condition():
            return
        pause.wait(PATIENCE_S / 1000)
    raise AssertionError("it did not come")


class Taker(threading.Thread):
    """Takes pixels in a thread of its own, and holds them until told."""

    def __init__(self, budget: PixelBudget, pixels: int) -> None:
        super().__init__()
        self._budget, self._pixels = budget, pixels
        self.has = threading.Event()
        self.let_go = threading.Event()
        self.start()

    def run(self) -> None:
        taken = self._budget.take(self._pixels)
        self.has.set()
        self.let_go.wait(PATIENCE_S)
        self._budget.give_back(taken)

    def end(self) -> None:
        self.let_go.set()
        self.join(PATIENCE_S)


class TestBudget:
    def test_those_who_fit_go_together_and_the_next_one_waits(self) -> None:
        budget = PixelBudget(100)
        first, second = Taker(budget, 60), Taker(budget, 40)
        assert first.has.wait(PATIENCE_S)
        assert second.has.wait(PATIENCE_S)
        third = Taker(budget, 1)
        wait_for(lambda: budget.waiting == 1)
        assert not third.has.is_set()
        second.end()
        assert third.has.wait(PATIENCE_S)
        first.end()
        third.end()

    def test_one_larger_than_the_budget_goes_alone(self) -> None:
        budget = PixelBudget(100)
        small = Taker(budget, 1)
        assert small.has.wait(PATIENCE_S)
        huge = Taker(budget, 5000)
        wait_for(lambda: budget.waiting == 1)
        small.end()
        assert huge.has.wait(PATIENCE_S)
        other = Taker(budget, 1)
        wait_for(lambda: budget.waiting == 1)
        huge.end()
        assert other.has.wait(PATIENCE_S)
        other.end()

    def test_a_large_one_is_not_overtaken_by_small_ones_for_ever(self) -> None:
        budget = PixelBudget(100)
        running = Taker(budget, 50)
        assert running.has.wait(PATIENCE_S)
        large = Taker(budget, 90)
        wait_for(lambda: budget.waiting == 1)
        small = Taker(budget, 10)
        wait_for(lambda: budget.waiting == 2)
        assert not small.has.is_set()
        running.end()
        assert large.has.wait(PATIENCE_S)
        assert small.has.wait(PATIENCE_S)
        large.end()
        small.end()


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch) -> Iterator[PixelBudget]:
    """A small budget for the process; at the end everything must have been given back."""
    budget = PixelBudget(10_000)
    monkeypatch.setattr(room, "BUDGET", budget)
    yield budget
    assert budget.take(10_000) == 10_000


@pytest.fixture
def large(tmp_path: Path) -> Path:
    Image.effect_noise((80, 60), 40).convert("RGB").save(tmp_path / "a.jpg")
    return tmp_path / "a.jpg"


class TestRoom:
    def test_a_photo_counts_until_its_reader_is_done(self, budget: PixelBudget, large: Path) -> None:
        with decoded(large):
            other = Taker(budget, 10_000 - 80 * 60 + 1)
            wait_for(lambda: budget.waiting == 1)
            assert not other.has.is_set()
        assert other.has.wait(PATIENCE_S)
        other.end()

    @pytest.mark.parametrize("read", [decode, lambda path: preview(path, 5000)], ids=["decode", "preview"])
    def test_nothing_is_decoded_before_there_is_room(
        self, budget: PixelBudget, large: Path, read: Callable[[Path], object]
    ) -> None:
        holder = Taker(budget, 10_000)
        assert holder.has.wait(PATIENCE_S)
        done = threading.Event()

        def work() -> None:
            read(large)
            done.set()

        reader = threading.Thread(target=work)
        reader.start()
        wait_for(lambda: budget.waiting == 1)
        assert not done.is_set()
        holder.end()
        assert done.wait(PATIENCE_S)
        reader.join()

    def test_a_photo_that_fails_gives_its_room_back(self, budget: PixelBudget, large: Path) -> None:
        large.write_bytes(large.read_bytes()[:1500])
        for _ in range(5):
            with pytest.raises(PhotoError):
                decode(large)

    def test_a_reader_that_fails_gives_the_room_back(self, budget: PixelBudget, large: Path) -> None:
        with pytest.raises(ZeroDivisionError), decoded(large):
            raise ZeroDivisionError

    def test_who_takes_again_holds_only_the_last(self, budget: PixelBudget) -> None:
        with Room() as held:
            held.take(10_000)
            held.take(9_000)
            other = Taker(budget, 1_000)
            assert other.has.wait(PATIENCE_S)
            other.end()

    def test_a_reduced_decoding_takes_little(self, budget: PixelBudget, tmp_path: Path) -> None:
        Image.new("RGB", (400, 300)).save(tmp_path / "b.jpg")
        with decoded(tmp_path / "b.jpg", min_side=30):
            other = Taker(budget, 5_000)
            assert other.has.wait(PATIENCE_S)
            other.end()


def test_the_metadata_of_a_png_decode_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import ImageFile

    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    loaded: list[object] = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: loaded.append(image))
    info = read_info(tmp_path / "a.png")
    assert (info.width, info.height, loaded) == (40, 30, [])


def test_exif_that_follows_the_pixels_of_a_png_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x0110] = "Test Camera"
    Image.new("RGB", (40, 30)).save(path, exif=exif)
    data = path.read_bytes()
    start = data.index(b"eXIf") - 4
    length = int.from_bytes(data[start : start + 4], "big") + 12
    chunk, end = data[start : start + length], data.index(b"IEND") - 4
    assert start < data.index(b"IDAT")
    path.write_bytes(data[:start] + data[start + length : end] + chunk + data[end:])
    info = read_info(path)
    assert (info.width, info.height, info.camera) == (30, 40, "Test Camera")
    assert decode(path).pixels.shape == (40, 30, 3)
