"""A directory that somebody moved: photos keep everything, and nothing is read again."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.patterns import Patterns
from maclip_desktop.core.photo import FoundFile
from maclip_desktop.errors import LibraryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.library.conftest import Shelf


def places(shelf: "Shelf") -> dict[str, str]:
    """Each folder with the names of its files."""
    return {str(one.path): ", ".join(sorted(shelf.store.known_files(one.id))) for one in shelf.store.folders()}


def test_a_folder_moves_with_all_that_is_known_of_its_photos(shelf: "Shelf") -> None:
    folder = shelf.folder("/old/photos")
    photo_id = shelf.photo(folder, "may/a.jpg", "content")
    shelf.store.decide([photo_id], Flag.PICK, Decider.PERSON, "pick")
    assert shelf.store.relocate(Path("/old/photos"), Path("/new")) == 1
    (row,) = shelf.reopen().rows()
    assert (row.id, row.path, row.flag) == (photo_id, Path("/new/may/a.jpg"), Flag.PICK)
    assert shelf.store.folders()[0].id == folder.id
    assert shelf.store.to_identify(10) == []
    assert shelf.store.record_found(shelf.store.folders()[0], [FoundFile(row.path, 10, 1)]) == []


def test_the_rows_of_moved_photos_are_told(shelf: "Shelf") -> None:
    (photo_id,) = shelf.found(shelf.folder("/old"), "a.jpg")
    shelf.found(shelf.folder("/other"), "b.jpg")
    shelf.store.relocate(Path("/old"), Path("/new"))
    assert shelf.store.take_touched() == (photo_id,)


def test_what_told_the_folder_from_another_is_forgotten_and_its_options_stay(shelf: "Shelf") -> None:
    folder = shelf.folder("/old", recursive=False)
    patterns = Patterns(include=("*.jpg",))
    shelf.store.set_folder_options(folder.id, recursive=False, patterns=patterns)
    shelf.store.set_folder_identity(folder.id, "drive 7")
    shelf.store.relocate(Path("/old"), Path("/new"))
    (moved,) = shelf.store.folders()
    assert (moved.identity, moved.patterns, moved.recursive) == (None, patterns, False)


@pytest.mark.parametrize(("old", "new"), [("/old", "/new"), ("/old", "/"), ("/old/x", "/old/y"), ("/old", "/x/old")])
def test_the_reason_why_a_photo_could_not_be_read_names_it_where_it_lies(shelf: "Shelf", old: str, new: str) -> None:
    folder = shelf.folder("/old")
    (photo_id, other) = shelf.found(folder, "x/old/a.jpg", "b.jpg")
    shelf.store.record_failed(photo_id, 10, 1, "/old/x/old/a.jpg is damaged; /old/x/old/a.jpg may be copied again.")
    shelf.store.record_failed(other, 10, 1, "no reason with a path")
    shelf.store.relocate(Path(old), Path(new))
    moved, left = shelf.store.rows([photo_id, other])
    assert moved.error == f"{moved.path} is damaged; {moved.path} may be copied again."
    assert left.error == "no reason with a path"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are always text there")
def test_a_reason_with_a_name_that_is_no_text_follows_too(shelf: "Shelf") -> None:
    (photo_id,) = shelf.found(shelf.folder("/old"), "\udcff.jpg")
    shelf.store.record_failed(photo_id, 10, 1, r"/old/\udcff.jpg is damaged.")
    shelf.store.relocate(Path("/old"), Path("/new"))
    (row,) = shelf.store.rows([photo_id])
    assert row.error == r"/new/\udcff.jpg is damaged."


def test_a_directory_around_folders_moves_all_of_them(shelf: "Shelf") -> None:
    shelf.found(shelf.folder("/mnt/a/x"), "1.jpg")
    shelf.found(shelf.folder("/mnt/a/y"), "2.jpg", "2.cr2")
    shelf.found(shelf.folder("/mnt/b"), "3.jpg")
    assert shelf.store.relocate(Path("/mnt/a"), Path("/media/disk")) == 2
    assert places(shelf) == {"/media/disk/x": "1.jpg", "/media/disk/y": "2.cr2, 2.jpg", "/mnt/b": "3.jpg"}


def test_a_directory_inside_a_folder_moves_within_it(shelf: "Shelf") -> None:
    folder = shelf.folder("/photos")
    shelf.found(folder, "may/a.jpg", "may/deep/b.jpg", "maybe/c.jpg", "may.jpg")
    assert shelf.store.relocate(Path("/photos/may"), Path("/photos/2024/may")) == 2
    assert places(shelf) == {"/photos": "2024/may/a.jpg, 2024/may/deep/b.jpg, may.jpg, maybe/c.jpg"}


def test_a_directory_that_left_its_folder_becomes_one_like_it(shelf: "Shelf") -> None:
    folder = shelf.folder("/photos", watched=False)
    patterns = Patterns(exclude=("private",))
    shelf.store.set_folder_options(folder.id, recursive=True, patterns=patterns)
    shelf.found(folder, "may/a.jpg", "b.jpg")
    assert shelf.store.relocate(Path("/photos/may"), Path("/archive/may")) == 1
    assert places(shelf) == {"/photos": "b.jpg", "/archive/may": "a.jpg"}
    made = shelf.store.folders()[1]
    assert (made.watched, made.recursive, made.patterns) == (False, True, patterns)


def test_a_directory_that_came_into_another_folder_belongs_to_that(shelf: "Shelf") -> None:
    shelf.found(shelf.folder("/photos"), "may/a.jpg")
    shelf.folder("/archive")
    shelf.store.relocate(Path("/photos/may"), Path("/archive/may"))
    assert places(shelf) == {"/photos": "", "/archive": "may/a.jpg"}


def test_a_folder_that_came_into_another_one_is_taken_up_by_it(shelf: "Shelf") -> None:
    shelf.found(shelf.folder("/card"), "a.jpg")
    shelf.found(shelf.folder("/archive"), "b.jpg")
    shelf.store.relocate(Path("/card"), Path("/archive/card"))
    assert places(shelf) == {"/archive": "b.jpg, card/a.jpg"}


def test_a_folder_that_came_around_another_one_takes_it_up(shelf: "Shelf") -> None:
    shelf.found(shelf.folder("/card"), "a.jpg")
    shelf.found(shelf.folder("/archive/may"), "b.jpg")
    shelf.store.relocate(Path("/card"), Path("/archive"))
    assert places(shelf) == {"/archive": "a.jpg, may/b.jpg"}


def test_what_is_known_at_the_new_place_already_stays_as_it_is(shelf: "Shelf") -> None:
    old, new = shelf.folder("/old"), shelf.folder("/new")
    shelf.photo(old, "a.jpg", "old")
    moved = shelf.photo(old, "b.jpg", "b")
    there = shelf.photo(new, "a.jpg", "new")
    assert shelf.store.relocate(Path("/old"), Path("/new")) == 2
    assert places(shelf) == {"/new": "a.jpg, b.jpg"}
    assert {row.id: row.content_hash for row in shelf.store.rows()} == {there: "new", moved: "b"}


def test_a_directory_can_move_up_over_its_own_name(shelf: "Shelf") -> None:
    folder = shelf.folder("/photos")
    shelf.found(folder, "may/may/a.jpg", "may/a.jpg", "may/b.jpg")
    shelf.store.relocate(Path("/photos/may"), Path("/photos"))
    assert places(shelf) == {"/photos": "a.jpg, b.jpg, may/a.jpg"}


def test_folders_can_move_up_over_their_own_names(shelf: "Shelf") -> None:
    shelf.found(shelf.folder("/a/b", recursive=False), "1.jpg")
    shelf.found(shelf.folder("/a/b/b", recursive=False), "2.jpg")
    shelf.store.relocate(Path("/a/b"), Path("/a"))
    assert places(shelf) == {"/a": "1.jpg", "/a/b": "2.jpg"}


def test_pairs_that_come_together_by_a_move_are_one_photo(shelf: "Shelf") -> None:
    folder = shelf.folder("/photos")
    shelf.found(folder, "raw/a.cr2", "jpeg/a.jpg")
    shelf.store.relocate(Path("/photos/raw"), Path("/photos/jpeg"))
    (row,) = shelf.store.rows()
    assert row.beside == ("a.cr2",)
    assert len(shelf.store.take_hidden()) == 1


def test_a_new_place_with_nothing_to_move_changes_nothing(shelf: "Shelf") -> None:
    shelf.found(shelf.folder("/photos"), "a.jpg")
    assert shelf.store.relocate(Path("/photos"), Path("/photos")) == 0
    assert places(shelf) == {"/photos": "a.jpg"}


@pytest.mark.parametrize("old", ["/elsewhere", "/phot", "/photos/ma", "/photos/a.jpg"])
def test_what_the_library_does_not_know_is_told(shelf: "Shelf", old: str) -> None:
    shelf.found(shelf.folder("/photos"), "a.jpg", "may/b.jpg")
    with pytest.raises(LibraryError, match=rf"has nothing in {old}; name a folder"):
        shelf.store.relocate(Path(old), Path("/new"))
    assert places(shelf) == {"/photos": "a.jpg, may/b.jpg"}


def test_a_place_inside_the_old_one_is_refused(shelf: "Shelf") -> None:
    shelf.found(shelf.folder("/photos"), "a.jpg")
    with pytest.raises(LibraryError, match="lies inside /photos"):
        shelf.store.relocate(Path("/photos"), Path("/photos/may"))


def test_a_change_of_case_is_a_move(shelf: "Shelf") -> None:
    shelf.found(shelf.folder("/Photos"), "a.jpg")
    assert shelf.store.relocate(Path("/Photos"), Path("/photos")) == 1
    assert places(shelf) == {"/photos": "a.jpg"}


def test_a_name_in_the_other_form_of_its_letters_is_found(shelf: "Shelf") -> None:
    shelf.found(shelf.folder("/Caf\u00e9/x"), "a.jpg")
    assert shelf.store.relocate(Path("/Cafe\u0301"), Path("/new")) == 1
    assert places(shelf) == {"/new/x": "a.jpg"}


def test_on_a_mac_case_is_no_matter_and_names_are_composed(shelf: "Shelf", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    shelf.found(shelf.folder("/Volumes/Disk"), "a.jpg")
    assert shelf.store.relocate(Path("/volumes/disk"), Path("/Volumes/Cafe\u0301")) == 1
    assert places(shelf) == {"/Volumes/Caf\u00e9": "a.jpg"}
    assert shelf.store.relocate(Path("/Volumes/Caf\u00e9"), Path("/Volumes/CAF\u00c9")) == 1


def test_an_interrupted_move_leaves_everything_in_its_place(shelf: "Shelf", monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.found(shelf.folder("/old"), "a.jpg")
    shelf.found(shelf.folder("/old2"), "may/b.jpg")

    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(shelf.store), "_settle_moved", power_cut)
    with pytest.raises(KeyboardInterrupt):
        shelf.store.relocate(Path("/old"), Path("/new"))
    assert places(shelf) == {"/old": "a.jpg", "/old2": "may/b.jpg"}


_PLACES = ["/p", "/p/a", "/p/a/a", "/p/b", "/q", "/q/a"]
_ADDED = st.tuples(st.sampled_from(_PLACES), st.booleans(), st.booleans())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    added=st.lists(_ADDED, min_size=1, max_size=4), old=st.sampled_from(_PLACES), new=st.sampled_from([*_PLACES, "/r"])
)
def test_wherever_photos_move_each_has_one_row_in_its_innermost_folder(
    make_shelf: "Callable[[str], Shelf]", added: list[tuple[str, bool, bool]], old: str, new: str
) -> None:
    shelf = make_shelf("moved.db")
    for folder in shelf.store.folders():
        shelf.store.remove_folder(folder.id)
    for path, watched, recursive in added:
        shelf.folder(path, watched=watched, recursive=recursive)
    for place in map(Path, _PLACES):
        home = shelf.store.folder_for(place / "x.jpg")
        if home:
            shelf.found(home, str((place / "x.jpg").relative_to(home.path)))
    before = {row.path for row in shelf.store.rows()}
    expected = {Path(new) / path.relative_to(old) if path.is_relative_to(old) else path for path in before}
    try:
        shelf.store.relocate(Path(old), Path(new))
    except LibraryError:
        expected = before
    rows = list(shelf.store.rows())
    assert {row.path for row in rows} == expected
    assert len(rows) == len(expected)
    assert all(home and home.id == row.folder_id for row in rows for home in [shelf.store.folder_for(row.path)])
    assert shelf.store.check() == []
    shelf.store.close()
