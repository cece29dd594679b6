"""Generated photos: real files of the size asked for, all different, the same every time."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from maclip_desktop.benchmark.generated import HEIGHT, WIDTH, generated_picture, write_generated
from maclip_desktop.errors import FolderError

SIZE = (320, 240)


def silence(text: str) -> None:
    pass


def test_they_are_jpegs_of_the_size_asked_for(tmp_path: Path) -> None:
    paths = write_generated(tmp_path, 3, silence, SIZE)
    assert sorted(tmp_path.iterdir()) == paths
    for path in paths:
        with Image.open(path) as image:
            assert (image.format, image.size, image.mode) == ("JPEG", SIZE, "RGB")


def test_they_are_all_different_and_the_same_every_time(tmp_path: Path) -> None:
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
        write_generated(tmp_path / name, 3, silence, SIZE)
    once = [path.read_bytes() for path in sorted((tmp_path / "once").iterdir())]
    assert once == [path.read_bytes() for path in sorted((tmp_path / "again").iterdir())]
    assert len(set(once)) == 3


def test_one_of_twelve_megapixels_has_the_structure_of_a_photograph(tmp_path: Path) -> None:
    picture = generated_picture(0)
    assert picture.size == (WIDTH, HEIGHT)
    (tmp_path / "one").mkdir()
    (path,) = write_generated(tmp_path / "one", 1, silence)
    assert 2_500_000 < path.stat().st_size < 5_500_000
    grey = np.asarray(picture.convert("L"), dtype=np.float32)
    far = np.abs(grey[:, 1000:] - grey[:, :-1000]).mean()
    near = np.abs(grey[:, 1:] - grey[:, :-1]).mean()
    assert far > 4 * near  # noise would have as much of either
    assert 20 < grey.std() < 100


def test_progress_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    write_generated(tmp_path, 2, said.append, SIZE)
    assert said == ["making photos: 1 of 2", "making photos: 2 of 2"]


def test_a_full_drive_is_noticed_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1_000_000))
    with pytest.raises(FolderError, match="make room"):
        write_generated(tmp_path, 3, silence, SIZE)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "IMG_0000.jpg"
    blocked.mkdir()
    with pytest.raises(FolderError, match="cannot be written"):
        write_generated(tmp_path, 1, silence, SIZE)
