"""Walking a folder: what is found, in which order, and what does not stop it."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from maclip_desktop.core.patterns import USUAL, Patterns
from maclip_desktop.core.photo import FoundFile
from maclip_desktop.errors import FolderError
from maclip_desktop.watching import walk as walk_module
from maclip_desktop.watching.walk import walk


def no_problem(path: Path, error: OSError) -> None:
    raise AssertionError(f"{path}: {error}")


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"photo")


def names(root: Path, *, recursive: bool = True, patterns: Patterns = USUAL) -> list[str]:
    found = walk(root, recursive=recursive, patterns=patterns, on_problem=no_problem)
    return [file.path.relative_to(root).as_posix() for file in found]


def test_a_photo_is_found_with_size_and_time(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    os.utime(tmp_path / "a.jpg", ns=(1, 1_234_567_890_123_456_700))
    assert list(walk(tmp_path, on_problem=no_problem)) == [FoundFile(tmp_path / "a.jpg", 5, 1_234_567_890_123_456_700)]


def test_only_photos_are_found(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "b.CR3", "c.xmp", "d.txt", "e", "f.jpg.part")
    assert names(tmp_path) == ["a.jpg", "b.CR3"]


def test_files_that_are_no_photos_are_told_but_hidden_ones_are_not(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "c.xmp", "inner/d.txt", ".hidden")
    others: list[Path] = []
    list(walk(tmp_path, on_problem=no_problem, on_other=others.append))
    assert others == [tmp_path / "c.xmp", tmp_path / "inner" / "d.txt"]


def test_films_are_found_for_the_photos_they_belong_to(tmp_path: Path) -> None:
    put(tmp_path, "a.heic", "a.mov", "b.MOV")
    others: list[Path] = []
    found = list(walk(tmp_path, on_problem=no_problem, on_other=others.append))
    assert [file.path.name for file in found] == ["a.heic", "a.mov", "b.MOV"]
    assert others == []


class TestPatterns:
    def test_only_what_is_included_is_found(self, tmp_path: Path) -> None:
        put(tmp_path, "a.jpg", "b.png", "deep/c.JPG", "deep/d.tif")
        assert names(tmp_path, patterns=Patterns(include=("*.jpg",))) == ["a.jpg", "deep/c.JPG"]

    def test_what_is_excluded_is_not_found_nor_anything_in_it(self, tmp_path: Path) -> None:
        put(tmp_path, "a.jpg", "raw/b.jpg", "deep/raw/c.jpg", "deep/d_small.jpg")
        assert names(tmp_path, patterns=Patterns(exclude=("raw", "*_small.*"))) == ["a.jpg"]

    def test_what_is_excluded_is_not_even_listed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        put(tmp_path, "a.jpg", "raw/b.jpg")
        listed: list[str] = []
        scandir = os.scandir

        def noted(path: str) -> object:
            listed.append(str(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", noted)
        names(tmp_path, patterns=Patterns(exclude=("raw",)))
        assert listed == [str(tmp_path)]

    def test_hidden_files_are_found_where_nothing_is_excluded(self, tmp_path: Path) -> None:
        put(tmp_path, ".hidden/a.jpg")
        assert names(tmp_path, patterns=Patterns(exclude=())) == [".hidden/a.jpg"]

    def test_names_are_told_from_the_folder_on_where_only_part_of_it_is_walked(self, tmp_path: Path) -> None:
        put(tmp_path, "2024/raw/a.jpg", "2024/b.jpg")
        found = walk(
            tmp_path / "2024", within=tmp_path, patterns=Patterns(exclude=("2024/raw",)), on_problem=no_problem
        )
        assert [file.path.name for file in found] == ["b.jpg"]

    def test_nobody_hears_of_other_files_that_are_left_out(self, tmp_path: Path) -> None:
        put(tmp_path, "a.xmp", "out/b.xmp", "Thumbs.db")
        others: list[Path] = []
        patterns = Patterns(exclude=("out", "thumbs.db"))
        list(walk(tmp_path, patterns=patterns, on_problem=no_problem, on_other=others.append))
        assert others == [tmp_path / "a.xmp"]


def test_a_directory_on_another_drive_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "card/a.jpg", "card/deep/b.jpg", "own/c.jpg")
    drive = tmp_path.stat().st_dev
    monkeypatch.setattr(walk_module, "_drive_of", lambda entry: drive + ("card" in entry.path))
    mounts: list[Path] = []
    list(walk(tmp_path, on_problem=no_problem, on_mount=mounts.append))
    assert mounts == [tmp_path / "card"]


def test_two_links_that_lead_to_each_other_are_no_loop(tmp_path: Path) -> None:
    put(tmp_path, "a/1.jpg", "b/2.jpg")
    (tmp_path / "a" / "to_b").symlink_to(tmp_path / "b", target_is_directory=True)
    (tmp_path / "b" / "to_a").symlink_to(tmp_path / "a", target_is_directory=True)
    assert names(tmp_path) == ["a/1.jpg", "b/2.jpg"]


def test_a_folder_named_like_a_photo_is_a_folder(tmp_path: Path) -> None:
    put(tmp_path, "album.jpg/a.png")
    assert names(tmp_path) == ["album.jpg/a.png"]


def test_own_files_come_first_and_everything_by_name(tmp_path: Path) -> None:
    put(tmp_path, "z.jpg", "b/2.jpg", "b/1.jpg", "a/deep/3.jpg", "a/4.jpg", "m.jpg")
    assert names(tmp_path) == ["m.jpg", "z.jpg", "a/4.jpg", "a/deep/3.jpg", "b/1.jpg", "b/2.jpg"]


def test_only_the_folder_itself_when_not_recursive(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "deep/b.jpg")
    assert names(tmp_path, recursive=False) == ["a.jpg"]


@pytest.mark.parametrize(
    "folder",
    [
        ".hidden", ".thumbnails", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information",
        "Photos.photoslibrary", "Catalog Previews.lrdata", "Viewer.app", "Old.aplibrary",
    ],
)  # fmt: skip
def test_wastebaskets_and_other_programs_stores_are_skipped(tmp_path: Path, folder: str) -> None:
    put(tmp_path, f"{folder}/a.jpg", "deep/" + folder + "/b.jpg", "c.jpg")
    assert names(tmp_path) == ["c.jpg"]


def test_hidden_files_are_skipped(tmp_path: Path) -> None:
    put(tmp_path, "._a.jpg", ".b.jpg", "c.jpg")
    assert names(tmp_path) == ["c.jpg"]


def test_a_hidden_folder_can_be_walked_when_asked_for(tmp_path: Path) -> None:
    put(tmp_path, ".private/a.jpg")
    assert names(tmp_path / ".private") == ["a.jpg"]


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "deep/a.jpg")
    (tmp_path / "deep" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert names(tmp_path) == ["deep/a.jpg"]


def test_a_link_to_a_photo_is_a_photo(tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/a.jpg")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link.jpg").symlink_to(tmp_path / "elsewhere" / "a.jpg")
    assert [(file.path.name, file.size) for file in walk(tmp_path / "here", on_problem=no_problem)] == [("link.jpg", 5)]


def test_a_link_to_nothing_is_no_problem(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "gone.jpg")
    assert names(tmp_path) == []


def test_a_link_to_itself_is_told(tmp_path: Path) -> None:
    put(tmp_path, "b.jpg")
    (tmp_path / "a.jpg").symlink_to(tmp_path / "a.jpg")
    problems: list[Path] = []
    found = list(walk(tmp_path, on_problem=lambda path, _: problems.append(path)))
    assert [file.path.name for file in found] == ["b.jpg"]
    assert problems == [tmp_path / "a.jpg"]


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    put(tmp_path, "real/a.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert names(tmp_path / "link") == ["a.jpg"]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps pipes elsewhere")
def test_what_is_no_file_is_no_photo(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert names(tmp_path) == []


def test_a_file_that_vanishes_during_the_walk_is_no_problem(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    files = walk(tmp_path, on_problem=no_problem)
    assert next(files).path.name == "a.jpg"
    (tmp_path / "b.jpg").unlink()
    assert [file.path.name for file in files] == ["c.jpg"]


def test_a_folder_that_vanishes_during_the_walk_is_no_problem(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "b/x.jpg", "c/y.jpg")
    files = walk(tmp_path, on_problem=no_problem)
    next(files)
    shutil.rmtree(tmp_path / "b")
    assert [file.path.name for file in files] == ["y.jpg"]


def test_a_folder_that_cannot_be_read_is_told_and_the_walk_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a/x.jpg", "b/y.jpg")
    real_scandir = os.scandir

    # The tests may run as root, whom permissions do not stop.
    def scandir(path: str) -> object:
        if str(path).endswith("a"):
            raise PermissionError(13, "Permission denied", path)
        return real_scandir(path)

    monkeypatch.setattr(os, "scandir", scandir)
    problems: list[tuple[Path, str | None]] = []
    found = list(walk(tmp_path, on_problem=lambda path, error: problems.append((path, error.strerror))))
    assert [file.path.name for file in found] == ["y.jpg"]
    assert problems == [(tmp_path / "a", "Permission denied")]


def test_a_missing_folder_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="gone does not exist"):
        walk(tmp_path / "gone", on_problem=no_problem)


def test_a_file_is_refused_at_once(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    with pytest.raises(FolderError, match="is a file, not a folder"):
        walk(tmp_path / "a.jpg", on_problem=no_problem)


def test_a_folder_without_permission_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scandir(path: str) -> object:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(FolderError, match="Permission denied"):
        walk(tmp_path, on_problem=no_problem)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are no text")
def test_names_that_are_no_text_are_found(tmp_path: Path) -> None:
    name = b"caf\xe9.jpg"
    (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    (found,) = walk(tmp_path, on_problem=no_problem)
    assert os.fsencode(found.path.name) == name


def test_very_deep_folders_are_walked_to_the_end(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(1500):
        deep /= "d"
        deep.mkdir()
    (deep / "a.jpg").write_bytes(b"x")
    try:
        assert sum(1 for _ in walk(tmp_path, on_problem=no_problem)) == 1
    finally:
        # pytest's own clearing away is recursive.
        (deep / "a.jpg").unlink()
        while deep != tmp_path:
            deep.rmdir()
            deep = deep.parent
