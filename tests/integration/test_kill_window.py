"""The window killed while somebody marks photos: what it had shown as saved is there after the next start."""

import random
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Flag
from maclip_desktop.library.store import Store
from tests.helpers.killing import PATIENCE_S, ROOT, assert_sound, hashes, start, wait_for
from tests.helpers.pictures import write_photo

PHOTOS = 80
KILLS = 3
PERSON = ROOT / "tests" / "helpers" / "marking_window.py"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot tell who was killed")


class Session:
    """One start of the window, and what it says."""

    def __init__(self, tmp_path: Path, seed: int) -> None:
        self.process = start(tmp_path / "home", PERSON, tmp_path / "photos", str(PHOTOS), str(seed))
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def flags(self, word: str) -> dict[str, str]:
        """Name -> flag, of the lines that begin with *word*."""
        said = (line.split() for line in self.lines if line.startswith(f"{word} "))
        return {name: flag for _, name, flag in said}

    def wait_for(self, line: str = "", marks: int = 0) -> None:
        wait_for(
            lambda: (
                (line in self.lines if line else len(self.flags("marked")) >= marks) or self.process.poll() is not None
            )
        )

    def kill(self) -> bool:
        """True where it was still running; all it has said until then is read."""
        self.process.kill()
        self.process.wait(PATIENCE_S)
        self.finish()
        return self.process.returncode == -signal.SIGKILL

    def finish(self) -> str:
        """Wait for the end; returns what went to standard error."""
        self._reader.join(PATIENCE_S)
        assert self.process.stderr is not None and self.process.stdout is not None
        said = self.process.stderr.read()
        self.process.stderr.close()
        self.process.stdout.close()
        self.process.wait(PATIENCE_S)
        return said


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[list[Session]]:
    """What is put in here does not outlive the test."""
    opened: list[Session] = []
    yield opened
    for session in opened:
        if session.process.poll() is None:
            session.kill()


@pytest.mark.parametrize("seed", [1])
def test_no_mark_that_was_answered_is_lost(tmp_path: Path, sessions: list[Session], seed: int) -> None:
    rng = random.Random(seed)
    for number in range(PHOTOS):
        write_photo(tmp_path / "photos" / f"{number:03}.jpg", 20 + number, side=400)
    before = hashes(tmp_path / "photos")
    answered: dict[str, str] = {}
    for _ in range(KILLS):
        session = Session(tmp_path, rng.randrange(1000))
        sessions.append(session)
        session.wait_for(marks=rng.randint(1, PHOTOS // (KILLS + 2)))
        assert session.kill(), session.finish()
        assert answered.items() <= session.flags("known").items()
        answered |= session.flags("marked")
    last = Session(tmp_path, rng.randrange(1000))
    sessions.append(last)
    last.wait_for("done")
    said = last.finish()
    assert (last.process.returncode, "Traceback" in said) == (0, False), said
    assert answered.items() <= last.flags("known").items()
    assert_all_is_there(tmp_path, answered | last.flags("marked"))
    assert hashes(tmp_path / "photos") == before


def assert_all_is_there(tmp_path: Path, answered: dict[str, str]) -> None:
    library = tmp_path / "home" / "data" / "library.db"
    assert_sound(library)
    with Store.open(library) as store:
        rows = list(store.rows())
    assert len(rows) == PHOTOS
    assert all(row.current_score is not None for row in rows)
    flags = {row.path.name: row.flag.word for row in rows if row.flag is not Flag.NONE}
    assert (len(flags), answered.items() <= flags.items()) == (PHOTOS, True)
