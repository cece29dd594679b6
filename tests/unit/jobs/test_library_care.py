"""What the library worker does for the library itself."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from maclip_desktop.jobs import library_worker
from maclip_desktop.library.backups import backups_of
from maclip_desktop.library.store import Store
from tests.helpers.pictures import write_photos
from tests.helpers.workshop import Open


def test_it_is_backed_up_once_there_is_nothing_more_urgent(
    workshop: Open, photos: Path, library_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_worker, "BACKUP_MS", 20)
    write_photos(photos, 3)
    shop = workshop()
    shop.until(lambda: backups_of(library_file))
    (backup,) = backups_of(library_file)
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT count(*) FROM photo").fetchone() == (3,)
    assert shop.notices == []


def test_a_session_that_did_not_end_properly_is_said(
    workshop: Open, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Store.open

    def unclean(path: Path) -> Store:
        store = opened(path)
        store.was_unclean = True
        return store

    monkeypatch.setattr(Store, "open", unclean)
    shop = workshop()
    shop.until(lambda: shop.notices)
    (notice,) = shop.notices
    assert (notice.text, notice.serious) == (
        "The last session did not end properly; the library was checked and is whole.",
        False,
    )
