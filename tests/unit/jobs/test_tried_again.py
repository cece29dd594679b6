"""Photos that failed are tried again: when they change, when asked for, and, out of reach, after a while."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from maclip_desktop.jobs import retries
from maclip_desktop.library.photos import Fault
from maclip_desktop.library.store import Store
from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open, Workshop


def failed(shop: Workshop) -> list[str]:
    return sorted(row.path.name for row in shop.rows.values() if row.error is not None)


@contextmanager
def out_of_reach(monkeypatch: pytest.MonkeyPatch, *paths: Path) -> Iterator[list[Path]]:
    """These files cannot be opened meanwhile; the tests may run as root, whom permissions do not stop."""
    opened, tried = Path.open, []

    def refuse(self: Path, *arguments: Any, **options: Any) -> Any:
        if self in paths:
            tried.append(self)
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        yield tried


def test_a_copy_that_paused_is_read_when_it_goes_on(workshop: Open, photos: Path, tmp_path: Path) -> None:
    whole = write_photo(tmp_path / "whole.jpg", 150, side=600).read_bytes()
    shop = workshop()
    shop.until(lambda: shop.status(photos) == "watched")
    copy = photos / "copy.jpg"
    copy.write_bytes(whole[: len(whole) // 2])
    shop.until(lambda: failed(shop) == ["copy.jpg"])
    with copy.open("ab") as file:
        file.write(whole[len(whole) // 2 :])
    shop.until_scored(1)
    assert failed(shop) == []


def test_a_file_out_of_reach_is_tried_again_by_itself(
    workshop: Open, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "DELAYS_S", (0.05,))
    path = write_photo(photos / "a.jpg")
    with out_of_reach(monkeypatch, path) as tried:
        shop = workshop()
        shop.until(lambda: len(tried) >= 3)
    shop.until_scored(1)


@pytest.mark.parametrize("which", ["these", "all"])
def test_a_file_out_of_reach_is_tried_at_once_when_asked_for(
    workshop: Open, photos: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    path = write_photo(photos / "a.jpg")
    with out_of_reach(monkeypatch, path):
        shop = workshop()
        shop.until(lambda: failed(shop) == ["a.jpg"])
    shop.retry.emit(tuple(shop.rows) if which == "these" else None)
    shop.until_scored(1)


def test_only_what_was_asked_for_is_tried(workshop: Open, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = write_photos(photos, 2)
    with out_of_reach(monkeypatch, *paths):
        shop = workshop()
        shop.until(lambda: len(failed(shop)) == 2)
    wanted = shop.named("IMG_001.jpg")
    assert wanted is not None
    shop.retry.emit((wanted.id,))
    shop.until(lambda: shop.rows[wanted.id].score is not None)
    assert failed(shop) == ["IMG_000.jpg"]


def test_what_the_scorer_failed_on_is_scored_when_asked_for(workshop: Open, photos: Path) -> None:
    write_photos(photos, 4)
    scorer = FakeScorer(spoiled_below=0.1)
    shop = workshop(scorer)
    shop.until(
        lambda: failed(shop) == ["IMG_000.jpg"] and sum(row.score is not None for row in shop.rows.values()) == 3
    )
    scorer._spoiled_below = -1.0
    shop.retry.emit(None)
    shop.until_scored(4)


def test_a_file_whose_time_alone_changed_unheard_is_looked_at_anew(workshop: Open, photos: Path) -> None:
    path = write_photo(photos / "a.jpg")
    shop = workshop()
    shop.until_scored(1)
    row = shop.named("a.jpg")
    assert row is not None
    os.utime(path, (1, 1))  # no event tells
    with Store.open(shop.library._library_file) as other:
        other.record_failed(row.id, row.size, row.mtime_ns, "changed while it was being read", Fault.ACCESS)
    shop.retry.emit((row.id,))
    shop.until(lambda: (now := shop.named("a.jpg")) and now.mtime_ns == 1_000_000_000 and now.score is not None)
