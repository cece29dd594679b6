"""Folders within folders: every file has one row, and it is in the right folder."""

from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maclip_desktop.core.photo import Folder, FoundFile
from maclip_desktop.library.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.library.conftest import Shelf


def paths_of(store: Store, folder: Folder) -> set[str]:
    return set(store.known_files(folder.id))


def test_a_folder_is_kept_with_its_ways(shelf: "Shelf") -> None:
    folder = shelf.folder("/photos", watched=False, recursive=False)
    assert shelf.reopen().folders() == [folder]
    assert folder == Folder(folder.id, Path("/photos"), watched=False, recursive=False)


def test_adding_a_folder_again_gives_the_same_folder(shelf: "Shelf") -> None:
    assert shelf.folder("/photos") == shelf.folder("/photos")
    assert len(shelf.store.folders()) == 1


def test_a_watched_folder_stays_watched_when_the_command_line_scores_it(shelf: "Shelf") -> None:
    shelf.folder("/photos", watched=True)
    assert shelf.folder("/photos", watched=False).watched


def test_an_unwatched_folder_becomes_watched_when_asked_for(shelf: "Shelf") -> None:
    unwatched = shelf.folder("/photos", watched=False)
    watched = shelf.folder("/photos", watched=True)
    assert watched.watched and watched.id == unwatched.id
    assert shelf.store.folders() == [watched]


def test_a_folder_once_recursive_stays_so(shelf: "Shelf") -> None:
    shelf.folder("/photos", recursive=False)
    assert shelf.folder("/photos", recursive=True).recursive
    assert shelf.folder("/photos", recursive=False).recursive


def test_a_folder_inside_a_recursive_one_is_that_one(shelf: "Shelf") -> None:
    outer = shelf.folder("/photos")
    assert shelf.folder("/photos/2024/may") == outer
    assert shelf.store.folders() == [outer]


def test_a_folder_inside_one_that_is_not_recursive_is_its_own(shelf: "Shelf") -> None:
    shelf.folder("/photos", recursive=False)
    assert shelf.folder("/photos/2024").path == Path("/photos/2024")


def test_a_folder_whose_name_only_begins_alike_is_its_own(shelf: "Shelf") -> None:
    shelf.folder("/photos")
    assert shelf.folder("/photos-old").path == Path("/photos-old")


def test_a_new_outer_folder_takes_up_the_inner_ones_with_their_photos(shelf: "Shelf") -> None:
    may = shelf.folder("/photos/may")
    june = shelf.folder("/photos/june", watched=False)
    photo_id = shelf.photo(may, "a.jpg", "content-a")
    shelf.found(june, "deep/b.jpg")
    outer = shelf.folder("/photos")
    assert shelf.store.folders() == [outer]
    assert paths_of(shelf.store, outer) == {"may/a.jpg", "june/deep/b.jpg"}
    (row,) = shelf.store.rows([photo_id])
    assert row.path == Path("/photos/may/a.jpg") and row.content_hash == "content-a"


def test_a_folder_that_becomes_recursive_takes_up_the_inner_ones(shelf: "Shelf") -> None:
    shelf.folder("/photos", recursive=False)
    shelf.found(shelf.folder("/photos/may"), "a.jpg")
    outer = shelf.folder("/photos", recursive=True)
    assert shelf.store.folders() == [outer]
    assert paths_of(shelf.store, outer) == {"may/a.jpg"}


def test_an_unwatched_outer_folder_leaves_a_watched_inner_one_alone(shelf: "Shelf") -> None:
    may = shelf.folder("/photos/may")
    shelf.found(may, "a.jpg")
    outer = shelf.folder("/photos", watched=False)
    assert shelf.store.folders() == [may, outer]
    assert paths_of(shelf.store, may) == {"a.jpg"}


def test_watching_part_of_an_unwatched_folder_splits_it(shelf: "Shelf") -> None:
    outer = shelf.folder("/photos", watched=False)
    shelf.found(outer, "top.jpg", "may/a.jpg", "may/deep/b.jpg", "maybe/c.jpg")
    may = shelf.folder("/photos/may", watched=True)
    assert paths_of(shelf.store, may) == {"a.jpg", "deep/b.jpg"}
    assert paths_of(shelf.store, outer) == {"top.jpg", "maybe/c.jpg"}


def test_watching_one_directory_of_an_unwatched_folder_takes_only_its_own_files(shelf: "Shelf") -> None:
    outer = shelf.folder("/photos", watched=False)
    shelf.found(outer, "may/a.jpg", "may/deep/b.jpg")
    may = shelf.folder("/photos/may", watched=True, recursive=False)
    assert paths_of(shelf.store, may) == {"a.jpg"}
    assert paths_of(shelf.store, outer) == {"may/deep/b.jpg"}


def test_walking_the_outer_folder_again_makes_no_twins(shelf: "Shelf") -> None:
    outer = shelf.folder("/photos", watched=False)
    shelf.found(outer, "top.jpg", "may/a.jpg")
    shelf.folder("/photos/may", watched=True)
    assert shelf.found(outer, "top.jpg", "may/a.jpg", "may/new.jpg") == []
    assert shelf.names() == ["/photos/may/a.jpg", "/photos/top.jpg"]


def test_watching_the_outer_folder_joins_what_was_split(shelf: "Shelf") -> None:
    outer = shelf.folder("/photos", watched=False)
    shelf.found(outer, "top.jpg", "may/a.jpg")
    shelf.folder("/photos/may", watched=True)
    whole = shelf.folder("/photos", watched=True)
    assert shelf.store.folders() == [whole]
    assert paths_of(shelf.store, whole) == {"top.jpg", "may/a.jpg"}


def test_folder_for_is_the_innermost(shelf: "Shelf") -> None:
    outer = shelf.folder("/photos", watched=False)
    may = shelf.folder("/photos/may", recursive=False)
    assert shelf.store.folder_for(Path("/photos/may/a.jpg")) == may
    assert shelf.store.folder_for(Path("/photos/may")) == may
    assert shelf.store.folder_for(Path("/photos/may/deep/a.jpg")) == outer
    assert shelf.store.folder_for(Path("/photos/a.jpg")) == outer
    assert shelf.store.folder_for(Path("/elsewhere/a.jpg")) is None


def test_counts_show_empty_folders_too(shelf: "Shelf") -> None:
    full, empty = shelf.folder("/full"), shelf.folder("/empty")
    shelf.found(full, "a.jpg", "b.jpg")
    assert shelf.store.counts() == {full.id: 2, empty.id: 0}


def test_removing_a_folder_takes_its_photos_and_no_others(shelf: "Shelf") -> None:
    shelf.found(shelf.folder("/gone"), "a.jpg")
    shelf.found(shelf.folder("/kept"), "b.jpg")
    shelf.store.remove_folder(shelf.store.folders()[0].id)
    assert shelf.names() == ["/kept/b.jpg"]


def test_files_of_a_folder_removed_meanwhile_are_left_out(shelf: "Shelf") -> None:
    folder = shelf.folder("/photos")
    shelf.store.remove_folder(folder.id)
    other = shelf.folder("/other")
    assert other.id != folder.id
    assert shelf.found(folder, "a.jpg") == []
    assert shelf.names() == []


def test_the_root_of_a_drive_can_be_a_folder(shelf: "Shelf") -> None:
    shelf.found(shelf.folder("/"), "a.jpg", "deep/b.jpg")
    assert shelf.names() == ["/a.jpg", "/deep/b.jpg"]


def test_a_folder_name_that_is_no_text_survives(shelf: "Shelf") -> None:
    path = Path("/photos/caf\udce9")
    folder = shelf.store.add_folder(path, watched=True)
    shelf.found(folder, "a.jpg")
    store = shelf.reopen()
    assert store.folders()[0].path == path
    assert store.add_folder(path, watched=True).id == folder.id
    assert [row.path for row in store.rows()] == [path / "a.jpg"]


_PLACES = ["/p", "/p/a", "/p/a/b", "/p/c", "/q"]
_ADDED = st.tuples(st.sampled_from(_PLACES), st.booleans(), st.booleans())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(added=st.lists(_ADDED, min_size=1, max_size=6))
def test_however_folders_are_added_each_file_has_one_row_in_its_innermost_folder(
    make_shelf: "Callable[[str], Shelf]", added: list[tuple[str, bool, bool]]
) -> None:
    shelf = make_shelf("nested.db")
    for folder in shelf.store.folders():
        shelf.store.remove_folder(folder.id)
    for path, watched, recursive in added:
        shelf.folder(path, watched=watched, recursive=recursive)
        for folder in shelf.store.folders():
            inside = [place for place in map(Path, _PLACES) if place.is_relative_to(folder.path)]
            taken = inside if folder.recursive else [folder.path]
            shelf.store.record_found(folder, [FoundFile(place / "x.jpg", 1, 1) for place in taken])
    names = shelf.names()
    homes = {row.path: row.folder_id for row in shelf.store.rows()}
    expected = {path: home.id for path in homes if (home := shelf.store.folder_for(path))}
    shelf.store.close()
    assert len(names) == len(set(names))
    assert homes == expected
