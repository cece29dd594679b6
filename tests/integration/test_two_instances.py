"""One window for one library: real processes, started twice, at once, after a kill, beside a window that hangs."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maclip_desktop.instance.address import server_address
from maclip_desktop.instance.client import ask
from maclip_desktop.library.store import Store
from tests.helpers.pictures import write_photo, write_photos

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 30

PROGRAM = """
import sys
from maclip_desktop.cli import main
sys.exit(main(sys.argv[1:]))
"""
# What a second start must do without; named on standard output where it was loaded.
SLIM = """
import sys
from maclip_desktop.cli import main
code = main(sys.argv[1:])
print([name for name in ("torch", "PySide6", "skimage", "PIL") if name in sys.modules])
sys.exit(code)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def environment(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    (tmp_path / "s").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "s"))
    return os.environ | {"MACLIP_HOME": str(home), "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Starts the program; what still runs at the end of the test is killed."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: str | Path, program: str = PROGRAM) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", program, "--scorer", "technical", *map(str, arguments)],
            env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def library(home: Path) -> Path:
    return home / "data" / "library.db"


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """Three folders with two photos each."""
    made = [tmp_path / name for name in ("one", "two", "three")]
    for number, folder in enumerate(made):
        write_photos(folder, 2 + number)
    return made


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        threading.Event().wait(0.05)


def watched(library: Path) -> set[str]:
    if not library.exists():
        return set()
    with Store.open(library) as store:
        return {folder.path.name for folder in store.folders() if folder.watched}


def scored(library: Path) -> int:
    with Store.open(library) as store:
        return sum(row.score is not None for row in store.rows())


def finish(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Exit code, and what was said on standard error."""
    _, said = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in said
    return process.returncode, said


def close(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGINT)
    assert finish(process)[0] == 0


def test_a_second_start_hands_its_folders_over_and_ends(start: Start, library: Path, folders: list[Path]) -> None:
    first = start(folders[0])
    wait_for(lambda: watched(library) == {"one"})
    code, said = finish(start(folders[1].name, folders[2]))
    assert (code, said.count("\n")) == (0, 1)
    assert str(folders[1]) in said and str(folders[2]) in said
    wait_for(lambda: watched(library) == {"one", "two", "three"} and scored(library) == 9)
    assert first.poll() is None
    close(first)


def test_a_second_start_loads_nothing_that_takes_time(start: Start, library: Path, folders: list[Path]) -> None:
    first = start(folders[0])
    wait_for(lambda: watched(library))
    second = start(program=SLIM)
    out, said = second.communicate(timeout=PATIENCE_S)
    assert (second.returncode, out) == (0, "[]\n")
    assert said == "A window is open with this library; it comes to the front.\n"
    close(first)


def test_the_window_comes_to_the_front(start: Start, library: Path, folders: list[Path]) -> None:
    program = PROGRAM.replace(
        "sys.exit",
        """
from PySide6.QtCore import QTimer
from maclip_desktop import app
made = app.Desktop.start
def start(self):
    made(self)
    QTimer.singleShot(0, self.window.showMinimized)
app.Desktop.start = start
take = app.Desktop.take_folders
def take_folders(self, folders):
    print("minimised", self.window.isMinimized(), flush=True)
    take(self, folders)
    print("minimised", self.window.isMinimized(), "visible", self.window.isVisible(), flush=True)
app.Desktop.take_folders = take_folders
sys.exit""",
    )
    first = start(folders[0], program=program)
    wait_for(lambda: watched(library))
    assert finish(start())[0] == 0
    first.send_signal(signal.SIGINT)
    out, _ = first.communicate(timeout=PATIENCE_S)
    assert out.splitlines() == ["minimised True", "minimised False visible True"]


def test_of_several_started_at_once_one_is_the_window_and_has_all_folders(
    start: Start, library: Path, folders: list[Path]
) -> None:
    all_of_them = [start(folder) for folder in folders]
    wait_for(lambda: sum(one.poll() is not None for one in all_of_them) == 2)
    (window,) = [one for one in all_of_them if one.poll() is None]
    for other in all_of_them:
        if other is not window:
            assert finish(other)[0] == 0
    wait_for(lambda: watched(library) == {"one", "two", "three"})
    close(window)


def test_after_a_kill_the_next_start_is_the_window(start: Start, library: Path, folders: list[Path]) -> None:
    first = start(folders[0])
    wait_for(lambda: watched(library) == {"one"})
    wait_for(lambda: Path(server_address(library)).exists())
    first.kill()
    first.communicate()
    assert Path(server_address(library)).exists()
    second = start(folders[1])
    wait_for(lambda: watched(library) == {"one", "two"})
    assert finish(start())[0] == 0
    assert second.poll() is None
    close(second)


def test_a_window_that_hangs_is_told_of(start: Start, library: Path, folders: list[Path]) -> None:
    first = start(folders[0])
    wait_for(lambda: watched(library))
    first.send_signal(signal.SIGSTOP)
    code, said = finish(start(folders[1]))
    assert (code, said.count("\n")) == (3, 1)
    assert f"{library} and does not answer" in said
    first.send_signal(signal.SIGCONT)
    close(first)


def test_libraries_of_their_own_have_windows_of_their_own(
    start: Start, library: Path, folders: list[Path], tmp_path: Path
) -> None:
    first = start(folders[0])
    other = tmp_path / "other.db"
    second = start(folders[1], "--library", other)
    wait_for(lambda: watched(library) == {"one"} and watched(other) == {"two"})
    close(first)
    close(second)


def test_commands_work_beside_the_window_and_it_shows_what_they_did(
    start: Start, library: Path, folders: list[Path], environment: dict[str, str], tmp_path: Path
) -> None:
    window = start(folders[0])
    wait_for(lambda: watched(library) and scored(library) == 2)
    command = [sys.executable, "-m", "maclip_desktop"]
    score = [*command, "score", str(folders[1]), "--scorer", "technical", "--json", "-"]
    done = subprocess.run(score, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert len(json.loads(done.stdout)) == 3
    subprocess.run(
        [*command, "cull", "--bottom-count", "1"], env=environment, cwd=tmp_path, capture_output=True, check=True
    )
    assert window.poll() is None
    close(window)


def test_noise_at_its_ear_does_not_disturb_the_window(start: Start, library: Path, folders: list[Path]) -> None:
    window = start(folders[0])
    wait_for(lambda: watched(library) and Path(server_address(library)).exists())
    for noise in (b"\0" * 100 + b"\n", b"x" * 1_000_000, b'{"version": 1, "folders": [1]}\n'):
        answer = ask(server_address(library), noise, PATIENCE_S)
        assert answer is None or b"refused" in answer
    assert finish(start(folders[1]))[0] == 0
    wait_for(lambda: watched(library) == {"one", "two"})
    close(window)


def test_a_folder_relocated_from_the_command_line_is_followed_by_the_window(
    start: Start, library: Path, folders: list[Path], environment: dict[str, str], tmp_path: Path
) -> None:
    window = start(folders[0])
    wait_for(lambda: watched(library) and scored(library) == 2)
    moved = folders[0].rename(tmp_path / "disk")
    command = [sys.executable, "-m", "maclip_desktop", "library", "relocate", str(folders[0]), str(moved)]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    wait_for(lambda: watched(library) == {"disk"})
    write_photo(moved / "new.jpg", 222)
    wait_for(lambda: scored(library) == 3)
    close(window)
    with Store.open(library) as store:
        assert {row.path.parent for row in store.rows()} == {moved}
