"""What the command line or a second window does to the library shows in a window that is open."""

from pathlib import Path

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.jobs import library_worker
from maclip_desktop.library.restoring import restore
from maclip_desktop.library.store import Store
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_worker, "ELSEWHERE_MS", 20)


def test_a_flag_set_elsewhere_is_shown(workshop: Open, photos: Path, library_file: Path) -> None:
    write_photos(photos, 3)
    shop = workshop()
    shop.until_scored(3)
    with Store.open(library_file) as other:
        other.decide([min(shop.rows)], Flag.REJECT, Decider.RULE, "by a rule elsewhere")
    shop.until(lambda: shop.rows[min(shop.rows)].flag is Flag.REJECT)
    shop.until(lambda: shop.undo_state.undo == "by a rule elsewhere")


def test_what_came_after_a_backup_is_found_again_when_that_is_put_back(
    workshop: Open, photos: Path, library_file: Path, tmp_path: Path
) -> None:
    write_photos(photos, 2)
    shop = workshop()
    shop.until_scored(2)
    with Store.open(library_file) as other:
        other.backup(tmp_path / "backup.db")
    write_photo(photos / "later.jpg", 200)
    shop.until_scored(3)
    before = len(shop.messages)
    restore(tmp_path / "backup.db", library_file)
    shop.until(lambda: len(shop.messages) > before)
    shop.until_scored(3)
    with Store.open(library_file) as other:
        assert [row.score is None for row in other.rows()] == [False] * 3


def test_a_folder_removed_elsewhere_goes_with_its_photos(workshop: Open, photos: Path, library_file: Path) -> None:
    write_photos(photos, 3)
    shop = workshop()
    shop.until_scored(3)
    with Store.open(library_file) as other:
        other.remove_folder(other.folders()[0].id)
    shop.until(lambda: not shop.rows and not shop.folders)


def test_a_folder_added_elsewhere_is_watched_and_scored(
    workshop: Open, photos: Path, library_file: Path, tmp_path: Path
) -> None:
    shop = workshop()
    shop.until(lambda: len(shop.folders) == 1)
    (tmp_path / "second").mkdir()
    write_photos(tmp_path / "second", 2)
    with Store.open(library_file) as other:
        other.add_folder(tmp_path / "second", watched=True)
    shop.until_scored(2)
