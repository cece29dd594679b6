"""Writing a list: the whole new file or the old one, and a plain sentence where it cannot be written."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from maclip_desktop.errors import ExportError
from maclip_desktop.exporting.atomic import require_place, write_atomically


def raising(number: int) -> object:
    def fail(*_args: object, **_options: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    return fail


def test_writes_all_chunks(tmp_path: Path) -> None:
    write_atomically(tmp_path / "list.txt", [b"one\n", b"two\n"])
    assert (tmp_path / "list.txt").read_bytes() == b"one\ntwo\n"


def test_replaces_an_old_list_and_leaves_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(b"a much longer old list")
    write_atomically(tmp_path / "list.txt", [b"new"])
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("list.txt", b"new")]


class TestPlace:
    """What can be known before there is anything to write."""

    def test_a_new_file_and_an_old_one_have_one(self, tmp_path: Path) -> None:
        require_place(tmp_path / "new.txt")
        (tmp_path / "old.txt").touch()
        require_place(tmp_path / "old.txt")
        assert [file.name for file in tmp_path.iterdir()] == ["old.txt"]

    def test_what_is_no_ordinary_file_is_written_to_directly(self) -> None:
        require_place(Path(os.devnull))

    @pytest.mark.parametrize(
        ("name", "reason"),
        [("nowhere/list.txt", "its folder does not exist"), (".", "is a folder"), ("file/list.txt", "does not exist")],
    )
    def test_others_have_none(self, tmp_path: Path, name: str, reason: str) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(ExportError, match=reason):
            require_place(tmp_path / name)

    def test_a_folder_that_takes_no_file_has_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path)
        with pytest.raises(ExportError, match="permission is denied"):
            require_place(tmp_path / "list.txt")


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_full_disk_keeps_the_old_list(broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "list.txt"
    out.write_bytes(b"old")
    owner = os if broken == "fsync" else Path
    monkeypatch.setattr(owner, broken, raising(errno.ENOSPC))
    with pytest.raises(ExportError, match="the disk is full"):
        write_atomically(out, [b"new"])
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("list.txt", b"old")]


def test_a_list_that_fails_half_way_keeps_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "list.txt"
    out.write_bytes(b"old")

    def half() -> Iterator[bytes]:
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(out, half())
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("list.txt", b"old")]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission is denied"),
        (errno.ENAMETOOLONG, "too long"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_says_what_is_wrong_and_where(number: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "replace", raising(number))
    with pytest.raises(ExportError, match=words) as caught:
        write_atomically(tmp_path / "list.txt", [b""])
    assert str(caught.value).startswith(f"{tmp_path / 'list.txt'} cannot be written")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="folder does not exist"):
        write_atomically(tmp_path / "missing" / "list.txt", [b""])
    assert not (tmp_path / "missing").exists()


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match="folder does not exist"):
        write_atomically(tmp_path / "file" / "list.txt", [b""])


def test_a_folder_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is a folder"):
        write_atomically(tmp_path, [b""])


def test_a_write_protected_list_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "list.txt"
    out.write_bytes(b"old")
    # Not by the file's mode: the tests may run as a user for whom modes mean nothing.
    monkeypatch.setattr(os, "access", lambda *_args: False)
    with pytest.raises(ExportError, match="permission is denied"):
        write_atomically(out, [b"new"])
    assert out.read_bytes() == b"old"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_symbolic_link_is_written_through(tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "real.txt"
    real.parent.mkdir()
    real.write_bytes(b"old")
    link = tmp_path / "list.txt"
    link.symlink_to(real)
    write_atomically(link, [b"new"])
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="modes mean little on Windows")
def test_keeps_the_permissions_of_the_old_list(tmp_path: Path) -> None:
    out = tmp_path / "list.txt"
    out.write_bytes(b"old")
    out.chmod(0o640)
    write_atomically(out, [b"new"])
    assert stat.S_IMODE(out.stat().st_mode) == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="modes mean little on Windows")
def test_a_new_list_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_atomically(tmp_path / "list.txt", [b"new"])
    assert (tmp_path / "list.txt").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no /dev/stdout")
def test_a_device_is_written_directly() -> None:
    program = (
        "from pathlib import Path\n"
        "from maclip_desktop.exporting.atomic import write_atomically\n"
        "write_atomically(Path('/dev/stdout'), [b'one ', b'two'])\n"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, check=True)
    assert done.stdout == b"one two"
