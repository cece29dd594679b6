"""What makes a path dirty, on real folders with real watchdog threads."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from maclip_desktop.core.patterns import Patterns
from maclip_desktop.watching.watcher import WatchKind
from tests.unit.watching.seen import Seen


def test_a_new_photo_is_dirty(seen: Seen, folder: Path) -> None:
    assert seen.watcher.watch(folder, True) is WatchKind.NATIVE
    assert seen.watcher.problems() == {}
    (folder / "a.jpg").write_bytes(b"x")
    seen.until_dirty(folder / "a.jpg")


def test_a_photo_in_a_new_folder_is_dirty_or_its_folder_is(seen: Seen, folder: Path) -> None:
    seen.watcher.watch(folder, True)
    (folder / "new" / "deep").mkdir(parents=True)
    (folder / "new" / "deep" / "a.jpg").write_bytes(b"x")
    seen.until(lambda paths: bool(paths & {folder / "new", folder / "new/deep", folder / "new/deep/a.jpg"}))


def test_a_changed_photo_is_dirty(seen: Seen, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"x")
    seen.watcher.watch(folder, True)
    (folder / "a.jpg").write_bytes(b"changed")
    seen.until_dirty(folder / "a.jpg")


def test_a_deleted_photo_is_dirty(seen: Seen, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"x")
    seen.watcher.watch(folder, True)
    (folder / "a.jpg").unlink()
    seen.until_dirty(folder / "a.jpg")


def test_both_names_of_a_renamed_photo_are_dirty(seen: Seen, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"x")
    seen.watcher.watch(folder, True)
    (folder / "a.jpg").rename(folder / "b.jpg")
    seen.until_dirty(folder / "a.jpg", folder / "b.jpg")


def test_a_download_renamed_to_its_name_is_dirty_under_that_name_only(seen: Seen, folder: Path) -> None:
    seen.watcher.watch(folder, True)
    (folder / "a.jpg.part").write_bytes(b"x")
    (folder / "a.jpg.part").rename(folder / "a.jpg")
    assert seen.until_quiet(folder) == {folder / "a.jpg"}


def test_both_names_of_a_renamed_folder_are_dirty(seen: Seen, folder: Path) -> None:
    (folder / "may").mkdir()
    seen.watcher.watch(folder, True)
    (folder / "may").rename(folder / "june")
    seen.until_dirty(folder / "may", folder / "june")


def test_a_folder_moved_in_from_outside_is_dirty(seen: Seen, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "a.jpg").write_bytes(b"x")
    seen.watcher.watch(folder, True)
    (tmp_path / "card").rename(folder / "card")
    seen.until_dirty(folder / "card")


def test_a_deleted_folder_is_dirty(seen: Seen, folder: Path) -> None:
    (folder / "may").mkdir()
    seen.watcher.watch(folder, True)
    shutil.rmtree(folder / "may")
    seen.until_dirty(folder / "may")


def test_reading_a_photo_makes_nothing_dirty(seen: Seen, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"x")
    seen.watcher.watch(folder, True)
    assert (folder / "a.jpg").read_bytes() == b"x"
    assert [path.name for path in folder.iterdir()] == ["a.jpg"]
    assert seen.until_quiet(folder) == set()


def test_what_is_no_photo_or_hidden_makes_nothing_dirty(seen: Seen, folder: Path) -> None:
    (folder / "@eaDir").mkdir()
    seen.watcher.watch(folder, True)
    for name in ("a.xmp", ".a.jpg", "@eaDir/a.jpg"):
        (folder / name).write_bytes(b"x")
    assert seen.until_quiet(folder) == set()


def test_a_hidden_folder_can_be_watched_when_asked_for(seen: Seen, tmp_path: Path) -> None:
    hidden = tmp_path / ".private"
    hidden.mkdir()
    seen.watcher.watch(hidden, True)
    (hidden / "a.jpg").write_bytes(b"x")
    seen.until_dirty(hidden / "a.jpg")


def test_deeper_folders_are_left_out_when_not_recursive(seen: Seen, folder: Path) -> None:
    (folder / "deep").mkdir()
    seen.watcher.watch(folder, False)
    (folder / "deep" / "a.jpg").write_bytes(b"x")
    assert seen.until_quiet(folder) == set()


def test_a_link_is_watched_and_its_photos_are_named_by_it(seen: Seen, folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder, target_is_directory=True)
    seen.watcher.watch(link, True)
    (folder / "a.jpg").write_bytes(b"x")
    seen.until_dirty(link / "a.jpg")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are no text")
def test_a_name_that_is_no_text_is_dirty(seen: Seen, folder: Path) -> None:
    seen.watcher.watch(folder, True)
    path = folder / os.fsdecode(b"caf\xe9.jpg")
    path.write_bytes(b"x")
    seen.until_dirty(path)


class TestPatterns:
    def test_what_is_left_out_makes_nothing_dirty(self, seen: Seen, folder: Path) -> None:
        (folder / "raw").mkdir()
        seen.watcher.watch(folder, True, Patterns(include=("*.jpg",), exclude=("raw", "drafts/*")))
        for name in ("raw/a.jpg", "b.png"):
            (folder / name).write_bytes(b"x")
        assert seen.until_quiet(folder) == set()

    def test_a_pattern_with_a_directory_is_compared_below_the_folder(self, seen: Seen, folder: Path) -> None:
        (folder / "2024" / "raw").mkdir(parents=True)
        (folder / "2025" / "raw").mkdir(parents=True)
        seen.watcher.watch(folder, True, Patterns(exclude=("2024/raw",)))
        for year in ("2024", "2025"):
            (folder / year / "raw" / "a.jpg").write_bytes(b"x")
        seen.until_dirty(folder / "2025" / "raw" / "a.jpg")
        assert folder / "2024" / "raw" / "a.jpg" not in seen.until_quiet(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says when a file is closed")
class TestAWholeFile:
    def test_is_one_that_was_closed(self, seen: Seen, folder: Path) -> None:
        seen.watcher.watch(folder, True)
        with (folder / "open.jpg").open("wb") as file:
            file.write(b"x")
            file.flush()
            (folder / "closed.jpg").write_bytes(b"x")
            seen.until_dirty(folder / "open.jpg", folder / "closed.jpg")
            seen.until_quiet(folder)
            whole = seen.watcher.take_whole()
            assert folder / "closed.jpg" in whole and folder / "open.jpg" not in whole

    def test_is_one_that_was_moved_to_its_name(self, seen: Seen, folder: Path) -> None:
        (folder / "a.part").write_bytes(b"x")
        seen.watcher.watch(folder, True)
        (folder / "a.part").rename(folder / "a.jpg")
        seen.until_quiet(folder)
        assert folder / "a.jpg" in seen.watcher.take_whole()


def test_a_film_is_dirty(seen: Seen, folder: Path) -> None:
    seen.watcher.watch(folder, True)
    (folder / "a.mov").write_bytes(b"x")
    seen.until_dirty(folder / "a.mov")
