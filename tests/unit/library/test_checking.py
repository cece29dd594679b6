"""What a check of the library finds, one sentence each."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.score import Score
from maclip_desktop.library.store import Store

if TYPE_CHECKING:
    from tests.unit.library.conftest import Shelf


@pytest.fixture
def filled(shelf: "Shelf") -> "Shelf":
    """Two folders: photos 1 (with file 2 beside it) and 3 in the first, photo 4 in the second."""
    folder = shelf.folder("/photos")
    shelf.found(folder, "a.jpg", "a.cr2", "b.jpg")
    shelf.found(shelf.folder("/other"), "c.jpg")
    shelf.store.record_identified(1, 10, 1, "content", None)
    shelf.store.decide([1], Flag.PICK, Decider.PERSON, "pick a.jpg")
    return shelf


def found(shelf: "Shelf", change: str, *parameters: object) -> list[str]:
    """What a check says after a change that no program of ours makes."""
    with closing(sqlite3.connect(shelf.path)) as connection, connection:
        connection.execute(change, parameters)
    sentences = shelf.reopen().check()
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in sentences)
    return sentences


def test_nothing_is_wrong_with_a_library_in_use(filled: "Shelf") -> None:
    filled.store.undo()
    filled.store.redo()
    assert filled.store.check() == []


@pytest.mark.parametrize(
    "name", ["../a.jpg", "may/../../a.jpg", "/etc/passwd", "..", "", "nul\0.jpg", b"../caf\xe9.jpg", 7, None]
)
def test_a_name_that_leads_outside_its_folder(filled: "Shelf", name: object) -> None:
    if name is None:
        with pytest.raises(sqlite3.IntegrityError):
            found(filled, "UPDATE photo SET relative_path = NULL WHERE id = 3")
        return
    sentences = found(filled, "UPDATE photo SET relative_path = ? WHERE id = 3", name)
    assert sentences == [f"Photo 3 has a name that leads outside its folder ({name!r}); the program leaves it out."]


def test_photos_without_their_folder(filled: "Shelf") -> None:
    sentences = found(filled, "DELETE FROM folder WHERE id = 2")
    assert sentences == ["Row 4 of the table photo belongs to a row of folder that is not there."]


@pytest.mark.parametrize(
    ("main_id", "sentence"),
    [
        (99, "Photo 2 is shown with photo 99, which is not there."),
        (4, "Photo 2 is shown with photo 4, which lies in another folder."),
        (2, "Photo 2 is shown with itself, and so never."),
    ],
)
def test_files_beside_the_wrong_photo(filled: "Shelf", main_id: int, sentence: str) -> None:
    assert sentence in found(filled, "UPDATE photo SET main_id = ? WHERE id = 2", main_id)


def test_a_file_beside_one_that_is_not_shown(filled: "Shelf") -> None:
    assert found(filled, "UPDATE photo SET main_id = 2 WHERE id = 3") == [
        "Photo 3 is shown with photo 2, which is not shown itself."
    ]


def test_marks_that_mean_nothing(filled: "Shelf") -> None:
    assert found(filled, "UPDATE decision SET flag = 7") == ["The content content has a mark that means nothing (7)."]
    assert found(filled, "UPDATE decision SET flag = 1, decided_by = 'nobody'") == [
        "The content content was marked by nobody that the program knows ('nobody')."
    ]


@pytest.mark.parametrize(
    "changes",
    ["", "{", "[]", "{}", '{"flag": 9, "by": "person", "at": 1, "before": []}', '{"flag": 1, "by": "person", "at": 1}',
     '{"flag": 1, "by": "person", "at": 1, "before": [["content"]]}'],
)  # fmt: skip
def test_a_step_that_cannot_be_read(filled: "Shelf", changes: str) -> None:
    assert found(filled, "UPDATE history SET changes = ?", changes) == [
        'The step 1 of the journal ("pick a.jpg") cannot be read and cannot be taken back.'
    ]


def test_a_folder_that_leads_nowhere(filled: "Shelf") -> None:
    assert found(filled, "UPDATE folder SET path = 'photos' WHERE id = 1") == [
        "Folder 1 has a path that leads nowhere ('photos')."
    ]


@pytest.mark.parametrize("patterns", ["x", "{}", "[1]"])
def test_patterns_that_cannot_be_read(filled: "Shelf", patterns: str) -> None:
    assert found(filled, "UPDATE folder SET include = ? WHERE id = 1", patterns) == [
        "Folder 1 has patterns that cannot be read."
    ]


def test_damage_of_the_file(filled: "Shelf") -> None:
    for number in range(60):
        filled.folder(f"/{number:03}{'x' * 200}")
    filled.store.close()
    content = bytearray(filled.path.read_bytes())
    # The folders came last and fill the file's last pages.
    content[-8192:] = b"\xa5" * 8192
    filled.path.write_bytes(content)
    with Store.open(filled.path) as store:
        sentences = store.check()
    assert sentences and all(" is damaged" in sentence for sentence in sentences)


def test_of_many_faults_of_a_kind_some_are_named_and_the_others_counted(filled: "Shelf") -> None:
    filled.found(filled.store.folders()[0], *(f"{number}.jpg" for number in range(100)))
    sentences = found(filled, "UPDATE photo SET relative_path = '../' || relative_path")
    assert len(sentences) == 21
    assert sentences[-1] == "84 more are like the last."


def test_numbers_of_a_library(shelf: "Shelf", tmp_path: Path) -> None:
    folder = shelf.folder("/photos")
    shelf.folder("/other", watched=False)
    ids = [shelf.photo(folder, f"{n}.jpg", content) for n, content in enumerate(["x", "x", "x", "y", "z"])]
    shelf.found(folder, "0.cr2", "0.mov", "alone.mov", "waiting.jpg")
    shelf.store.set_current_model("m")
    shelf.store.save_scores([("x", Score(0.5, "technical", "m")), ("y", Score(0.5, "technical", "another"))])
    shelf.store.record_failed(ids[4], 10, 1, "damaged")
    shelf.store.decide(ids[3:4], Flag.PICK, Decider.PERSON, "pick")
    shelf.store.decide(ids[:1], Flag.REJECT, Decider.PERSON, "reject")
    shelf.store._db.run("INSERT INTO decision (content_hash, flag) VALUES ('gone', 1)")
    shelf.store.backup_if_due(tmp_path / "backups")
    stats = shelf.store.stats()
    assert (stats.folders, stats.watched_folders, stats.photos, stats.files) == (2, 1, 6, 9)
    assert (stats.scored, stats.failed, stats.waiting, stats.duplicates) == (3, 1, 2, 2)
    assert (stats.picks, stats.rejects, stats.marks_without_photo, stats.journal_steps) == (1, 3, 1, 2)
    assert (stats.path, stats.schema_version, stats.model_id) == (shelf.path, 3, "m")
    assert stats.bytes >= shelf.path.stat().st_size > 0
    assert (stats.backups, stats.backup_bytes > 0) == (1, True)


def test_counting_and_checking_wait_for_nobody_who_writes(filled: "Shelf") -> None:
    with closing(sqlite3.connect(filled.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM photo")
        assert filled.store.check() == []
        assert filled.store.stats().photos == 3


def test_the_journal_as_it_is_written_can_be_read(filled: "Shelf") -> None:
    ((changes,),) = filled.store._db.all("SELECT changes FROM history")
    assert set(json.loads(changes)) == {"flag", "by", "at", "before"}
