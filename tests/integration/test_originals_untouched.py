"""Photos are the person's only copies: nothing the program does leaves a trace on them or beside them."""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.helpers.overseen import Overseer, Seen
from tests.helpers.pictures import write_photo, write_photos

WHOLE, BROKEN = 9, 4
"""Photos that can be read, and files that cannot."""


def write_shoot(folder: Path) -> None:
    """A folder as people have them: formats, twins, sidecars, broken files, files and folders that are read-only."""
    write_photos(folder, 4)
    picture = Image.effect_noise((80, 60), 40).convert("RGB")
    picture.save(folder / "scan.png")
    picture.save(folder / "web.webp")
    picture.save(folder / "day 2.tiff")
    picture.save(folder / "anim.gif")
    write_photo(folder / "deep" / "größe.jpg", 90).chmod(0o444)
    (folder / "IMG_000.xmp").write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    (folder / "notes.txt").write_text("mine")
    (folder / "empty.jpg").touch()
    (folder / "cut.jpg").write_bytes((folder / "IMG_001.jpg").read_bytes()[:200])
    (folder / "raw.cr2").write_bytes(b"II*\0\x10\0\0\0CR\x02\0" + os.urandom(5000))
    (folder / "raw.nef").write_bytes(os.urandom(5000))


@pytest.fixture
def shoot(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "photos"
    write_shoot(folder)
    for place, _, files in os.walk(folder):
        for name in files:
            os.utime(Path(place) / name, ns=(10**18, 10**18 + 123456789))
    yield folder
    for place, _, _ in os.walk(folder):
        Path(place).chmod(0o755)


def state(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Content, size, times and permissions of everything; a folder's time tells of files that came and went."""
    found: dict[str, tuple[Any, ...]] = {}
    for path in sorted((folder, *folder.rglob("*"))):
        status = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path)] = (content, status.st_size, status.st_mtime_ns, status.st_ctime_ns, oct(status.st_mode))
    return found


@pytest.fixture
def overseer(tmp_path: Path, shoot: Path) -> Overseer:
    return Overseer(tmp_path, shoot)


def everything(overseer: Overseer, lists: Path) -> Iterator[Seen]:
    """One run after another of all that looks at photos or writes something."""
    yield overseer.run("score", overseer.folder, "--scorer", "technical", "--json", lists / "scores.json")
    yield overseer.run("cull", "--bottom", "50%")
    yield overseer.run("export", "--out", lists / "rejects.csv")
    yield overseer.run_window(WHOLE, overseer.folder, "--scorer", "technical")
    moved = lists / "moved"
    write_photos(moved, 1)
    yield overseer.run("library", "relocate", overseer.folder, moved)


@pytest.mark.parametrize(
    "harm",
    [
        "open(path, 'ab').close()",
        "open(path, 'r+b').close()",
        "import os; os.close(os.open(path, os.O_RDWR))",
        "import os; os.utime(path)",
        "import os; os.chmod(path, 0o600)",
        "import os; os.rename(path, path + '.old')",
        "import os; os.remove(path)",
        "open(path + '.thumb', 'x').close()",
    ],
)
def test_the_overseer_sees_harm(overseer: Overseer, shoot: Path, harm: str) -> None:
    """Or the test below could not fail."""
    assert overseer.run_python(f"import sys; path = sys.argv[1]; {harm}", shoot / "IMG_000.jpg").events


def test_the_overseer_lets_reading_pass(overseer: Overseer, shoot: Path) -> None:
    seen = overseer.run_python("import sys; open(sys.argv[1], 'rb').read()", shoot / "IMG_000.jpg")
    assert (seen.code, seen.events) == (0, ())


Prepare = Callable[[Path], None]


def leave_as_it_is(folder: Path) -> None:
    """Nothing more to prepare."""


def make_read_only(folder: Path) -> None:
    for place, _, _ in os.walk(folder, topdown=False):
        Path(place).chmod(0o555)


@pytest.mark.parametrize("prepare", [leave_as_it_is, make_read_only])
@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_nothing_is_changed_by_anything(overseer: Overseer, shoot: Path, tmp_path: Path, prepare: Prepare) -> None:
    prepare(shoot)
    before = state(shoot)
    for seen in everything(overseer, tmp_path):
        assert seen.code in (0, 1), seen.err
        assert "Traceback" not in seen.err
        assert seen.events == ()
        assert state(shoot) == before
    assert (tmp_path / "rejects.csv").is_file()


def test_every_photo_that_can_be_read_is_scored_from_a_read_only_folder(
    overseer: Overseer, shoot: Path, tmp_path: Path
) -> None:
    make_read_only(shoot)
    seen = overseer.run("score", shoot, "--scorer", "technical")
    assert seen.code == 1
    assert len(seen.out.splitlines()) == WHOLE
    assert f"{WHOLE} photos scored, {BROKEN} could not be." in seen.err
