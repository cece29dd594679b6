"""A file that makes its decoder hang, crash or eat memory costs this one photo, and is named."""

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from maclip_desktop.errors import PhotoError, ProgramError, TransientPhotoError
from maclip_desktop.imaging.apart import Bounds, decoding_apart
from maclip_desktop.imaging.apart.bounds import usual_children
from maclip_desktop.imaging.apart.ends import End, end_of
from maclip_desktop.imaging.apart.process import Work
from maclip_desktop.imaging.apart.watch import Watch
from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.imaging.thumbnails import preview, thumbnail
from tests.helpers.pictures import write_photos

HOSTILE = "tests.helpers.hostile_child"
PATIENT = Bounds(children=2, seconds=120, tick=0.02)
HASTY = Bounds(children=2, seconds=1, tick=0.02)
SMALL = Bounds(children=2, seconds=120, memory=400_000_000, tick=0.02)


def ordered(folder: Path, deed: str) -> Path:
    """A file whose decoder does *deed*."""
    path = folder / f"{deed}.jpg"
    path.write_text(deed)
    return path


def sentence(path: Path, read: Callable[[Path], Any] = decode) -> str:
    with pytest.raises(PhotoError) as caught:
        read(path)
    assert type(caught.value) is PhotoError
    assert str(path) in str(caught.value)
    return str(caught.value)


def is_tried(path: Path) -> bool:
    """Whether a decoder has opened the file since this was last asked."""
    mark = path.with_suffix(".pid")
    there = mark.exists()
    mark.unlink(missing_ok=True)
    return there


@pytest.fixture
def apart(request: pytest.FixtureRequest) -> Iterator[None]:
    """Children with hostile decoders; the parameter is their bounds."""
    with decoding_apart(request.param, HOSTILE):
        yield


class TestBounds:
    @pytest.mark.parametrize("apart", [HASTY], indirect=True)
    @pytest.mark.parametrize("deed", ["sleep", "spin", "hold"])
    def test_a_decoder_that_hangs_is_given_up(self, apart: None, deed: str, tmp_path: Path) -> None:
        said = sentence(ordered(tmp_path, deed))
        assert "more than 1 seconds" in said
        assert "save it again" in said

    @pytest.mark.parametrize("apart", [SMALL], indirect=True)
    @pytest.mark.parametrize("deed", ["eat", "swallow"])
    def test_a_decoder_that_eats_memory_is_given_up(self, apart: None, deed: str, tmp_path: Path) -> None:
        assert "more than 0.4 GB" in sentence(ordered(tmp_path, deed))

    @pytest.mark.parametrize("apart", [PATIENT], indirect=True)
    @pytest.mark.parametrize("deed", ["leave", "crash", "garble"])
    def test_a_crash_is_told(self, apart: None, deed: str, tmp_path: Path) -> None:
        assert "crash" in sentence(ordered(tmp_path, deed))

    @pytest.mark.parametrize("apart", [HASTY], indirect=True)
    def test_the_neighbours_go_on(self, apart: None, tmp_path: Path) -> None:
        good = write_photos(tmp_path, 12)
        bad = [ordered(tmp_path, deed) for deed in ("sleep", "crash", "spin")]

        def width(path: Path) -> int | None:
            try:
                return decode(path).width
            except PhotoError:
                return None

        with ThreadPoolExecutor(4) as pool:
            widths = list(pool.map(width, [*bad, *good]))
        assert widths == [None] * 3 + [48] * 12

    def test_large_files_and_pictures_have_more_time_and_memory(self) -> None:
        usual = Bounds()
        assert usual.seconds_for(0, 0) == 10
        assert usual.seconds_for(40_000_000, 100_000_000) == 10 + 2 + 5
        assert usual.memory_for(100_000_000) == 2_000_000_000 + 1_200_000_000

    def test_there_are_few_children(self) -> None:
        assert 3 <= usual_children() <= 8


class TestOffenders:
    @pytest.mark.parametrize("apart", [PATIENT], indirect=True)
    def test_one_is_refused_at_once_with_the_same_words(self, apart: None, tmp_path: Path) -> None:
        path = ordered(tmp_path, "leave")
        first = sentence(path)
        assert is_tried(path)
        for read in (decode, read_info, lambda file: thumbnail(file, 32), lambda file: preview(file, 32)):
            assert sentence(path, read) == first
        assert not is_tried(path)

    @pytest.mark.parametrize("apart", [PATIENT], indirect=True)
    @pytest.mark.parametrize("read", [read_info, lambda file: thumbnail(file, 32), lambda file: preview(file, 32)])
    def test_every_entrance_is_guarded(self, apart: None, read: Callable[[Path], Any], tmp_path: Path) -> None:
        assert "crash" in sentence(ordered(tmp_path, "crash"), read)

    @pytest.mark.parametrize("apart", [PATIENT], indirect=True)
    def test_one_that_changed_is_tried_again(self, apart: None, tmp_path: Path) -> None:
        path = ordered(tmp_path, "leave")
        sentence(path)
        [good] = write_photos(tmp_path / "other", 1)
        good.replace(path)
        assert decode(path).width == 48

    @pytest.mark.parametrize("apart", [PATIENT], indirect=True)
    def test_one_is_named_in_the_log(self, apart: None, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        path = ordered(tmp_path, "crash")
        sentence(path)
        assert [str(path) in record.getMessage() for record in caplog.records] == [True]


class TestInnocents:
    @pytest.mark.parametrize("apart", [PATIENT], indirect=True)
    @pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
    def test_a_child_ended_from_outside_says_nothing_of_its_photo(self, apart: None, tmp_path: Path) -> None:
        path = ordered(tmp_path, "be_killed")
        for _ in range(2):
            with pytest.raises(TransientPhotoError, match="ended from outside"):
                decode(path)
            assert is_tried(path)

    @pytest.mark.parametrize("apart", [PATIENT], indirect=True)
    def test_what_an_earlier_photo_broke_is_not_laid_at_the_next_ones_door(self, apart: None, tmp_path: Path) -> None:
        [good] = write_photos(tmp_path, 1)
        decode(good)
        assert "is no picture" in sentence(ordered(tmp_path, "crash_if_used"))

    @pytest.mark.parametrize("apart", [PATIENT], indirect=True)
    def test_what_a_decoder_prints_is_no_answer(
        self, apart: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.WARNING, "maclip_desktop"):
            assert "is no picture" in sentence(ordered(tmp_path, "say"))
        assert [record.getMessage() for record in caplog.records if record.name == "maclip_desktop.imaging"] == ["odd"]

    @pytest.mark.parametrize(("level", "shows"), [(logging.INFO, False), (logging.DEBUG, True)])
    def test_what_a_library_prints_is_for_those_who_want_details(
        self,
        level: int,
        shows: bool,
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        caplog.set_level(level)
        with decoding_apart(PATIENT, HOSTILE):
            assert "is no picture" in sentence(ordered(tmp_path, "mutter"))
        assert ("TIFFFillStrip" in capfd.readouterr().err) is shows

    @pytest.mark.parametrize("apart", [PATIENT], indirect=True)
    def test_a_bug_of_ours_is_no_photos_fault(self, apart: None, tmp_path: Path) -> None:
        with pytest.raises(ProgramError, match="ZeroDivisionError"):
            read_info(ordered(tmp_path, "fail"))

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has exit codes of its own")
    @pytest.mark.parametrize(
        ("exit_code", "end"),
        [(7, End.CRASHED), (0, End.CRASHED), (-int(signal.SIGSEGV), End.CRASHED), (-int(signal.SIGTERM), End.OUTSIDE)],
    )
    def test_exit_codes_tell_a_crash_from_an_ending(self, exit_code: int, end: End) -> None:
        assert end_of(exit_code) is end


class Watched:
    """Stands for a child in the eyes of the watch."""

    def __init__(self, reads_drive: bool = False, in_line: Iterable[float] = ()) -> None:
        self.ended: list[End] = []
        self._reads_drive = reads_drive
        self._in_line = iter(in_line)

    def memory(self) -> int:
        return 0

    def waits_for_drive(self) -> bool:
        return self._reads_drive

    def in_line(self) -> float:
        return next(self._in_line, 0.0)


class TestWatch:
    def watch(self, *pairs: tuple[Watched, Work], until: Callable[[], bool]) -> None:
        """Let a watch look at these until something holds."""
        done = threading.Event()

        def end(child: Any, work: Work, why: End) -> None:
            child.ended.append(why)
            if until():
                done.set()

        children: Any = list(pairs)
        watch = Watch(Bounds(tick=0.01), lambda: children, end, lambda: None)
        watch.look()
        assert done.wait(10)
        watch.close()

    def test_the_clock_stands_still_while_a_child_waits_for_room(self) -> None:
        waiting, working = Watched(), Watched()
        paused, running = Work(0.1, 1), Work(0.1, 1)
        paused.paused = True
        self.watch((waiting, paused), (working, running), until=lambda: bool(working.ended))
        assert paused.spent == 0
        assert waiting.ended == []
        assert working.ended[0] is End.SLOW

    def test_what_a_busy_machine_did_meanwhile_is_not_counted(self) -> None:
        child, work = Watched(in_line=[100.0, 100.05, 100.08, 100.08]), Work(0.1, 1)
        self.watch((child, work), until=lambda: bool(child.ended))
        assert child.ended[0] is End.SLOW
        assert next(child._in_line, None) is None, "it was asked until nothing was left to be taken back"
        assert work.spent > work.seconds

    def test_one_look_at_a_drive_makes_no_slow_drive(self) -> None:
        child, work = Watched(reads_drive=True), Work(0.05, 1)
        work.spent = 1.0
        self.watch((child, work), until=lambda: bool(child.ended))
        assert child.ended[0] is End.SLOW

    def test_a_drive_that_does_not_answer_is_not_the_photos_fault(self) -> None:
        child = Watched(reads_drive=True)
        self.watch((child, Work(0.05, 1)), until=lambda: bool(child.ended))
        assert child.ended[0] is End.UNREACHED
        assert not End.UNREACHED.blames_photo


def test_a_hanging_child_is_gone_with_its_photo(tmp_path: Path) -> None:
    path = ordered(tmp_path, "sleep")
    with decoding_apart(HASTY, HOSTILE):
        sentence(path)
        assert not psutil.pid_exists(int(path.with_suffix(".pid").read_text()))
