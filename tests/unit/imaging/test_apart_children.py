"""Children are few, used again, and gone when nobody needs them: no process and no thread is left behind."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from maclip_desktop.errors import PhotoError, TransientPhotoError
from maclip_desktop.imaging import room
from maclip_desktop.imaging.apart import Bounds, asking, decoding_apart, process
from maclip_desktop.imaging.apart.decoders import Decoders
from maclip_desktop.imaging.apart.ends import NOT_UNDERSTOOD, End
from maclip_desktop.imaging.decode import decode, decoded
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.imaging.room import PixelBudget
from maclip_desktop.jobs.priority import lower_priority
from tests.helpers.pictures import write_photos

HOSTILE = "tests.helpers.hostile_child"
ROOT = Path(__file__).resolve().parents[3]
BOUNDS = Bounds(children=2, seconds=120, tick=0.02)
PATIENCE_S = 20.0


def wait_for(condition: Callable[[], object]) -> None:
    pause = threading.Event()
    for _ in range(2000):
        if condition():
            return
        pause.wait(PATIENCE_S / 2000)
    raise AssertionError("it did not come")


def are_gone(pids: list[int]) -> bool:
    return not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids)


def sleeping_photo(folder: Path) -> Path:
    path = folder / "sleep.jpg"
    path.write_text("sleep")
    return path


@pytest.fixture
def decoders() -> Iterator[Decoders]:
    with decoding_apart(BOUNDS, HOSTILE) as decoders:
        yield decoders


class TestLife:
    def test_nothing_is_started_before_it_is_wanted(self, decoders: Decoders) -> None:
        assert decoders.pids() == []

    def test_a_child_is_used_again(self, decoders: Decoders, photo: Path) -> None:
        decode(photo)
        first = decoders.pids()
        read_info(photo)
        assert decoders.pids() == first

    def test_no_more_than_allowed_are_started(self, decoders: Decoders, tmp_path: Path) -> None:
        paths = write_photos(tmp_path, 30)
        with ThreadPoolExecutor(6) as pool:
            assert {photo.width for photo in pool.map(decode, paths)} == {48}
        assert 1 <= len(decoders.pids()) <= 2

    def test_none_is_left_when_the_block_ends(self, photo: Path) -> None:
        with decoding_apart(BOUNDS) as decoders:
            decode(photo)
            pids = decoders.pids()
        assert are_gone(pids)
        assert asking.active() is None
        assert "decode-watch" not in {thread.name for thread in threading.enumerate()}

    def test_one_that_has_nothing_to_do_is_ended(self, photo: Path) -> None:
        with decoding_apart(Bounds(children=2, idle_seconds=0.05, tick=0.01)) as decoders:
            decode(photo)
            pids = decoders.pids()
            wait_for(lambda: not decoders.pids())
            wait_for(lambda: are_gone(pids))
            assert decode(photo).width == 64

    def test_closing_ends_what_is_being_decoded(self, decoders: Decoders, tmp_path: Path) -> None:
        path = sleeping_photo(tmp_path)
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(decode, path)
            wait_for(path.with_suffix(".pid").exists)
            decoders.close()
            assert isinstance(reading.exception(PATIENCE_S), TransientPhotoError)
        assert are_gone([int(path.with_suffix(".pid").read_text())])
        with pytest.raises(TransientPhotoError, match="is closing"):
            decode(path)

    def test_breaking_off_waits_for_nobody(
        self, decoders: Decoders, photo: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("maclip_desktop.imaging.apart.decoders._LEAVING_S", threading.TIMEOUT_MAX)
        budget = PixelBudget(10)
        monkeypatch.setattr(room, "BUDGET", budget)
        held = budget.take(10)
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(decode, photo)
            wait_for(lambda: budget.waiting)
            pids = decoders.pids()
            decoders.break_off()
            wait_for(lambda: are_gone(pids))
            assert budget.waiting == 1
            budget.give_back(held)
            assert isinstance(reading.exception(PATIENCE_S), TransientPhotoError)

    def test_while_children_end_the_program_does_not_decode_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = []
        monkeypatch.setattr(Decoders, "close", lambda _: asked.append(asking.active()))
        with decoding_apart(BOUNDS) as decoders:
            pass
        assert asked == [decoders]

    def test_a_block_in_a_block_shares_its_children(self, decoders: Decoders, photo: Path) -> None:
        with decoding_apart() as inner:
            assert inner is decoders
        assert decode(photo).width == 64
        assert len(decoders.pids()) == 1

    def test_one_that_was_ended_while_idle_is_replaced(self, decoders: Decoders, photo: Path) -> None:
        decode(photo)
        [child] = decoders._idle
        psutil.Process(child.pid).kill()
        # The system may call it a zombie while its other threads still end, and not yet say that it has gone.
        wait_for(lambda: not child.lives())
        assert decode(photo).width == 64
        assert decoders.pids() != [child.pid]

    @pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
    def test_ctrl_c_is_for_the_parent(self, decoders: Decoders, photo: Path) -> None:
        decode(photo)
        [pid] = decoders.pids()
        os.kill(pid, signal.SIGINT)
        assert os.getpgid(pid) != os.getpgid(0)
        decode(photo)
        assert decoders.pids() == [pid]

    @pytest.mark.skipif(os.name == "nt", reason="Windows knows no such numbers")
    def test_it_lets_others_go_first(self, decoders: Decoders, photo: Path) -> None:
        decode(photo)
        [pid] = decoders.pids()
        assert psutil.Process(pid).nice() == min(19, psutil.Process().nice() + 5)

    @pytest.mark.skipif(sys.platform != "linux", reason="only there a thread has a place in the line of its own")
    def test_it_is_as_far_behind_the_program_whoever_starts_it(self, decoders: Decoders, photo: Path) -> None:
        def step_back_and_decode() -> None:
            lower_priority()
            decode(photo)

        thread = threading.Thread(target=step_back_and_decode)
        thread.start()
        thread.join()
        [pid] = decoders.pids()
        assert psutil.Process(pid).nice() == min(19, psutil.Process().nice() + 5)


class TestStarting:
    def test_where_nothing_can_be_started_the_program_decodes_itself(
        self, photo: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(process, "_program", lambda: [str(photo.parent / "no such program")])
        with decoding_apart(BOUNDS) as decoders:
            assert [decode(photo).width for _ in range(5)] == [64] * 5
            assert decoders.pids() == []
        assert ["without protection" in record.getMessage() for record in caplog.records] == [True]

    @pytest.mark.skipif(os.name == "nt", reason="it is a shell that ends itself")
    def test_one_child_that_does_not_start_is_followed_by_another(
        self, photo: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        programs = [["/bin/sh", "-c", "kill -9 $$"], process._program(), process._program()]
        monkeypatch.setattr(process, "_program", lambda: programs.pop(0))
        with decoding_apart(BOUNDS) as decoders:
            assert decode(photo).width == 64
            assert len(decoders.pids()) == 1
        assert caplog.records == []

    def test_a_child_is_tried_again_later(self, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as broken, decoding_apart(BOUNDS) as decoders:
            broken.setattr(process, "_program", lambda: [str(photo.parent / "no such program")])
            assert [decode(photo).width for _ in range(3)] == [64] * 3
            broken.undo()
            decode(photo)
            assert decoders.pids() == []
            decoders._next_try = 0.0
            decode(photo)
            assert len(decoders.pids()) == 1

    @pytest.mark.skipif(os.name == "nt", reason="it is a shell that speaks")
    def test_a_child_that_something_prints_into_is_not_used(
        self, photo: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(process, "_program", lambda: ["/bin/sh", "-c", "echo Welcome to this computer; sleep 60"])
        with decoding_apart(BOUNDS) as decoders:
            assert decode(photo).width == 64
            assert decoders.pids() == []
        assert ["before it begins" in record.getMessage() for record in caplog.records] == [True]

    def test_a_child_that_ends_at_its_start_is_told(
        self, photo: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with decoding_apart(BOUNDS, "tests.helpers.no_such_module") as decoders:
            assert decode(photo).width == 64
            assert decoders.pids() == []
        assert ["ended with code 1" in record.getMessage() for record in caplog.records] == [True]
        assert "no_such_module" in capfd.readouterr().err

    def test_a_child_that_is_never_ready_is_ended(
        self, photo: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(process, "_program", lambda: [sys.executable, "-c", "import time; time.sleep(600)"])
        with decoding_apart(Bounds(start_seconds=0.1, tick=0.02)):
            assert decode(photo).width == 64
        assert len(caplog.records) == 1

    def test_a_child_of_another_version_is_not_used(
        self, photo: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(process, "__version__", "0.0.1")
        with decoding_apart(BOUNDS) as decoders:
            assert decode(photo).width == 64
            assert decoders.pids() == []
        assert len(caplog.records) == 1

    def test_a_child_that_is_told_nonsense_ends(self, decoders: Decoders, photo: Path) -> None:
        decode(photo)
        [child] = decoders._idle
        child.channel.send_bytes(memoryview((3).to_bytes(8, "little") + b"odd"))
        assert child.gone() == (End.OUTSIDE, NOT_UNDERSTOOD)
        assert decode(photo).width == 64

    def test_a_packaged_program_starts_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "frozen", True, raising=False)
        assert process._program() == [sys.executable, process.CHILD_OPTION]

    def test_the_option_of_a_packaged_program_makes_a_child(self, photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(process, "_program", lambda: [sys.executable, "-m", "maclip_desktop", process.CHILD_OPTION])
        with decoding_apart(BOUNDS) as decoders:
            assert decode(photo).width == 64
            assert len(decoders.pids()) == 1

    def test_a_module_among_the_photos_is_not_run(
        self, tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "numpy.py").write_text("raise SystemExit('the wrong one')")
        monkeypatch.chdir(tmp_path)
        with decoding_apart(BOUNDS) as decoders:
            assert decode(photo).width == 64
            assert len(decoders.pids()) == 1

    @pytest.mark.parametrize("heavy", ["torch", "PySide6", "scipy", "skimage", "sqlite3", "psutil"])
    def test_a_child_loads_what_decodes_and_nothing_else(self, heavy: str) -> None:
        code = f"import sys, maclip_desktop.imaging.apart.child; sys.exit({heavy!r} in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0

    def test_no_file_is_left_open_where_a_program_ends(self) -> None:
        code = "import maclip_desktop.imaging.apart.child, maclip_desktop.imaging.apart.decoders"
        end = subprocess.run(
            [sys.executable, "-W", "always::ResourceWarning", "-c", code], cwd=ROOT, check=True, capture_output=True
        )
        assert b"ResourceWarning" not in end.stderr


ORPHANS = """
import sys, threading
from pathlib import Path
from maclip_desktop.imaging.apart import Bounds, decoding_apart
from maclip_desktop.imaging.decode import decode
with decoding_apart(Bounds(seconds=1, overtime=1, tick=600), "tests.helpers.hostile_child") as decoders:
    decode(Path(sys.argv[1]))
    threads = [threading.Thread(target=decode, args=(Path(path),)) for path in sys.argv[2:]]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    for thread in threads:
        thread.join()
    sys.stdin.read()
"""


@pytest.mark.skipif(os.name == "nt", reason="processes are found by their group")
@pytest.mark.parametrize("deed", [None, "sleep", "hold"], ids=["idle", "asleep", "lets no thread run"])
def test_children_end_when_their_parent_is_killed(deed: str | None, tmp_path: Path, photo: Path) -> None:
    busy = [tmp_path / "busy.jpg"] if deed else []
    for path in busy:
        path.write_text(str(deed))
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHANS, str(photo), *map(str, busy)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        wait_for(lambda: all(path.with_suffix(".pid").exists() for path in busy))
        pids = [child.pid for child in psutil.Process(parent.pid).children()]
        assert pids
        parent.kill()
    wait_for(lambda: are_gone(pids))


class TestRoom:
    @pytest.fixture
    def budget(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[PixelBudget]:
        budget = PixelBudget(10_000)
        monkeypatch.setattr(room, "BUDGET", budget)
        yield budget
        assert budget.take(10_000) == 10_000, "all was given back"

    def test_children_wait_for_the_programs_one_budget(
        self, decoders: Decoders, budget: PixelBudget, photo: Path
    ) -> None:
        taken = budget.take(10_000)
        with ThreadPoolExecutor(2) as pool:
            reading = [pool.submit(decode, photo) for _ in range(2)]
            wait_for(lambda: budget.waiting == 2)
            assert not any(future.done() for future in reading)
            budget.give_back(taken)
            assert [future.result(PATIENCE_S).width for future in reading] == [64, 64]

    def test_a_photo_counts_until_its_reader_is_done(
        self, decoders: Decoders, budget: PixelBudget, photo: Path
    ) -> None:
        taker = threading.Thread(target=lambda: budget.give_back(budget.take(10_000)))
        with decoded(photo):
            taker.start()
            wait_for(lambda: budget.waiting == 1)
        taker.join(PATIENCE_S)
        assert not taker.is_alive()

    @pytest.mark.parametrize("deed", ["crash", "be_killed"])
    def test_a_child_that_ends_gives_its_room_back(
        self, decoders: Decoders, budget: PixelBudget, deed: str, tmp_path: Path, photo: Path
    ) -> None:
        path = tmp_path / "bad.jpg"
        path.write_text(deed)
        for _ in range(3):
            with pytest.raises(PhotoError, match=str(path)):
                decode(path)
            assert decode(photo).width == 64
