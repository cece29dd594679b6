"""Libraries of earlier versions: nothing in them is lost, whatever happens on the way."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.patterns import USUAL
from maclip_desktop.core.photo import FoundFile
from maclip_desktop.core.score import Score
from maclip_desktop.core.tiles import TileScores
from maclip_desktop.errors import LibraryError
from maclip_desktop.library import backups, schema
from maclip_desktop.library.store import Store

_DIGESTS = {
    "_VERSION_1": "befc08605164decbbf0c20d223bc2e3a94eef5546429cfff13c9f62ae5000a96",
    "_VERSION_2": "c51cb7a3b0ecf7aae8c914d106fa7acb3604d79360491e1fe12b96b14a1cf418",
    "_VERSION_3": "e26cd441622f019fac3027a26682854196b44d12ccda1e71ece1288df46c7553",
}
_RELEASED = Path(__file__).resolve().parents[2] / "data"
"""Libraries as the released programs of each version wrote them."""

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


@pytest.mark.parametrize("name", _DIGESTS)
def test_the_statements_of_a_version_stay_as_they_were(name: str) -> None:
    text = "\n".join(" ".join(statement.split()) for statement in getattr(schema, name))
    assert hashlib.sha256(text.encode()).hexdigest() == _DIGESTS[name]


def test_a_library_of_version_1_keeps_all_that_is_in_it(old: Path) -> None:
    require_everything(old)
    assert version(old) == len(schema.MIGRATIONS) == 3


@pytest.fixture(params=[1, 2])
def released(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A library that a released program wrote."""
    path = tmp_path / "library.db"
    shutil.copy(_RELEASED / f"library-version-{request.param}.db", path)
    return path


def tables_of(path: Path) -> set[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    return {(kind, name, table, " ".join((sql or "").split())) for kind, name, table, sql in rows}


def test_a_released_library_ends_with_the_tables_of_a_new_one(released: Path, tmp_path: Path) -> None:
    Store.open(released).close()
    Store.open(tmp_path / "new.db").close()
    assert tables_of(released) == tables_of(tmp_path / "new.db")


def test_a_released_library_keeps_every_mark_score_and_folder(released: Path) -> None:
    with Store.open(released) as store:
        store.set_current_model("maclip-1", "maclip")
        assert store.check() == []
        assert [(folder.path, folder.watched, folder.patterns) for folder in store.folders()] == [
            (Path("/photos"), True, USUAL)
        ]
        rows = {str(row.path.relative_to("/photos")): row for row in store.rows()}
        assert {name: (row.flag, row.decided_by, row.score) for name, row in rows.items()} == {
            # The mark of the RAW file, which is beside its JPEG now.
            "may/IMG_1.JPG": (Flag.PICK, Decider.PERSON, 0.75),
            "may/IMG_2.JPG": (Flag.REJECT, Decider.PERSON, 0.25),
            "copy of IMG_2.jpg": (Flag.REJECT, Decider.PERSON, 0.25),
            "broken.jpg": (Flag.NONE, None, None),
            "unread.jpg": (Flag.NONE, None, None),
            "caf\udce9.jpg": (Flag.REJECT, Decider.RULE, None),
        }
        photo = rows["may/IMG_1.JPG"]
        assert photo.beside == ("IMG_1.CR2",)
        assert (photo.width, photo.height, photo.camera) == (6000, 4000, "Canon EOS R5")
        assert rows["broken.jpg"].error == "broken.jpg is damaged."
        assert store.score_of("a2" * 16, "technical-1") == Score(0.5, "technical", "technical-1")
        assert (store.undo_label(), store.redo_label()) == ("cull", "pick scan")


def test_a_released_library_takes_the_next_ids_behind_those_of_photos_that_are_gone(released: Path) -> None:
    with Store.open(released) as store:
        (folder,) = store.folders()
        # Photo 8 was in a folder that was removed.
        assert store.record_found(folder, [FoundFile(folder.path / "new.jpg", 1, 1)]) == [9]


def test_a_released_library_asks_for_what_its_program_did_not_read(released: Path) -> None:
    with Store.open(released) as store:
        waiting = [(row.path.name, row.content_hash is None) for row in store.to_identify(10)]
    assert waiting[0] == ("unread.jpg", True)
    assert {name for name, is_new in waiting if not is_new} == {
        "IMG_1.CR2", "IMG_1.JPG", "IMG_2.JPG", "copy of IMG_2.jpg", "caf\udce9.jpg"
    }  # fmt: skip


def test_before_each_step_there_is_a_backup(released: Path) -> None:
    first = version(released)
    Store.open(released, now=lambda: 1_700_000_000.0).close()
    made = sorted((released.parent / "backups").iterdir())
    assert [version(backup) for backup in made] == list(range(first, len(schema.MIGRATIONS)))
    assert made[0].name == f"library.db-v{first}-20231114T221320Z.db"
    Store.open(made[0]).close()
    assert tables_of(made[0]) == tables_of(released)


def test_a_new_library_needs_no_backup(tmp_path: Path) -> None:
    Store.open(tmp_path / "library.db").close()
    assert [file.name for file in tmp_path.iterdir()] == ["library.db"]


def test_a_backup_that_cannot_be_written_stops_the_step_and_changes_nothing(
    released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, content = version(released), released.read_bytes()

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(backups, "copy_pages", full)
        with pytest.raises(LibraryError, match=r"could not be backed up .*\(database or disk is full\); make room"):
            Store.open(released)
    assert (version(released), released.read_bytes()) == (first, content)
    assert list((released.parent / "backups").iterdir()) == []
    Store.open(released).close()
    assert version(released) == len(schema.MIGRATIONS)


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


@pytest.mark.skipif(os.name == "nt", reason="there is no such kill on Windows")
@pytest.mark.parametrize("statement", [*schema._VERSION_3, "PRAGMA user_version = 3"])
def test_a_process_killed_on_the_way_to_version_3_leaves_version_2_whole(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "library.db"
    shutil.copy(_RELEASED / "library-version-2.db", path)
    command = [sys.executable, "-c", _KILLED_ON_THE_WAY, str(path), statement]
    assert subprocess.run(command, check=False).returncode < 0
    assert version(path) == 2
    with Store.open(path) as store:
        assert store.check() == []
        assert store.stats().photos == 6 and store.stats().rejects == 3


def test_a_library_of_a_version_to_come_is_refused(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    with pytest.raises(LibraryError, match="made by a newer version"):
        Store.open(old)
    assert version(old) == len(schema.MIGRATIONS) + 1
