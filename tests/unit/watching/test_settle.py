"""When a dirty file counts as finished. Real files, a clock that moves when told."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maclip_desktop.watching.settle import EMPTY_LOOKS, Settler


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settler(clock: Clock) -> Settler:
    return Settler(clock, interval_s=1.0)


def after(clock: Clock, seconds: float, settler: Settler) -> list[Path]:
    clock.now += seconds
    return settler.settled()


def test_a_finished_file_settles_at_the_second_look(tmp_path: Path, clock: Clock, settler: Settler) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"done")
    settler.touch([path])
    assert settler.settled() == []
    assert after(clock, 1.0, settler) == [path]
    assert after(clock, 1.0, settler) == []
    assert settler.pending == 0


def test_two_looks_close_together_count_as_one(tmp_path: Path, clock: Clock, settler: Settler) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"done")
    settler.touch([path])
    assert [after(clock, seconds, settler) for seconds in (0.0, 0.5, 0.4)] == [[], [], []]
    assert after(clock, 0.1, settler) == [path]


def test_a_growing_file_waits_until_it_stops(tmp_path: Path, clock: Clock, settler: Settler) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"")
    settler.touch([path])
    for size in range(1, 6):
        path.write_bytes(b"x" * size)
        assert after(clock, 1.0, settler) == []
    assert after(clock, 1.0, settler) == [path]


def test_a_file_rewritten_at_the_same_size_waits(tmp_path: Path, clock: Clock, settler: Settler) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    settler.touch([path])
    settler.settled()
    os.utime(path, ns=(5, 5))
    assert after(clock, 1.0, settler) == []
    assert after(clock, 1.0, settler) == [path]


def test_events_do_not_put_a_waiting_file_off(tmp_path: Path, clock: Clock, settler: Settler) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    settler.touch([path])
    settler.settled()
    settler.touch([path])
    assert settler.pending == 1
    assert after(clock, 1.0, settler) == [path]


def test_a_file_touched_again_after_it_settled_settles_again(tmp_path: Path, clock: Clock, settler: Settler) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    for _ in range(2):
        settler.touch([path])
        assert after(clock, 1.0, settler) == []
        assert after(clock, 1.0, settler) == [path]


def test_an_empty_file_settles_after_a_longer_wait(tmp_path: Path, clock: Clock, settler: Settler) -> None:
    path = tmp_path / "a.jpg"
    path.touch()
    settler.touch([path])
    assert [after(clock, 1.0, settler) for _ in range(1 + EMPTY_LOOKS)] == [[]] * (1 + EMPTY_LOOKS)
    assert after(clock, 1.0, settler) == [path]


def test_a_missing_file_is_gone_and_told_once(tmp_path: Path, settler: Settler) -> None:
    settler.touch([tmp_path / "a.jpg"])
    assert settler.settled() == []
    assert settler.gone() == [tmp_path / "a.jpg"]
    assert settler.gone() == []
    assert settler.pending == 0


def test_a_file_deleted_while_it_waits_is_gone(tmp_path: Path, clock: Clock, settler: Settler) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    settler.touch([path])
    settler.settled()
    path.unlink()
    assert after(clock, 1.0, settler) == []
    assert settler.gone() == [path]


def test_a_file_below_what_is_now_a_file_is_gone(tmp_path: Path, settler: Settler) -> None:
    (tmp_path / "folder").write_bytes(b"x")
    settler.touch([tmp_path / "folder" / "a.jpg"])
    settler.settled()
    assert settler.gone() == [tmp_path / "folder" / "a.jpg"]


def test_a_file_that_cannot_be_looked_at_is_handed_on(tmp_path: Path, settler: Settler) -> None:
    loop = tmp_path / "a.jpg"
    loop.symlink_to(loop)
    settler.touch([loop])
    assert settler.settled() == [loop]
    assert settler.pending == 0


def test_a_time_in_the_future_holds_nothing_up(tmp_path: Path, clock: Clock, settler: Settler) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")
    os.utime(path, (4e9, 4e9))
    settler.touch([path])
    settler.settled()
    assert after(clock, 1.0, settler) == [path]


def test_files_settle_in_the_order_they_were_touched(tmp_path: Path, clock: Clock, settler: Settler) -> None:
    paths = [tmp_path / name for name in ("c.jpg", "a.jpg", "b.jpg")]
    for path in paths:
        path.write_bytes(b"x")
    settler.touch(paths)
    settler.settled()
    assert after(clock, 1.0, settler) == paths


@given(sizes=st.lists(st.integers(1, 3), min_size=1, max_size=20), waits=st.lists(st.floats(0.01, 2.5), min_size=1))
def test_a_file_never_settles_at_a_size_it_was_not_seen_to_keep(sizes: list[int], waits: list[float]) -> None:
    clock = Clock()
    looks: list[tuple[float, int]] = []
    remaining = iter(sizes)
    size = 0

    def look(_: Path) -> tuple[int, int]:
        nonlocal size
        size = next(remaining, size)
        looks.append((clock.now, size))
        return size, 0

    settler = Settler(clock, interval_s=1.0, look=look)
    settler.touch([Path("a.jpg")])
    for wait in waits:
        if settler.settled():
            (before, size_before), (last, size_last) = looks[-2:]
            assert size_before == size_last and last - before >= 1.0
            return
        clock.now += wait
    assert settler.pending == 1


class TestAFileThatWasClosed:
    def test_settles_at_the_first_look(self, tmp_path: Path, settler: Settler) -> None:
        path = tmp_path / "a.jpg"
        path.write_bytes(b"done")
        settler.touch([path], whole={path})
        assert settler.settled() == [path]

    def test_settles_at_once_also_where_it_was_waited_for(self, tmp_path: Path, clock: Clock, settler: Settler) -> None:
        path = tmp_path / "a.jpg"
        path.write_bytes(b"half")
        settler.touch([path])
        settler.settled()
        path.write_bytes(b"whole")
        settler.touch([path], whole={path})
        assert after(clock, 0.1, settler) == [path]

    def test_is_waited_for_again_when_it_is_opened_again(self, tmp_path: Path, clock: Clock, settler: Settler) -> None:
        path = tmp_path / "a.jpg"
        path.write_bytes(b"first part")
        settler.touch([path], whole={path})
        settler.touch([path])
        assert settler.settled() == []
        assert after(clock, 1.0, settler) == [path]

    def test_is_waited_for_while_it_is_empty(self, tmp_path: Path, clock: Clock, settler: Settler) -> None:
        path = tmp_path / "a.jpg"
        path.write_bytes(b"")
        settler.touch([path], whole={path})
        assert [after(clock, 1.0, settler) for _ in range(EMPTY_LOOKS + 1)] == [[]] * (EMPTY_LOOKS + 1)
        assert after(clock, 1.0, settler) == [path]
