"""The demonstration's photos, and the care taken with what is in their folder."""

from pathlib import Path

import pytest

from maclip_desktop import demo_photos
from maclip_desktop.errors import ExportError


def test_originals_and_worse_copies_are_told_apart(tmp_path: Path) -> None:
    originals = demo_photos.write_originals(tmp_path / "photos")
    degraded = demo_photos.write_degraded(tmp_path / "photos")
    assert len(originals) == len(demo_photos.SOURCES)
    assert len(degraded) == len(demo_photos.DEGRADED_OF) * len(demo_photos.STEPS)
    assert not any(map(demo_photos.is_degraded, originals))
    assert all(map(demo_photos.is_degraded, degraded))
    assert all(path.stat().st_size > 0 for path in originals + degraded)


def test_a_second_demonstration_replaces_the_first(tmp_path: Path) -> None:
    demo_photos.write_originals(tmp_path)
    demo_photos.write_degraded(tmp_path)
    demo_photos.write_originals(tmp_path)
    assert len(list(tmp_path.iterdir())) == len(demo_photos.SOURCES)


@pytest.mark.parametrize("name", ["mine.jpg", "coffee.png", "folder"])
def test_somebody_s_own_files_are_left_and_named(tmp_path: Path, name: str) -> None:
    demo_photos.write_originals(tmp_path)
    if name == "folder":
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(ExportError, match="is not from a demonstration"):
        demo_photos.write_originals(tmp_path)
    assert (tmp_path / name).exists()
    assert len(list(tmp_path.iterdir())) == len(demo_photos.SOURCES) + 1


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExportError, match="cannot be written into"):
        demo_photos.write_originals(tmp_path / "file" / "photos")
