"""The real program on a real display, driven from outside like by a person.

Run it under an X server with a window manager: ``QT_QPA_PLATFORM=xcb xvfb-run python -m pytest`` and this file.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Flag
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths
from tests.gui.helping import write_photo

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.skipif(
        not os.environ.get("DISPLAY") or os.environ.get("QT_QPA_PLATFORM") == "offscreen",
        reason="needs a display: set DISPLAY and QT_QPA_PLATFORM=xcb",
    ),
    pytest.mark.skipif(shutil.which("xdotool") is None, reason="needs xdotool to press keys from outside"),
]

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PATIENCE_S = 40.0
TITLE = "^MaClip Desktop$"


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """The program is another process: nothing tells when it is ready, so it is asked again and again."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.1)


def xdotool(*arguments: str) -> str:
    return subprocess.run(["xdotool", *arguments], capture_output=True, text=True, timeout=20).stdout.strip()


class Program:
    """The running program and its library."""

    def __init__(self, folder: Path, paths: AppPaths) -> None:
        self._paths = paths
        self._log = (folder.parent / "program.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "maclip_desktop", "--scorer", "technical", str(folder)],
            cwd=REPOSITORY,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def window(self) -> str:
        return xdotool("search", "--onlyvisible", "--name", TITLE).partition("\n")[0]

    def press(self, *keys: str) -> None:
        xdotool("windowactivate", "--sync", self.window())
        xdotool("key", "--clearmodifiers", "--delay", "50", *keys)

    def rows(self) -> list[PhotoRow]:
        """What is saved."""
        if not self._paths.library_file.is_file():
            return []
        with Store.open(self._paths.library_file) as store:
            return list(store.rows())

    def flags(self) -> list[Flag]:
        """The marks that are saved, rejects first."""
        return sorted(row.flag for row in self.rows() if row.flag is not Flag.NONE)

    def said(self) -> str:
        self._log.seek(0)
        return self._log.read()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._log.close()


@pytest.fixture
def program(tmp_path: Path, app_paths: AppPaths) -> Iterator[Program]:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        write_photo(folder / f"p{number}.jpg", seed=number, blur=1.5 * number)
    program = Program(folder, app_paths)
    yield program
    program.end()


def test_a_person_can_cull_with_the_keyboard(program: Program) -> None:
    wait_until(lambda: bool(program.window()), "the window")
    wait_until(lambda: len(program.rows()) == 4 and all(row.score is not None for row in program.rows()), "the scoring")
    program.press("Home", "x")
    wait_until(lambda: program.flags() == [Flag.REJECT], "a reject with X")
    program.press("Right", "p")
    wait_until(lambda: program.flags() == [Flag.REJECT, Flag.PICK], "a pick with P on the next photo")
    program.press("Right", "Delete")
    wait_until(lambda: program.flags() == [Flag.REJECT, Flag.REJECT, Flag.PICK], "a reject with Delete")
    program.press("ctrl+z")
    wait_until(lambda: program.flags() == [Flag.REJECT, Flag.PICK], "an undone mark")
    program.press("ctrl+q")
    assert program.process.wait(PATIENCE_S) == 0
    assert program.said() == ""
    assert program.flags() == [Flag.REJECT, Flag.PICK]


def test_the_window_closes_like_any_other(program: Program) -> None:
    wait_until(lambda: bool(program.window()), "the window")
    wait_until(lambda: len(program.rows()) == 4, "looking through the folder")
    program.press("alt+F4")
    assert program.process.wait(PATIENCE_S) == 0
    assert program.said() == ""
