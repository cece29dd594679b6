"""No file crashes, hangs or fills the memory: it decodes, or one sentence says what is wrong."""

import errno
import io
import os
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging import failures
from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.imaging.thumbnails import preview

pytestmark = pytest.mark.filterwarnings("error")


def sentence(path: Path) -> str:
    """What decoding says is wrong; it names the file once and in full, and is one line."""
    with pytest.raises(PhotoError) as caught:
        decode(path)
    text = str(caught.value)
    assert text.count(failures.shown(path)) == 1
    assert text.endswith(".")
    assert "\n" not in text
    return text


def png(width: int, height: int, bits: bytes = b"\x08\x02\0\0\0") -> bytes:
    """A PNG whose header claims *width* x *height* pixels and that holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">II", width, height) + bits
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")
    )


class TestWhatIsWrong:
    def test_empty(self, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").touch()
        assert sentence(tmp_path / "a.jpg").endswith("is empty (0 bytes); copy it again from the camera.")

    def test_no_picture(self, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").write_text("shopping list")
        assert "is no picture this program can read" in sentence(tmp_path / "a.jpg")

    def test_no_raw_file(self, tmp_path: Path) -> None:
        (tmp_path / "a.nef").write_text("shopping list\n" * 1000)
        assert "is no RAW file this program can read" in sentence(tmp_path / "a.nef")

    def test_postscript_is_not_run(self, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n")
        assert "is no picture this program can read" in sentence(tmp_path / "a.jpg")

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
    def test_cut_off(self, share: float, photo: Path) -> None:
        content = photo.read_bytes()
        photo.write_bytes(content[: int(len(content) * share)])
        text = sentence(photo)
        assert "is cut off or damaged" in text or "is no picture" in text

    def test_a_folder(self, tmp_path: Path) -> None:
        assert "is a folder" in sentence(tmp_path)

    def test_missing(self, tmp_path: Path) -> None:
        assert "is no longer there" in sentence(tmp_path / "gone.jpg")

    def test_missing_raw(self, tmp_path: Path) -> None:
        assert "is no longer there" in sentence(tmp_path / "gone.cr2")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_a_named_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.jpg")
        assert "is no ordinary file" in sentence(tmp_path / "a.jpg")

    @pytest.mark.skipif(sys.platform == "win32", reason="names on Windows are always text")
    def test_a_name_that_is_no_text_can_still_be_said(self, tmp_path: Path) -> None:
        path = tmp_path / "\udcff.jpg"
        path.touch()
        sentence(path).encode("utf-8")

    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (PermissionError(errno.EACCES, "x"), "permission is denied"),
            (OSError(errno.EIO, "x"), "cannot be read from its drive"),
            (OSError(errno.EMFILE, "x"), "too many files are open"),
            (MemoryError(), "needs more memory"),
            (AssertionError(), "cut off or damaged"),
            (RecursionError(), "cut off or damaged"),
        ],
    )
    def test_the_systems_faults(
        self, error: Exception, words: str, photo: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_args: object, **_options: object) -> NoReturn:
            raise error

        monkeypatch.setattr(Path, "open", fail)
        assert words in sentence(photo)

    def test_every_entrance_says_the_same(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jpg"
        path.touch()
        for entrance in (decode, read_info, lambda file: preview(file, 320)):
            with pytest.raises(PhotoError, match="is empty"):
                entrance(path)


class TestBombs:
    @pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (100_001, 10), (17_321, 17_321)])
    def test_a_header_beyond_the_limits_is_refused(self, size: tuple[int, int], tmp_path: Path) -> None:
        (tmp_path / "a.png").write_bytes(png(*size))
        assert "is too large to open safely" in sentence(tmp_path / "a.png")

    def test_a_large_picture_within_the_limits_is_no_bomb(self, tmp_path: Path) -> None:
        """Pillow warns of this size; one bit a pixel keeps the test light."""
        path = tmp_path / "a.png"
        Image.new("1", (17_300, 17_300)).save(path)
        info = read_info(path)
        assert (info.width, info.height) == (17_300, 17_300)

    def test_a_frame_larger_than_its_header_is_refused(self, tmp_path: Path) -> None:
        screen = struct.pack("<HHBBB", 8, 8, 0x80, 0, 0) + bytes(6)
        frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x01\x44\x00\x3b"
        (tmp_path / "a.gif").write_bytes(b"GIF89a" + screen + frame)
        assert "is too large to open safely" in sentence(tmp_path / "a.gif")


def test_three_hundred_damaged_files_never_raise_anything_else(tmp_path: Path, scene: NDArray[np.uint8]) -> None:
    """Bytes changed, cut out and cut off at random (the same every time) in a small file of every format."""
    chance = random.Random(20261121)
    originals = []
    for suffix in ("jpg", "png", "tif", "gif", "webp", "avif", "bmp", "ppm", "jp2", "ico", "mpo"):
        out = io.BytesIO()
        exif = Image.Exif()
        exif[0x0110] = "Camera"
        kind = {"jpg": "JPEG", "tif": "TIFF", "jp2": "JPEG2000"}.get(suffix, suffix.upper())
        Image.fromarray(scene).save(out, kind, **({"exif": exif} if suffix in ("jpg", "png", "webp") else {}))
        originals.append((suffix, out.getvalue()))
    failed = 0
    for number in range(300):
        suffix, content = originals[number % len(originals)]
        path = tmp_path / f"a{number}.{suffix}"
        path.write_bytes(damaged(content, chance))
        for entrance in (decode, read_info, lambda file: preview(file, 32)):
            try:
                entrance(path)
            except PhotoError as error:
                failed += 1
                assert "\n" not in str(error)
    assert failed > 100, "the damage was too gentle to show anything"


def damaged(content: bytes, chance: random.Random) -> bytes:
    mutable = bytearray(content)
    for _ in range(chance.choice((1, 4, 16))):
        mutable[chance.randrange(min(len(mutable), 400))] = chance.randrange(256)
    if chance.random() < 0.3:
        del mutable[chance.randrange(len(mutable)) :]
    if mutable and chance.random() < 0.3:
        start = chance.randrange(len(mutable))
        del mutable[start : start + chance.randrange(1, 64)]
    return bytes(mutable)


SURVEY = """
import resource, sys, warnings
from pathlib import Path
from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.metadata import read_info
warnings.simplefilter("error")
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
decoded = refused = 0
for folder in sys.argv[1:]:
    for path in sorted(file for file in Path(folder).rglob("*") if file.is_file()):
        for read in (decode, read_info, lambda file: decode(file, min_side=224, colour_managed=True)):
            try:
                read(path)
                decoded += read is decode
            except PhotoError:
                refused += read is decode
# Not ru_maxrss: that one starts with the memory of the process this one was forked from.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(decoded, refused, peak // 1024)
"""


def survey(*folders: Path) -> tuple[int, int, int]:
    """Read all files of folders in a process of its own: how many decode, are refused, and the peak in MiB."""
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", SURVEY, *map(str, folders)], cwd=root, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    decoded, refused, peak = map(int, done.stdout.split())
    return decoded, refused, peak


@pytest.mark.shared
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the peak memory from /proc")
class TestSharedFiles:
    def test_hostile_files_are_survived(self, shared: Path) -> None:
        decoded, refused, peak = survey(shared / "photos" / "broken")
        assert decoded + refused == 155
        assert refused > 100
        assert peak < 1000

    def test_files_of_all_formats_decode(self, shared: Path) -> None:
        decoded, refused, peak = survey(*(shared / "photos" / name for name in ("formats", "exif_gps", "camera")))
        # The one refused is a DNG whose sensor data was taken out.
        assert (decoded, refused) == (94, 1)
        assert peak < 1000
