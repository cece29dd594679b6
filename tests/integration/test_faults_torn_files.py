"""Files of the program's own that are half written, as a power cut leaves them: made anew, and nothing else is lost."""

import json
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Flag
from maclip_desktop.core.ordering import SortOrder
from maclip_desktop.imaging.thumbnails import ThumbnailCache
from maclip_desktop.settings import Settings, load_settings, save_settings
from tests.helpers.faults import kept, run_command, untouched
from tests.helpers.pictures import write_photo, write_photos


@pytest.mark.parametrize("left", [0, 1, 20, -17, -1])
def test_a_torn_thumbnail_is_made_again(tmp_path: Path, left: int) -> None:
    photo = write_photo(tmp_path / "photos" / "a.jpg", 90, side=500)
    status, cache = photo.stat(), tmp_path / "cache"
    with untouched(photo.parent):
        whole = ThumbnailCache(cache).load_or_make(photo, status.st_size, status.st_mtime_ns)
        (stored,) = cache.rglob("*.jpg")
        content = stored.read_bytes()
        stored.write_bytes(content[:left])
        assert ThumbnailCache(cache).load_or_make(photo, status.st_size, status.st_mtime_ns) == whole
    assert stored.read_bytes() == content


def test_a_thumbnail_of_zeros_is_made_again(tmp_path: Path) -> None:
    """What some file systems leave: the right length, and nothing in it."""
    photo = write_photo(tmp_path / "photos" / "a.jpg", 90, side=500)
    status, cache = photo.stat(), tmp_path / "cache"
    whole = ThumbnailCache(cache).load_or_make(photo, status.st_size, status.st_mtime_ns)
    (stored,) = cache.rglob("*.jpg")
    stored.write_bytes(bytes(len(stored.read_bytes())))
    assert ThumbnailCache(cache).load_or_make(photo, status.st_size, status.st_mtime_ns) == whole


@pytest.mark.parametrize("torn", [b"", b"{", b"\0" * 300, b'{"threshold": 0.', b"\xff\xfe\x00", b"[1, 2]"])
def test_torn_settings_are_the_usual_ones_and_can_be_saved_again(tmp_path: Path, torn: bytes) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(torn)
    file.with_suffix(".tmp").write_bytes(b"what a save before had begun")
    assert load_settings(file) == Settings()
    save_settings(Settings(sort_order=SortOrder.NAME, threshold=0.75), file)
    assert load_settings(file) == Settings(sort_order=SortOrder.NAME, threshold=0.75)


def test_torn_settings_and_thumbnails_cost_no_mark_and_no_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, photos = tmp_path / "home", tmp_path / "photos"
    monkeypatch.setenv("MACLIP_HOME", str(home))
    write_photos(photos, 6)
    score = ("score", photos, "--scorer", "technical")
    assert run_command(*score)[0] == 0
    assert run_command("cull", "--bottom-count", "2")[0] == 0
    library = home / "data" / "library.db"
    before = kept(library)
    assert sum(flag is Flag.REJECT for flag, _ in before.values()) == 2
    for name in ("config/settings.json", "cache/thumbnails/aa/aabb.jpg"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(b"\0" * 50)
    out = tmp_path / "list.json"
    code, text = run_command(*score, "--json", out)
    assert (code, "Traceback" in text) == (0, False), text
    assert kept(library) == before
    assert len(json.loads(out.read_text(encoding="utf-8"))) == 6
