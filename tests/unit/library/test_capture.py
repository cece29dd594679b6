"""What a file says of how it was taken: kept, and read again by a program that reads more."""

from typing import TYPE_CHECKING

import pytest

from maclip_desktop.core.photo import Capture, PhotoInfo
from maclip_desktop.library import recording
from maclip_desktop.library.capture import INFO_VERSION

if TYPE_CHECKING:
    from tests.unit.library.conftest import Shelf

WHOLE = Capture(
    zone_minutes=-210, lens="RF 50mm", exposure_s=1 / 250, f_number=1.8, iso=400, focal_mm=50.0, has_gps=True, rating=-1
)


def capture(shelf: "Shelf") -> Capture:
    (details,) = shelf.store.details()
    return details.capture


@pytest.mark.parametrize("taken", [WHOLE, Capture()])
def test_capture_data_survive(shelf: "Shelf", taken: Capture) -> None:
    (photo_id,) = shelf.found(shelf.folder(), "a.jpg")
    shelf.store.record_identified(photo_id, 10, 1, "content", PhotoInfo(4, 3, capture=taken))
    shelf.reopen()
    assert capture(shelf) == taken


def test_a_changed_file_has_no_capture_data_until_it_is_read(shelf: "Shelf") -> None:
    folder = shelf.folder()
    (photo_id,) = shelf.found(folder, "a.jpg")
    shelf.store.record_identified(photo_id, 10, 1, "content", PhotoInfo(4, 3, capture=WHOLE))
    shelf.found(folder, "a.jpg", size=20)
    assert capture(shelf) == Capture()


def test_photos_an_older_program_read_come_after_all_new_ones_with_their_content(shelf: "Shelf") -> None:
    folder = shelf.folder()
    old = shelf.photo(folder, "old.jpg", "content")
    shelf.store._db.run("UPDATE photo SET info_version = 0")
    (new,) = shelf.found(folder, "new.jpg")
    rows = shelf.store.to_identify(10)
    assert [(row.id, row.content_hash) for row in rows] == [(new, None), (old, "content")]
    assert [row.id for row in shelf.store.to_identify(1)] == [new]
    shelf.store.record_identified(old, 10, 1, "content", PhotoInfo(4, 3, capture=WHOLE))
    assert [row.id for row in shelf.store.to_identify(10)] == [new]


def test_a_program_that_reads_more_asks_for_all_photos_again(shelf: "Shelf", monkeypatch: pytest.MonkeyPatch) -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    monkeypatch.setattr(recording, "INFO_VERSION", INFO_VERSION + 1)
    assert [row.id for row in shelf.store.to_identify(10)] == [photo_id]
    shelf.store.record_identified(photo_id, 10, 1, "content", None)
    assert shelf.store.to_identify(10) == []


def test_a_file_that_says_nothing_now_keeps_what_was_known(shelf: "Shelf") -> None:
    (photo_id,) = shelf.found(shelf.folder(), "a.jpg")
    shelf.store.record_identified(photo_id, 10, 1, "content", PhotoInfo(4, 3, capture=WHOLE))
    shelf.store.record_identified(photo_id, 10, 1, "content", None)
    assert capture(shelf) == WHOLE


def test_a_photo_that_could_not_be_read_is_read_again_when_it_is_tried_again(shelf: "Shelf") -> None:
    (photo_id,) = shelf.found(shelf.folder(), "a.jpg")
    shelf.store.record_identified(photo_id, 10, 1, "content", None)
    shelf.store.record_failed(photo_id, 10, 1, "a.jpg is damaged.")
    assert shelf.store.to_identify(10) == []
    assert shelf.store.try_again([photo_id]) == [photo_id]
    assert [row.id for row in shelf.store.to_identify(10)] == [photo_id]
