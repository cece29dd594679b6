"""The program is killed (as by kill -9) at its work; what it had shown is kept, and the rest is done later."""

import signal
import sys
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import FoundFile
from maclip_desktop.core.score import Score
from maclip_desktop.library import schema
from maclip_desktop.library.database import LibraryDatabase
from maclip_desktop.library.opening import _connect
from maclip_desktop.library.store import Store
from tests.helpers.faults import Program, kept, run_command, untouched
from tests.helpers.pictures import write_photos

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")

LIVE = "from tests.helpers.live_library import main; main()"
PHOTOS = 150


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    write_photos(folder, PHOTOS)
    return folder


@pytest.mark.parametrize("after", [1, 60])
def test_killed_while_photos_are_read(tmp_path: Path, photos: Path, after: int) -> None:
    library = tmp_path / "library.db"
    with untouched(photos):
        with Program(LIVE, library, photos, "read") as program:
            shown = [program.line() for _ in range(after)] + program.kill()
        assert {line.removeprefix("read ") for line in shown} <= set(kept(library))
        with Store.open(library) as store:
            known = {row.path.name for row in store.rows() if row.content_hash is not None}
        assert {line.removeprefix("read ") for line in shown} <= known
        code, text = run_command("score", photos, "--library", library, "--scorer", "technical")
        assert code == 0, text
    assert len(kept(library)) == PHOTOS
    assert all(score is not None for _, score in kept(library).values())


@pytest.mark.parametrize("after", [1, 40])
def test_killed_while_photos_are_marked(tmp_path: Path, photos: Path, after: int) -> None:
    library = tmp_path / "library.db"
    with untouched(photos), Program(LIVE, library, photos, "mark") as program:
        shown: list[str] = []
        while sum(line.startswith("reject") for line in shown) < after:
            shown.append(program.line())
        shown += program.kill()
    rejected = {line.removeprefix("reject ") for line in shown if line.startswith("reject ")}
    there = {name for name, (flag, _) in kept(library).items() if flag is Flag.REJECT}
    # One mark may have been saved whose message did not get out.
    assert rejected <= there
    assert len(there) <= len(rejected) + 1
    with Store.open(library) as store:
        undone = store.undo()
    assert undone is not None
    assert len(there) - sum(flag is Flag.REJECT for flag, _ in kept(library).values()) == 1


def test_killed_while_the_command_line_scores(tmp_path: Path, photos: Path) -> None:
    library = tmp_path / "library.db"
    script = (
        "import sys, maclip_desktop.jobs.headless as headless\n"
        "save = headless.save_results\n"
        "def told(store, results):\n"
        "    results = list(results)\n"
        "    save(store, results)\n"
        "    print(*(result.row.path.name for result in results), flush=True)\n"
        "headless.save_results = told\n"
        "from maclip_desktop.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    with untouched(photos):
        with Program(script, "score", photos, "--library", library, "--scorer", "technical") as program:
            saved = program.line().split() + " ".join(program.kill()).split()
        scores = {name: score for name, (_, score) in kept(library).items() if score is not None}
        assert set(saved) <= set(scores)
        assert run_command("score", photos, "--library", library, "--scorer", "technical")[0] == 0
    after = kept(library)
    assert {name: after[name][1] for name in scores} == scores
    assert all(score is not None for _, score in after.values())


# --- in the middle of a migration ------------------------------------------------------------------------------


def old_library(file: Path, version: int) -> None:
    """A library as an earlier program left it: photos with scores and marks, in the tables of *version*."""
    db = LibraryDatabase(_connect(file, 1000), file)
    with db.transaction():
        for step in schema.MIGRATIONS[:version]:
            step(db)
        db.run(f"PRAGMA user_version = {version}")
    db.run("INSERT INTO folder VALUES (1, '/photos', 1, 1, 0)")
    photos = ((n, f"{n}.jpg", f"{n:032x}") for n in range(1, 401))
    db.run_many(
        "INSERT INTO photo (id, folder_id, relative_path, size, mtime_ns, content_hash, state) "
        "VALUES (?, 1, ?, 10, 1, ?, 'identified')",
        photos,
    )
    db.run_many(
        "INSERT INTO score (content_hash, model_id, scorer, value, views, scored_at) VALUES (?, 'm', 't', ?, 1, 0)",
        [(f"{n:032x}", n / 1000) for n in range(1, 401)],
    )
    db.run_many(
        "INSERT INTO decision (content_hash, flag, decided_by, decided_at) VALUES (?, ?, 'person', 0)",
        [(f"{n:032x}", Flag.REJECT if n % 2 else Flag.PICK) for n in range(1, 401)],
    )
    db.run("INSERT INTO meta VALUES ('model_id', 'm')")
    db.close()


KILLED_AT = """
import os, signal, sys
from pathlib import Path
from maclip_desktop.library import database
from maclip_desktop.library.store import Store

left = int(sys.argv[2])
run = database.LibraryDatabase.run

def counted(self, sql, parameters=()):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return run(self, sql, parameters)

database.LibraryDatabase.run = counted
Store.open(Path(sys.argv[1])).close()
"""


@pytest.mark.parametrize(("version", "statements"), [(1, 4), (2, 2), (2, 3), (2, 5), (2, 9), (2, 15)])
def test_killed_while_the_library_is_brought_to_a_new_version(tmp_path: Path, version: int, statements: int) -> None:
    library = tmp_path / "library.db"
    old_library(library, version)
    with Program(KILLED_AT, library, statements) as program:
        code, text = program.end()
    assert code in (0, -signal.SIGKILL), text
    found = kept(library)
    assert found == {f"{n}.jpg": (Flag.REJECT if n % 2 else Flag.PICK, n / 1000) for n in range(1, 401)}
    with Store.open(library) as store:
        folder = store.folders()[0]
        (new,) = store.record_found(folder, [FoundFile(folder.path / "new.jpg", 1, 1)])
        store.record_identified(new, 1, 1, "f" * 32, None)
        store.save_scores([("f" * 32, Score(0.5, "t", "m"))])
        assert store.decide([new], Flag.PICK, Decider.PERSON, "pick")
