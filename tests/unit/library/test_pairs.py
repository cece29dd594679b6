"""Several files, one photo: what is shown, and what happens to marks as files come and go."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.pairs import mains
from maclip_desktop.core.photo import Folder, PhotoInfo, PhotoRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.library.conftest import Shelf

PERSON, RULE = Decider.PERSON, Decider.RULE


@pytest.fixture
def folder(shelf: "Shelf") -> Folder:
    return shelf.folder()


def read(shelf: "Shelf", photo_id: int, content: str) -> None:
    assert shelf.store.record_identified(photo_id, 10, 1, content, PhotoInfo(400, 300))


def file_id(shelf: "Shelf", folder: Folder, name: str) -> int:
    return shelf.store.known_files(folder.id)[name].photo_id


def shown(shelf: "Shelf") -> dict[str, tuple[str, ...]]:
    return {row.path.name: row.beside for row in shelf.store.rows()}


def only(shelf: "Shelf") -> PhotoRow:
    (row,) = shelf.store.rows()
    return row


def test_a_raw_file_and_its_jpeg_are_one_photo_with_two_files(shelf: "Shelf", folder: Folder) -> None:
    (photo_id,) = shelf.found(folder, "may/a.CR2", "may/a.JPG")
    row = only(shelf)
    assert row.id == photo_id
    assert row.files == (folder.path / "may/a.JPG", folder.path / "may/a.CR2")
    assert [details.row for details in shelf.store.details()] == [row]
    assert shelf.store.counts() == {folder.id: 1}


def test_files_of_one_name_in_two_directories_are_two_photos(shelf: "Shelf", folder: Folder) -> None:
    shelf.found(folder, "raw/a.cr2", "jpeg/a.jpg", "a.b.jpg", "c.cr2")
    assert shown(shelf) == {"a.cr2": (), "a.jpg": (), "a.b.jpg": (), "c.cr2": ()}


def test_names_that_are_no_text_pair_as_well(shelf: "Shelf", folder: Folder) -> None:
    shelf.found(folder, "caf\udce9.cr2", "caf\udce9.jpg")
    assert shown(shelf) == {"caf\udce9.jpg": ("caf\udce9.cr2",)}


def test_a_film_is_recorded_beside_its_photo_and_never_read_or_scored(shelf: "Shelf", folder: Folder) -> None:
    (photo_id,) = shelf.found(folder, "a.heic", "a.mov")
    assert shown(shelf) == {"a.heic": ("a.mov",)}
    assert [row.id for row in shelf.store.to_identify(10)] == [photo_id]
    film = file_id(shelf, folder, "a.mov")
    assert not shelf.store.record_identified(film, 10, 1, "content", None)
    assert not shelf.store.record_failed(film, 10, 1, "damaged")


def test_a_film_without_a_photo_is_no_photo(shelf: "Shelf", folder: Folder) -> None:
    assert shelf.found(folder, "a.mov") == []
    assert shown(shelf) == {} and shelf.store.counts() == {folder.id: 0}
    assert shelf.store.photos_at(folder.path) == ()
    assert shelf.found(folder, "a.mov", size=20) == []
    assert list(shelf.store.known_files(folder.id)) == ["a.mov"]


def test_a_jpeg_that_comes_to_a_raw_file_takes_its_place(shelf: "Shelf", folder: Folder) -> None:
    (raw,) = shelf.found(folder, "a.cr2")
    (jpeg,) = shelf.found(folder, "a.jpg")
    assert (shelf.store.take_hidden(), shelf.store.take_hidden()) == ((raw,), ())
    assert only(shelf).id == jpeg
    assert list(shelf.store.rows([raw])) == []


def test_a_raw_file_that_comes_to_a_jpeg_changes_the_jpegs_row(shelf: "Shelf", folder: Folder) -> None:
    (jpeg,) = shelf.found(folder, "a.jpg")
    assert shelf.found(folder, "a.cr2") == [jpeg]
    assert shelf.store.take_hidden() == ()
    assert shelf.found(folder, "a.cr2", size=20) == [jpeg]


def test_a_raw_file_is_a_photo_of_its_own_once_its_jpeg_is_gone(shelf: "Shelf", folder: Folder) -> None:
    (jpeg,) = shelf.found(folder, "a.cr2", "a.jpg")
    shelf.store.forget_photos([jpeg])
    assert shown(shelf) == {"a.cr2": ()}
    assert shelf.store.take_touched() == (file_id(shelf, folder, "a.cr2"),)


def test_a_photo_whose_raw_file_is_gone_stays(shelf: "Shelf", folder: Folder) -> None:
    (jpeg,) = shelf.found(folder, "a.cr2", "a.jpg")
    raw = folder.path / "a.cr2"
    assert shelf.store.photos_at(raw) == (jpeg,)
    shelf.store.forget_photos(shelf.store.files_at(raw))
    assert shown(shelf) == {"a.jpg": ()}
    assert shelf.store.take_touched() == (jpeg,)


def test_a_raw_file_beside_a_jpeg_is_read_but_not_scored(shelf: "Shelf", folder: Folder) -> None:
    shelf.found(folder, "a.cr2", "a.jpg")
    for row in shelf.store.to_identify(10):
        read(shelf, row.id, row.path.suffix)
    assert [row.path.name for row in shelf.store.to_score("m", 10)] == ["a.jpg"]
    assert shelf.store.rows_with_hash([".cr2"]) == []


def test_a_mark_is_given_to_all_files_and_taken_back_from_all(shelf: "Shelf", folder: Folder) -> None:
    (jpeg,) = shelf.found(folder, "a.cr2", "a.jpg")
    raw = file_id(shelf, folder, "a.cr2")
    read(shelf, jpeg, "jpeg")
    read(shelf, raw, "raw")
    assert shelf.store.decide([jpeg], Flag.REJECT, PERSON, "reject") == [jpeg]
    shelf.store.set_pairs(False)
    assert [row.flag for row in shelf.store.rows()] == [Flag.REJECT, Flag.REJECT]
    shelf.store.set_pairs(True)
    step = shelf.store.undo()
    assert step is not None and step.photo_ids == (jpeg,)
    shelf.store.set_pairs(False)
    assert [row.flag for row in shelf.store.rows()] == [Flag.NONE, Flag.NONE]


def test_a_raw_file_read_after_the_mark_has_it_too_and_undo_takes_both_back(shelf: "Shelf", folder: Folder) -> None:
    (jpeg,) = shelf.found(folder, "a.cr2", "a.jpg")
    read(shelf, jpeg, "jpeg")
    shelf.store.decide([jpeg], Flag.PICK, PERSON, "pick")
    read(shelf, file_id(shelf, folder, "a.cr2"), "raw")
    marks = "SELECT content_hash, flag FROM decision ORDER BY 1"
    assert shelf.store._db.all(marks) == [("jpeg", 1), ("raw", 1)]
    shelf.store.undo()
    assert shelf.store._db.all(marks) == []
    shelf.store.redo()
    assert shelf.store._db.all(marks) == [("jpeg", 1), ("raw", 1)]


def test_undo_takes_a_mark_back_also_from_a_file_that_is_not_beside_the_photo_any_more(
    shelf: "Shelf", folder: Folder
) -> None:
    (jpeg,) = shelf.found(folder, "a.cr2", "a.jpg")
    other = shelf.photo(folder, "b.jpg", "other")
    read(shelf, jpeg, "jpeg")
    shelf.store.decide([other], Flag.REJECT, PERSON, "reject")
    shelf.store.decide([jpeg], Flag.REJECT, PERSON, "reject")
    read(shelf, file_id(shelf, folder, "a.cr2"), "raw")
    shelf.store.set_pairs(False)
    shelf.store.undo()
    flags = {row.path.name: row.flag for row in shelf.store.rows()}
    assert flags == {"a.cr2": Flag.NONE, "a.jpg": Flag.NONE, "b.jpg": Flag.REJECT}


def test_the_mark_of_a_raw_file_is_the_photos_when_its_jpeg_comes(shelf: "Shelf", folder: Folder) -> None:
    raw = shelf.photo(folder, "a.cr2", "raw")
    shelf.store.decide([raw], Flag.PICK, PERSON, "pick")
    (jpeg,) = shelf.found(folder, "a.jpg")
    read(shelf, jpeg, "jpeg")
    assert (only(shelf).flag, only(shelf).decided_by) == (Flag.PICK, PERSON)


def test_a_persons_mark_on_the_raw_file_beats_a_rules_on_the_jpeg(shelf: "Shelf", folder: Folder) -> None:
    shelf.store.set_pairs(False)
    raw, jpeg = shelf.photo(folder, "a.cr2", "raw"), shelf.photo(folder, "a.jpg", "jpeg")
    shelf.store.decide([jpeg], Flag.REJECT, RULE, "cull")
    shelf.store.decide([raw], Flag.PICK, PERSON, "pick")
    shelf.store.set_pairs(True)
    assert (only(shelf).flag, only(shelf).decided_by) == (Flag.PICK, PERSON)


def test_marks_made_apart_stay_apart(shelf: "Shelf", folder: Folder) -> None:
    shelf.store.set_pairs(False)
    raw, jpeg = shelf.photo(folder, "a.cr2", "raw"), shelf.photo(folder, "a.jpg", "jpeg")
    shelf.store.decide([jpeg], Flag.REJECT, PERSON, "reject")
    shelf.store.decide([raw], Flag.PICK, PERSON, "pick")
    shelf.store.set_pairs(True)
    assert only(shelf).flag is Flag.REJECT
    shelf.store.set_pairs(False)
    assert {row.path.suffix: row.flag for row in shelf.store.rows()} == {".cr2": Flag.PICK, ".jpg": Flag.REJECT}


def test_pairs_are_on_until_switched_off_and_stay_so(shelf: "Shelf", folder: Folder) -> None:
    shelf.found(folder, "a.cr2", "a.jpg", "b.heic", "b.mov")
    assert shelf.store.pairs()
    shelf.store.set_pairs(False)
    store = shelf.reopen()
    assert not store.pairs()
    assert shown(shelf) == {"a.cr2": (), "a.jpg": (), "b.heic": ()}
    shelf.found(folder, "c.cr2", "c.jpg", "c.mov")
    assert {"c.cr2", "c.jpg"} <= shown(shelf).keys() and "c.mov" not in shown(shelf)
    store.set_pairs(True)
    assert store.take_hidden() == tuple(sorted(file_id(shelf, folder, name) for name in ("a.cr2", "c.cr2")))
    assert shown(shelf) == {"a.jpg": ("a.cr2",), "b.heic": ("b.mov",), "c.jpg": ("c.cr2", "c.mov")}


def test_pairs_survive_a_new_outer_folder(shelf: "Shelf") -> None:
    shelf.found(shelf.folder("/photos/may"), "a.cr2", "a.jpg")
    shelf.folder("/photos")
    assert only(shelf).files == (Path("/photos/may/a.jpg"), Path("/photos/may/a.cr2"))


def test_failed_files_of_a_photo_are_tried_again_with_it(shelf: "Shelf", folder: Folder) -> None:
    (jpeg,) = shelf.found(folder, "a.cr2", "a.jpg")
    raw = file_id(shelf, folder, "a.cr2")
    (other,) = shelf.found(folder, "b.jpg")
    for one in (jpeg, raw, other):
        shelf.store.record_failed(one, 10, 1, "damaged")
    assert shelf.store.try_again([jpeg]) == [jpeg]
    assert [row.id for row in shelf.store.to_identify(10)] == sorted([jpeg, raw])
    assert shelf.store.try_again() == [other]
    assert shelf.store.try_again() == []


_SUFFIXES = [".jpg", ".heic", ".cr2", ".dng", ".mov", ".tif"]
_STEP = st.tuples(st.sampled_from(["come", "go"]), st.sampled_from("ab"), st.sampled_from(_SUFFIXES))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(_STEP, st.just(("switch", "", ""))), max_size=20))
def test_however_files_come_and_go_what_is_shown_follows_from_what_is_there(
    make_shelf: "Callable[[str], Shelf]", steps: list[tuple[str, str, str]]
) -> None:
    shelf = make_shelf("pairs.db")
    shelf.store._db.run("DELETE FROM photo")
    shelf.store.set_pairs(True)
    folder = shelf.folder()
    there: set[str] = set()
    known: set[int] = set()
    for action, stem, suffix in steps:
        if action == "switch":
            shelf.store.set_pairs(not shelf.store.pairs())
            changed = [row.id for row in shelf.store.rows()]
        elif action == "come":
            changed = shelf.found(folder, stem + suffix)
            there.add(stem + suffix)
        else:
            changed = []
            known.difference_update(shelf.store.files_at(folder.path / (stem + suffix)))
            shelf.store.forget_photos(shelf.store.files_at(folder.path / (stem + suffix)))
            there.discard(stem + suffix)
        known = (known | {row.id for row in shelf.store.rows([*changed, *shelf.store.take_touched()])}).difference(
            shelf.store.take_hidden()
        )
        # Whoever follows what the store tells knows the same photos as the library.
        assert known == {row.id for row in shelf.store.rows()}
        expected = [
            name
            for one in "ab"
            for name, main in mains(name for name in there if name.startswith(one)).items()
            if main is None or (not shelf.store.pairs() and not name.endswith(".mov"))
        ]
        assert sorted(expected) == sorted(row.path.name for row in shelf.store.rows())
    assert shelf.store.check() == []
    shelf.store.close()
