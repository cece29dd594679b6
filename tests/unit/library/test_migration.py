"""Libraries of earlier versions: nothing in them is lost, whatever happens on the way."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.score import Score
from maclip_desktop.core.tiles import TileScores
from maclip_desktop.errors import LibraryError
from maclip_desktop.library import schema
from maclip_desktop.library.store import Store

_VERSION_1_DIGEST = "befc08605164decbbf0c20d223bc2e3a94eef5546429cfff13c9f62ae5000a96"

_FILL = """
    INSERT INTO folder VALUES (1, '/photos', 1, 1, 5.0);
    INSERT INTO photo VALUES (1, 1, 'a.jpg', 10, 1, 'aa', 400, 300, 7.0, 'Camera', 'identified', NULL);
    INSERT INTO photo VALUES (2, 1, 'b.jpg', 11, 2, NULL, NULL, NULL, NULL, NULL, 'failed', 'b.jpg is damaged.');
    INSERT INTO score VALUES ('aa', 'm', 'maclip', 0.5, 5, 0.6, 0.4, 0.7, 0.3, '{"Good image": 0.75}',
        NULL, 9.0, x'00');
    INSERT INTO decision VALUES ('aa', -1, NULL, NULL, 'person', 8.0);
    INSERT INTO history VALUES (1, 'reject a.jpg', 8.0, 0, '{"flag": -1, "before": [["aa", 0, null, null]]}');
    INSERT INTO meta VALUES ('model_id', 'm');
    PRAGMA user_version = 1;
"""

_KILLED_ON_THE_WAY = """
import os, signal, sys
from pathlib import Path
from maclip_desktop.library.database import LibraryDatabase
from maclip_desktop.library.store import Store

run = LibraryDatabase.run
def run_or_die(self, sql, parameters=()):
    if sql == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
    return run(self, sql, parameters)
LibraryDatabase.run = run_or_die
Store.open(Path(sys.argv[1]))
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A library as version 1 left it."""
    path = tmp_path / "library.db"
    with closing(sqlite3.connect(path)) as connection:
        for statement in schema._VERSION_1:
            connection.execute(statement)
        connection.executescript(_FILL)
        connection.execute("PRAGMA journal_mode = WAL")
    return path


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def require_everything(path: Path) -> None:
    with Store.open(path) as store:
        scored, failed = store.details()
        assert (scored.row.path, scored.row.width, scored.row.camera) == (Path("/photos/a.jpg"), 400, "Camera")
        assert (scored.row.flag, scored.row.decided_by) == (Flag.REJECT, Decider.PERSON)
        assert (scored.row.score, scored.row.score_is_old) == (0.5, False)
        assert scored.score is not None and scored.score.cues is not None
        assert scored.score.cues.prompts == {"Good image": 0.75}
        assert (scored.score.tiles, scored.score.embedding) == (None, b"\x00")
        assert failed.row.error == "b.jpg is damaged."
        assert store.undo_label() == "reject a.jpg"


def test_the_statements_of_version_1_stay_as_they_were() -> None:
    text = "\n".join(" ".join(statement.split()) for statement in schema._VERSION_1)
    assert hashlib.sha256(text.encode()).hexdigest() == _VERSION_1_DIGEST


def test_a_library_of_version_1_keeps_all_that_is_in_it(old: Path) -> None:
    require_everything(old)
    assert version(old) == len(schema.MIGRATIONS) == 2


def test_a_migrated_library_takes_scores_with_tiles(old: Path) -> None:
    score = Score(0.4, "maclip", "m", tiles=TileScores(224, 352, (0.5, 0.25), 0.4))
    with Store.open(old) as store:
        store.save_scores([("aa", score)])
        assert store.score_of("aa", "m") == score


@pytest.mark.skipif(os.name == "nt", reason="there is no such kill on Windows")
@pytest.mark.parametrize("statement", [*schema._VERSION_2, "PRAGMA user_version = 2", "COMMIT"])
def test_a_process_killed_on_the_way_leaves_version_1_whole(old: Path, statement: str) -> None:
    command = [sys.executable, "-c", _KILLED_ON_THE_WAY, str(old), statement]
    assert subprocess.run(command, check=False).returncode < 0
    assert version(old) == 1
    require_everything(old)


def test_a_library_of_a_version_to_come_is_refused(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    with pytest.raises(LibraryError, match="made by a newer version"):
        Store.open(old)
    assert version(old) == len(schema.MIGRATIONS) + 1
