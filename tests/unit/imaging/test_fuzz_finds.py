"""What fuzz runs have found (``tests/benchmarks/fuzz_decoding.py``), each as a file of a few bytes built here."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.metadata import read_info

READ = """
import sys
from pathlib import Path
from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging.metadata import read_info
try:
    read_info(Path(sys.argv[1]))
except PhotoError as error:
    print(error)
"""


def box(kind: bytes, body: bytes) -> bytes:
    """A box of the ISO base media format (ISO/IEC 14496-12)."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, body: bytes, version: int = 0) -> bytes:
    return box(kind, bytes((version, 0, 0, 0)) + body)


def item(number: int, kind: bytes, about: bytes = b"\0") -> bytes:
    return full_box(b"infe", struct.pack(">HH", number, 0) + kind + about, version=2)


def heic(*described_by: bytes) -> bytes:
    """A HEIC whose one picture has no pixels, described by these items (number 2 and up)."""
    count = 1 + len(described_by)
    items = full_box(b"iinf", struct.pack(">H", count) + item(1, b"av01") + b"".join(described_by))
    size = full_box(b"ispe", struct.pack(">II", 16, 16)) + box(b"av1C", b"\x81\0\x0c\0") + _PIXELS
    properties = box(b"iprp", box(b"ipco", size) + full_box(b"ipma", struct.pack(">IHB", 1, 1, 3) + b"\x01\x82\x03"))
    references = b"".join(box(b"cdsc", struct.pack(">HHH", number, 1, 1)) for number in range(2, count + 1))
    places = b"".join(struct.pack(">HHHII", number, 0, 1, 8, 8) for number in range(1, count + 1))
    meta = (
        full_box(b"hdlr", bytes(4) + b"pict" + bytes(13))
        + full_box(b"pitm", struct.pack(">H", 1))
        + full_box(b"iloc", b"\x44\0" + struct.pack(">H", count) + places)
        + items
        + full_box(b"iref", references)
        + properties
    )
    return box(b"ftyp", b"mif1" + bytes(4) + b"mif1heic") + full_box(b"meta", meta) + box(b"mdat", bytes(16))


_PIXELS = full_box(b"pixi", b"\x03\x08\x08\x08")


@pytest.mark.parametrize(
    "about",
    [
        pytest.param(item(2, b"mime", b"\0application\x80rdf+xml\0"), id="content type"),
        pytest.param(item(2, b"E\xb2if"), id="kind"),
    ],
)
def test_a_heic_whose_items_are_named_in_no_text_does_not_end_the_process(tmp_path: Path, about: bytes) -> None:
    """Seed 1, numbers 6572 and 19503: pi_heif 1.4 made a text of it without a look at the result."""
    path = tmp_path / "a.heic"
    path.write_bytes(heic(about))
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "is cut off or damaged" in done.stdout


def test_a_heic_with_names_of_text_is_left_to_its_decoder(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(heic(item(2, b"mime", b"\0application/rdf+xml\0")))
    assert (read_info(path).width, read_info(path).height) == (16, 16)
    with pytest.raises(PhotoError):
        decode(path)


def test_a_short_fuzz_run_finds_nothing(tmp_path: Path) -> None:
    """A long one is a matter of minutes and is left to the benchmark itself."""
    script = Path(__file__).resolve().parents[2] / "benchmarks" / "fuzz_decoding.py"
    command = [sys.executable, str(script), "--files", "250", "--seed", "3", "--workers", "1", "--keep", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "250 files, 0 finds" in done.stdout
