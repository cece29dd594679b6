"""``maclip-desktop library``: what it says, what it does, how it ends."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from maclip_desktop.commands import library as library_command
from maclip_desktop.console import Console
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths
from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photos
from tests.unit.commands.conftest import Run


@pytest.fixture
def library(run: Run, scorer: FakeScorer, photos: Path, app_paths: AppPaths) -> Path:
    """A library with four scored photos, one of them rejected."""
    write_photos(photos, 4)
    assert run("score", photos).code == 0
    with Store.open(app_paths.library_file) as store:
        store.decide([next(iter(store.rows())).id], Flag.REJECT, Decider.PERSON, "Reject")
    return app_paths.library_file


def count(library: Path) -> int:
    with Store.open(library) as store:
        return store.stats().photos


def spoil(library: Path) -> None:
    """Something SQLite takes and no rule of the program allows."""
    with closing(sqlite3.connect(library)) as connection, connection:
        connection.execute("UPDATE decision SET flag = 7")


@pytest.mark.parametrize("action", [["check"], ["stats"], ["backup", "b.db"], ["relocate", "/a", "."]])
def test_without_a_library_there_is_nothing_to_do(
    run: Run, action: list[str], app_paths: AppPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("library", *action)
    assert (done.code, done.out) == (3, "")
    assert f"There is no library {app_paths.library_file} yet" in done.err
    assert not app_paths.library_file.exists()


@pytest.mark.parametrize("wrong", [[], ["mend"], ["backup"], ["restore"], ["relocate", "/a"]])
def test_wrong_use(run: Run, wrong: list[str]) -> None:
    assert run("library", *wrong).code == 2


@pytest.mark.parametrize("action", ["check", "backup", "restore", "relocate", "stats"])
def test_every_action_explains_itself(run: Run, action: str) -> None:
    done = run("library", action, "--help")
    assert (done.code, "usage: maclip-desktop library" in done.out) == (0, True)


def test_the_library_may_be_named_before_or_behind_the_action(run: Run, library: Path, tmp_path: Path) -> None:
    library.rename(tmp_path / "other.db")
    assert run("library", "--library", tmp_path / "other.db", "stats").code == 0
    assert run("library", "stats", "--library", tmp_path / "other.db").code == 0


class TestCheck:
    def test_a_whole_library(self, run: Run, library: Path) -> None:
        done = run("library", "check")
        assert (done.code, done.out, done.err) == (0, f"The library {library} holds together: 4 photos.\n", "")

    def test_faults_are_listed(self, run: Run, library: Path) -> None:
        spoil(library)
        done = run("library", "check")
        assert done.code == 1
        assert "has a mark that means nothing (7)" in done.out
        assert f"The library {library} has 1 fault" in done.err and "library restore" in done.err

    def test_a_file_that_is_none_cannot_be_checked(self, run: Run, app_paths: AppPaths) -> None:
        app_paths.data.mkdir(parents=True)
        app_paths.library_file.write_text("no library, and long enough for a header" * 10)
        assert run("library", "check").code == 3


class TestBackup:
    def test_the_copy_is_a_library(self, run: Run, library: Path, tmp_path: Path) -> None:
        done = run("library", "backup", tmp_path / "copy.db")
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(f"Backed up to {tmp_path / 'copy.db'}: 4 photos, ")
        assert count(tmp_path / "copy.db") == 4

    def test_a_file_is_not_replaced_unless_that_is_asked_for(self, run: Run, library: Path, tmp_path: Path) -> None:
        target = tmp_path / "treasure.db"
        target.write_text("mine")
        done = run("library", "backup", target)
        assert (done.code, done.out, target.read_text()) == (2, "", "mine")
        assert "add --force" in done.err
        assert run("library", "backup", target, "--force").code == 0
        assert count(target) == 4

    def test_a_photo_or_the_library_is_never_replaced(self, run: Run, library: Path, photos: Path) -> None:
        before = (photos / "IMG_000.jpg").read_bytes()
        for target in (photos / "IMG_000.jpg", library):
            assert run("library", "backup", target, "--force").code == 2
        assert (photos / "IMG_000.jpg").read_bytes() == before
        assert count(library) == 4

    def test_what_it_would_replace_is_called_by_its_name(self, run: Run, library: Path, tmp_path: Path) -> None:
        for name in ("a.jpg", "a.mov"):
            done = run("library", "backup", tmp_path / name)
            assert done.code == 2
            assert "and a backup would replace it; name another file for the backup." in done.err

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_what_is_no_ordinary_file_stays_what_it_is(self, run: Run, library: Path, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        done = run("library", "backup", tmp_path / "pipe", "--force")
        assert (done.code, done.out) == (2, "")
        assert f"{tmp_path / 'pipe'} is no ordinary file" in done.err
        assert (tmp_path / "pipe").is_fifo()

    def test_standard_output_takes_none(
        self, run: Run, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        done = run("library", "backup", "-")
        assert (done.code, done.out) == (2, "")
        assert not (tmp_path / "-").exists()

    def test_a_place_that_cannot_be_written(self, run: Run, library: Path, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        done = run("library", "backup", tmp_path / "file" / "copy.db")
        assert (done.code, done.out) == (3, "")


class TestRestore:
    @pytest.fixture
    def backup(self, run: Run, library: Path, tmp_path: Path) -> Path:
        """A backup from before the last two photos were forgotten."""
        run("library", "backup", tmp_path / "copy.db")
        with Store.open(library) as store:
            store.forget_photos([row.id for row in store.rows()][2:])
        return tmp_path / "copy.db"

    def test_a_library_is_not_replaced_without_a_yes(self, run: Run, library: Path, backup: Path) -> None:
        done = run("library", "restore", backup)
        assert done.code == 2
        assert "add --yes" in done.err
        assert count(library) == 2

    def test_with_it_the_backup_takes_its_place_and_the_one_before_is_kept(
        self, run: Run, library: Path, backup: Path
    ) -> None:
        done = run("library", "restore", backup, "--yes")
        assert (done.code, done.out) == (0, f"Restored {library} from {backup}: 4 photos.\n")
        assert count(library) == 4
        kept = Path(done.err.removeprefix("The library that was there is kept as ").rstrip(".\n"))
        assert count(kept) == 2

    @pytest.mark.parametrize(("answer", "photos_after"), [("y\n", 4), ("YES\n", 4), ("n\n", 2), ("\n", 2), ("", 2)])
    def test_on_a_terminal_it_asks(
        self, run: Run, library: Path, backup: Path, answer: str, photos_after: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import io

        monkeypatch.setattr(Console, "can_ask", True)
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        done = run("library", "restore", backup)
        assert done.code == 0
        assert done.err.startswith(f"Replace the library {library} by {backup}? It is kept beside it. [y/N]")
        assert count(library) == photos_after

    def test_where_there_is_no_library_nothing_is_asked(self, run: Run, library: Path, backup: Path) -> None:
        library.unlink()
        done = run("library", "restore", backup)
        assert (done.code, done.err) == (0, "")
        assert count(library) == 4

    @pytest.mark.parametrize("content", [None, "", "no library" * 50])
    def test_what_is_no_backup_is_refused(self, run: Run, library: Path, tmp_path: Path, content: str | None) -> None:
        if content is not None:
            (tmp_path / "b.db").write_text(content)
        done = run("library", "restore", tmp_path / "b.db", "--yes")
        assert (done.code, done.out) == (3, "")
        assert count(library) == 4

    def test_a_library_beyond_mending_is_put_aside(self, run: Run, library: Path, backup: Path) -> None:
        library.write_bytes(b"\0" * 5000)
        assert run("library", "restore", backup, "--yes").code == 0
        assert count(library) == 4


class TestRelocate:
    def moved(self, library: Path, folder: Path) -> list[float | None]:
        """Scores of the photos in *folder*."""
        with Store.open(library) as store:
            return [row.score for row in store.rows(store.photos_at(folder))]

    def test_photos_are_where_they_were_moved_to_with_all_they_had(
        self, run: Run, library: Path, photos: Path, tmp_path: Path
    ) -> None:
        before = self.moved(library, photos)
        new = photos.rename(tmp_path / "disk")
        done = run("library", "relocate", photos, new)
        assert (done.code, done.err) == (0, "")
        assert done.out == f"Moved in the library from {photos} to {new}: 4 photos.\n"
        assert self.moved(library, new) == before and None not in before
        assert self.moved(library, photos) == []
        assert run("library", "check").code == 0
        assert run("export", "--select", "rejects", "--format", "txt").out == f"{new / 'IMG_000.jpg'}\n"

    def test_photos_that_are_not_there_are_named(self, run: Run, library: Path, photos: Path, tmp_path: Path) -> None:
        new = photos.rename(tmp_path / "disk")
        (new / "IMG_002.jpg").unlink()
        done = run("library", "relocate", photos, new)
        assert (done.code, "4 photos." in done.out) == (1, True)
        assert f"Not there: {new / 'IMG_002.jpg'}\nNot found there: 1 photo" in done.err

    def test_a_directory_that_holds_none_of_them_is_a_mistake(
        self, run: Run, library: Path, photos: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "wrong").mkdir()
        done = run("library", "relocate", photos, tmp_path / "wrong")
        assert done.code == 3
        assert f"None of the 4 photos that the library knows in {photos} is in {tmp_path / 'wrong'}" in done.err
        assert len(self.moved(library, photos)) == 4
        assert run("library", "relocate", photos, tmp_path / "wrong", "--force").code == 1
        assert len(self.moved(library, tmp_path / "wrong")) == 4

    def test_a_place_that_is_no_directory(self, run: Run, library: Path, photos: Path, tmp_path: Path) -> None:
        for new in (tmp_path / "missing", photos / "IMG_000.jpg"):
            done = run("library", "relocate", photos, new)
            assert done.code == 3
            assert f"{new} is no directory" in done.err

    def test_a_folder_that_the_library_does_not_know(self, run: Run, library: Path, tmp_path: Path) -> None:
        done = run("library", "relocate", tmp_path / "unknown", tmp_path)
        assert done.code == 3
        assert "has nothing in" in done.err


class TestStats:
    def test_in_words(self, run: Run, library: Path) -> None:
        done = run("library", "stats")
        assert (done.code, done.err) == (0, "")
        assert f"Library:   {library} (" in done.out
        for line in ("Photos:    4 (4 files)", "Scores:    4 scored, 0 waiting, 0 failed", "0 picks, 1 reject"):
            assert line in done.out

    def test_as_json(self, run: Run, library: Path) -> None:
        stats = json.loads(run("library", "stats", "--json").out)
        assert stats["path"] == str(library)
        assert (stats["photos"], stats["scored"], stats["rejects"], stats["folders"]) == (4, 4, 1, 1)

    def test_every_number_is_told_in_words_too(self) -> None:
        from dataclasses import fields

        from maclip_desktop.library.statistics import LibraryStats

        values = {field.name: 1_000_003 * (number + 2) for number, field in enumerate(fields(LibraryStats))}
        texts: dict[str, Callable[[int], str]] = {"bytes": library_command._size, "backup_bytes": library_command._size}
        stats = LibraryStats(**{**values, "path": Path("/x/library.db"), "model_id": "model-1"})  # type: ignore[arg-type]
        lines = "\n".join(library_command._as_lines(stats))
        for name, value in values.items():
            if name not in ("path", "model_id"):
                assert texts.get(name, str)(value) in lines
