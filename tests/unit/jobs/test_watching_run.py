"""Watching folders without a window: real events, real threads."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from maclip_desktop.errors import FolderError
from maclip_desktop.jobs import watching_run
from maclip_desktop.jobs.watching_run import changed_photos
from tests.helpers.pictures import write_photo


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching_run, "SETTLE_SECONDS", 0.05)


@pytest.fixture
def changes(photos: Path) -> Iterator[Iterator[list[Path]]]:
    found = changed_photos([photos], True, bool)
    assert next(found) == [photos]  # what came before the watch
    yield found
    found.close()  # type: ignore[attr-defined]


def test_a_new_photo_comes_once_it_has_settled(changes: Iterator[list[Path]], photos: Path) -> None:
    path = write_photo(photos / "new.jpg")
    assert next(changes) == [path]


def test_a_new_directory_comes_as_such(changes: Iterator[list[Path]], photos: Path) -> None:
    (photos / "new").mkdir()
    assert next(changes) == [photos / "new"]


def test_what_is_no_photo_or_gone_again_does_not_come(changes: Iterator[list[Path]], photos: Path) -> None:
    (photos / "notes.txt").write_text("no photo")
    write_photo(photos / "short.jpg").unlink()
    path = write_photo(photos / "new.jpg")
    assert next(changes) == [path]


def test_it_ends_when_told(photos: Path) -> None:
    stopped = threading.Event()
    found = changed_photos([photos], True, stopped.is_set)
    next(found)
    stopped.set()
    assert list(found) == []


def test_its_threads_end_with_the_caller(photos: Path) -> None:
    before = threading.active_count()
    found = changed_photos([photos], True, bool)
    next(found)
    assert threading.active_count() > before
    found.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before


def test_a_missing_folder_is_an_error(photos: Path) -> None:
    with pytest.raises(FolderError):
        next(changed_photos([photos, photos / "missing"], True, bool))
