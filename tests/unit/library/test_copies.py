"""Several photos of one content: each says so, and hears of it when there are more or fewer."""

from pathlib import Path
from typing import TYPE_CHECKING

from maclip_desktop.core.flags import Decider, Flag

if TYPE_CHECKING:
    from tests.unit.library.conftest import Shelf


def copies(shelf: "Shelf") -> list[int]:
    return [row.copies for row in shelf.store.rows()]


def test_copies_are_counted_and_found(shelf: "Shelf") -> None:
    folder = shelf.folder()
    first, _, third = (shelf.photo(folder, f"{n}.jpg", content) for n, content in enumerate(["x", "y", "x"]))
    shelf.found(folder, "unread.jpg")
    assert copies(shelf) == [2, 1, 2, 1]
    assert [row.copies for row in shelf.store.rows([third])] == [2]
    (details,) = shelf.store.details([first])
    assert details.copies_at == (folder.path / "2.jpg",)


def test_empty_files_are_no_copies_of_each_other(shelf: "Shelf") -> None:
    folder = shelf.folder()
    for photo_id in shelf.found(folder, "a.jpg", "b.jpg", size=0):
        assert shelf.store.record_identified(photo_id, 0, 1, "of nothing", None)
    assert copies(shelf) == [1, 1]
    assert [(details.row.copies, details.copies_at) for details in shelf.store.details()] == [(1, ())] * 2
    assert shelf.store.stats().duplicates == 0


def test_a_photo_hears_of_its_copies_coming_and_going(shelf: "Shelf") -> None:
    folder = shelf.folder()
    first = shelf.photo(folder, "a.jpg", "same")
    assert shelf.store.take_touched() == ()
    second = shelf.photo(folder, "b.jpg", "same")
    assert first in shelf.store.take_touched()
    assert shelf.store.take_touched() == ()
    shelf.store.forget_photos([second])
    assert shelf.store.take_touched() == (first,)
    assert copies(shelf) == [1]


def test_a_photo_hears_of_a_copy_that_is_edited(shelf: "Shelf") -> None:
    folder = shelf.folder()
    first, _ = shelf.photo(folder, "a.jpg", "same"), shelf.photo(folder, "b.jpg", "same")
    shelf.store.take_touched()
    shelf.found(folder, "b.jpg", size=20)
    assert shelf.store.take_touched() == (first,)


def test_a_photo_hears_of_a_copy_whose_folder_is_removed(shelf: "Shelf") -> None:
    first = shelf.photo(shelf.folder("/one"), "a.jpg", "same")
    other = shelf.folder("/other")
    shelf.photo(other, "a.jpg", "same")
    shelf.photo(other, "b.jpg", "alone")
    shelf.store.take_touched()
    shelf.store.remove_folder(other.id)
    assert shelf.store.take_touched() == (first,)


def test_a_raw_file_beside_a_jpeg_is_no_copy_to_count(shelf: "Shelf") -> None:
    folder = shelf.folder()
    shelf.photo(folder, "b/a.cr2", "raw")
    shelf.found(folder, "a.cr2", "a.jpg")
    raw = shelf.store.known_files(folder.id)["a.cr2"].photo_id
    shelf.store.record_identified(raw, 10, 1, "raw", None)
    assert copies(shelf) == [1, 1]
    assert all(details.copies_at == () for details in shelf.store.details())


def test_a_photo_hears_that_its_copy_became_a_file_of_another_photo_or_one_of_its_own(shelf: "Shelf") -> None:
    folder = shelf.folder()
    raw, copy = shelf.photo(folder, "a.cr2", "raw"), shelf.photo(folder, "copy/a.cr2", "raw")
    shelf.store.take_touched()
    (jpeg,) = (found for found in shelf.found(folder, "a.jpg") if found != raw)
    assert copy in shelf.store.take_touched()
    assert [row.copies for row in shelf.store.rows([copy])] == [1]
    shelf.store.forget_photos([jpeg])
    assert copy in shelf.store.take_touched()
    assert [row.copies for row in shelf.store.rows([copy])] == [2]


def test_a_photo_hears_of_a_mark_that_its_copy_got_from_a_file_beside_that(shelf: "Shelf") -> None:
    folder = shelf.folder()
    raw, copy = shelf.photo(folder, "a.cr2", "raw"), shelf.photo(folder, "copy/a.jpg", "jpeg")
    shelf.store.decide([raw], Flag.PICK, Decider.PERSON, "pick")
    shelf.store.take_touched()
    shelf.store.set_pairs(False)
    (jpeg,) = shelf.found(folder, "a.jpg")
    shelf.store.record_identified(jpeg, 10, 1, "jpeg", None)
    shelf.store.take_touched()
    shelf.store.set_pairs(True)
    assert copy in shelf.store.take_touched()
    assert [row.flag for row in shelf.store.rows([copy])] == [Flag.PICK]


def test_names_beside_and_copies_are_told_across_pages(shelf: "Shelf") -> None:
    folder = shelf.folder()
    names = [f"{n}.jpg" for n in range(2500)]
    shelf.found(folder, *names, "2499.cr2")
    for row in list(shelf.store.rows()):
        if row.path.name in ("0.jpg", "2499.jpg"):
            shelf.store.record_identified(row.id, 10, 1, "same", None)
    rows = list(shelf.store.rows())
    assert [row.path.name for row in rows if row.copies == 2] == ["0.jpg", "2499.jpg"]
    assert [row.files for row in rows if row.beside] == [(Path("/photos/2499.jpg"), Path("/photos/2499.cr2"))]
