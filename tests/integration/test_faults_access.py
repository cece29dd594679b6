"""Somebody else has the library, or it may not be written to, or photos may not be read: said, and nothing is lost."""

import json
import os
import shutil
import sys
from functools import partial
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.jobs import store_worker
from maclip_desktop.jobs.messages import FlagRequest
from maclip_desktop.library.store import Store
from tests.helpers.faults import NOBODY, Program, kept, open_place, run_as_nobody, run_command, untouched
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open

LOCK = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.readline()
db.execute("COMMIT")
print("free", flush=True)
sys.stdin.readline()
"""


class TestALibraryThatAnotherProgramHolds:
    @pytest.fixture(autouse=True)
    def little_patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Impatient(Store):
            open = partial(Store.open, busy_timeout_ms=100)

        monkeypatch.setattr(store_worker, "Store", Impatient)

    def test_what_was_found_meanwhile_is_kept_when_it_is_free(
        self, workshop: Open, photos: Path, library_file: Path
    ) -> None:
        write_photos(photos, 10)
        shop = workshop()
        shop.until_scored(10)
        shop.mark("IMG_003.jpg", Flag.REJECT)
        with Program(LOCK, library_file) as other:
            assert other.line() == "locked"
            write_photo(photos / "new.jpg", 222, side=80)
            shop.until(lambda: any("in use by another program" in notice.text for notice in shop.notices))
            other.say("let go")
            assert other.line() == "free"
            shop.until_scored(11)
        assert shop.close()
        there = kept(library_file)
        assert {name for name, (flag, _) in there.items() if flag is Flag.REJECT} == {"IMG_003.jpg"}
        assert there["new.jpg"][1] is not None

    def test_a_mark_is_kept_or_said_not_to_be(self, workshop: Open, photos: Path, library_file: Path) -> None:
        write_photos(photos, 3)
        shop = workshop()
        shop.until_scored(3)
        row = shop.named("IMG_001.jpg")
        assert row is not None
        with Program(LOCK, library_file) as other:
            assert other.line() == "locked"
            shop.flag.emit(FlagRequest((row.id,), Flag.PICK, Decider.PERSON, "pick"))
            shop.until(lambda: shop.notices or shop.rows[row.id].flag is Flag.PICK)
            shown = shop.rows[row.id].flag
            other.say("let go")
            assert other.line() == "free"
        shop.mark("IMG_002.jpg", Flag.REJECT)
        assert shop.close()
        there = kept(library_file)
        assert there["IMG_002.jpg"][0] is Flag.REJECT
        assert there["IMG_001.jpg"][0] is shown or shown is Flag.NONE


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows other rights")
class TestRights:
    """As a user without rights, in a folder of root's."""

    def test_a_library_in_a_folder_that_may_not_be_written_to(self) -> None:
        with open_place() as place:
            photos, library = place / "photos", place / "data" / "library.db"
            write_photos(photos, 3)
            assert run_command("score", photos, "--library", library, "--scorer", "technical")[0] == 0
            library.parent.chmod(0o555)
            library.chmod(0o444)
            before = library.read_bytes()
            with untouched(photos):
                code, text = run_as_nobody("score", photos, "--library", library, "--scorer", "technical")
            assert (code, str(library) in text, "Traceback" in text) == (3, True, False), text
            assert library.read_bytes() == before

    def test_a_library_that_was_read_only_can_be_used_again_as_soon_as_it_is_not(self) -> None:
        with open_place() as place:
            photos, library = place / "photos", place / "data" / "library.db"
            for path in write_photos(photos, 3):
                path.chmod(0o644)
            library.parent.mkdir()
            os.chown(library.parent, NOBODY, NOBODY)
            score = ("score", photos, "--library", library, "--scorer", "technical")
            assert run_as_nobody(*score)[0] == 0
            library.chmod(0o400)
            code, text = run_as_nobody(*score)
            assert (code, "cannot be written to" in text) == (3, True), text
            library.chmod(0o600)
            code, text = run_as_nobody(*score)
            assert code == 0, text

    def test_a_folder_for_a_new_library_that_may_not_be_written_to(self) -> None:
        with open_place() as place:
            photos, library = place / "photos", place / "data" / "library.db"
            write_photos(photos, 3)
            code, text = run_as_nobody("score", photos, "--library", library, "--scorer", "technical")
            assert (code, str(library.parent) in text, "Traceback" in text) == (3, True, False), text
            assert not library.parent.exists()

    def test_a_photo_that_may_not_be_read_any_more_keeps_its_mark_and_its_score(self) -> None:
        with open_place() as place:
            photos, library = place / "photos", place / "data" / "library.db"
            paths = write_photos(photos, 5)
            for path in (place, photos, *paths):
                os.chown(path, NOBODY, NOBODY)
            score = ("score", photos, "--library", library, "--scorer", "technical")
            code, text = run_as_nobody(*score)
            assert code == 0, text
            code, text = run_as_nobody("cull", "--bottom-count", "5", "--library", library)
            assert code == 0, text
            before = kept(library)
            assert all(flag is Flag.REJECT for flag, _ in before.values())
            paths[1].write_bytes(paths[1].read_bytes() + b"another state of the file")
            paths[1].chmod(0)
            code, text = run_as_nobody(*score)
            assert code == 1, text
            assert paths[1].name in text and "permission" in text
            others = {name: found for name, found in kept(library).items() if name != paths[1].name}
            assert others == {name: found for name, found in before.items() if name != paths[1].name}
            paths[1].chmod(0o644)
            write_photo(paths[1], 20 + 200 // 5)
            os.chown(paths[1], NOBODY, NOBODY)
            assert run_as_nobody(*score)[0] == 0
            # Its content is the old one again, and so its mark and its score are back.
            assert kept(library) == before

    def test_a_folder_that_may_not_be_entered_loses_nothing(self) -> None:
        with open_place() as place:
            photos, library = place / "photos", place / "data" / "library.db"
            write_photos(photos / "closed", 5)
            for path in (place, photos, photos / "closed"):
                os.chown(path, NOBODY, NOBODY)
            score = ("score", photos, "--library", library, "--scorer", "technical")
            assert run_as_nobody(*score)[0] == 0
            before = kept(library)
            assert len(before) == 5
            (photos / "closed").chmod(0)
            run_as_nobody(*score)
            assert kept(library) == before


def test_half_of_the_files_broken(tmp_path: Path) -> None:
    """Every good one is scored, every other has its reason, and no file is touched."""
    photos, library, out = tmp_path / "photos", tmp_path / "library.db", tmp_path / "list.json"
    good = write_photos(photos, 40)
    broken = []
    for number, path in enumerate(good):
        content = path.read_bytes()
        damage = (
            b"",
            content[: 20 + 10 * number],
            b"shopping list\n" * 30,
            content[:100] + bytes(300),
            b"\xff\xd8\xff",
        )
        broken.append(photos / f"broken_{number:03}.jpg")
        broken[-1].write_bytes(damage[number % len(damage)])
    with untouched(photos):
        code, text = run_command("score", photos, "--library", library, "--scorer", "technical", "--json", out)
    assert (code, "Traceback" in text) == (1, False), text
    told = {Path(entry["path"]).name: entry for entry in json.loads(out.read_text(encoding="utf-8"))}
    assert {name for name, entry in told.items() if entry["score"] is not None} >= {path.name for path in good}
    unscored = [entry for entry in told.values() if entry["score"] is None]
    assert all(entry["error"] for entry in unscored)
    assert len(told) == 80
    assert len(unscored) >= 24


def test_a_library_that_was_being_written_when_the_power_went(tmp_path: Path) -> None:
    """The write-ahead log is torn at any place: what was in the file itself is there, and the library works."""
    library, photos = tmp_path / "library.db", tmp_path / "photos"
    write_photos(photos, 5)
    assert run_command("score", photos, "--library", library, "--scorer", "technical")[0] == 0
    before = kept(library)
    store = Store.open(library)
    ids = [row.id for row in store.rows()]
    for number, photo_id in enumerate(ids):
        store.decide([photo_id], Flag.REJECT, Decider.PERSON, f"reject {number}")
    torn = tmp_path / "torn"
    torn.mkdir()
    log = library.with_name("library.db-wal")
    content = log.read_bytes()
    for share in (0, 0.1, 0.35, 0.6, 0.85, 1):
        copy = torn / "library.db"
        shutil.copy(library, copy)
        for left in torn.glob("library.db-*"):
            left.unlink()
        (torn / "library.db-wal").write_bytes(content[: int(len(content) * share)] + os.urandom(700))
        found = kept(copy)
        assert {name: score for name, (_, score) in found.items()} == {n: score for n, (_, score) in before.items()}
        if share == 1:
            assert all(flag is Flag.REJECT for flag, _ in found.values())
    store.close()
