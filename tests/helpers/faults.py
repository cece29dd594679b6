"""What the fault tests share: folders that must stay as they are, small disks, programs that are killed."""

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import pytest

from maclip_desktop.core.flags import Flag
from maclip_desktop.library.store import Store

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
PATIENCE_S = 60


def is_root() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0


def folder_hash(folder: Path) -> str:
    """A hash of every file's name, content and times below *folder*: no original byte may change."""
    digest = hashlib.blake2b()
    for path in sorted(folder.rglob("*")):
        digest.update(os.fsencode(path.relative_to(folder)))
        if path.is_file():
            status = path.stat()
            digest.update(f"{status.st_size} {status.st_mtime_ns} {status.st_mode}".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def untouched(folder: Path) -> Iterator[None]:
    """Fail where a file below *folder* is another one afterwards, or is no longer alone there."""
    before = folder_hash(folder)
    yield
    assert folder_hash(folder) == before, "an original file was changed"


Kept = dict[str, tuple[Flag, float | None]]
"""Name of a photo -> its flag and its score."""


def kept(library_file: Path) -> Kept:
    """What a library has of every photo; fails where SQLite finds the file damaged."""
    with Store.open(library_file) as store:
        assert store._db.one("PRAGMA integrity_check") == ("ok",)
        return {row.path.name: (row.flag, row.score) for row in store.rows()}


class Program:
    """A Python program in a process of its own, whose printed lines are read one by one. ``with`` ends it."""

    def __init__(self, script: str, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """The next line; fails where the program has ended instead."""
        assert self._process.stdout is not None
        text = self._process.stdout.readline()
        assert text, self._errors()
        return text.strip()

    def say(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()

    def kill(self) -> list[str]:
        """End it as a power cut would; returns the lines that it had still printed."""
        self._process.kill()
        assert self._process.stdout is not None
        return self._process.stdout.read().splitlines()

    def end(self) -> tuple[int, str]:
        """Wait for its end; exit code and what it printed."""
        out, self._last_errors = self._process.communicate(timeout=PATIENCE_S)
        return self._process.returncode, out + self._last_errors

    def __enter__(self) -> "Program":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def _errors(self) -> str:
        _, errors = self._process.communicate(timeout=PATIENCE_S)
        return f"the program ended with {self._process.returncode}: {errors}"


_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
_BIND = 4096
_DETACH = 2


def _mount(source: str, target: Path, kind: str, flags: int, options: str) -> None:
    assert _LIBC is not None
    arguments = [source.encode(), os.fsencode(target), kind.encode()]
    if _LIBC.mount(*arguments, ctypes.c_ulong(flags), options.encode()) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(target))


def unmount(target: Path) -> None:
    """Take a drive away, whoever has it open."""
    if _LIBC is not None:
        _LIBC.umount2(os.fsencode(target), _DETACH)


def _mounted(source: str, target: Path, kind: str, flags: int, options: str) -> None:
    if not is_root():
        pytest.skip("drives can only be mounted by root on Linux")
    try:
        _mount(source, target, kind, flags, options)
    except OSError as error:
        pytest.skip(f"no drive can be mounted here ({error.strerror})")


@contextmanager
def small_disk(place: Path, kilobytes: int) -> Iterator[Path]:
    """A drive of this size at *place*; skips the test where none can be had."""
    place.mkdir(parents=True, exist_ok=True)
    _mounted("tmpfs", place, "tmpfs", 0, f"size={kilobytes}k")
    try:
        yield place
    finally:
        unmount(place)


def plug_in(content: Path, place: Path) -> None:
    """Let what lies in *content* appear at *place*, as a drive does; skips the test where that cannot be done."""
    place.mkdir(parents=True, exist_ok=True)
    _mounted(str(content), place, "none", _BIND, "")


def fill_up(disk: Path) -> Path:
    """Leave no room on a drive; returns the file that takes it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast


@contextmanager
def open_place() -> Iterator[Path]:
    """A folder that other users may enter, unlike those of pytest."""
    place = Path(tempfile.mkdtemp(prefix="maclip-faults-"))
    try:
        place.chmod(0o755)
        yield place
    finally:
        shutil.rmtree(place)


# The interpreter may lie where another user cannot go: one run as root loads all that the next one needs.
_AS_NOBODY = """
import contextlib, io, os, sys, tempfile
from pathlib import Path
from maclip_desktop.cli import main
from tests.helpers.pictures import write_photo

with tempfile.TemporaryDirectory() as place, contextlib.redirect_stdout(io.StringIO()):
    folder, library = write_photo(Path(place, "photos", "a.jpg")).parent, Path(place, "library.db")
    main(["score", str(folder), "--library", str(library), "--scorer", "technical"])
    main(["cull", "--below", "0", "--library", str(library)])
os.setgroups([])
os.setgid({user})
os.setuid({user})
sys.exit(main(sys.argv[1:]))
"""


def run_as_nobody(*arguments: object) -> tuple[int, str]:
    """The command line as a user without rights; exit code and all it printed. Skips the test where not root."""
    if not is_root():
        pytest.skip("only root can become another user")
    with Program(_AS_NOBODY.replace("{user}", str(NOBODY)), *arguments) as program:
        return program.end()


def run_command(*arguments: object) -> tuple[int, str]:
    """The command line in a process of its own; exit code and all it printed."""
    script = "import sys; from maclip_desktop.cli import main; sys.exit(main(sys.argv[1:]))"
    with Program(script, *arguments) as program:
        return program.end()
