"""Which files of a folder are taken, and what tells it from another one at its place."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maclip_desktop.core.patterns import USUAL, Patterns
from maclip_desktop.errors import LibraryError

if TYPE_CHECKING:
    from tests.unit.library.conftest import Shelf


def test_a_new_folder_has_the_usual_patterns_and_no_identity(shelf: "Shelf") -> None:
    folder = shelf.folder()
    assert (folder.patterns, folder.identity) == (USUAL, None)
    assert shelf.store._db.all("SELECT include, exclude FROM folder") == [(None, None)]


@pytest.mark.parametrize("patterns", [Patterns(("*.jpg",), ()), Patterns(exclude=("été", 'quote"')), USUAL])
def test_options_are_kept(shelf: "Shelf", patterns: Patterns) -> None:
    folder = shelf.folder()
    changed = shelf.store.set_folder_options(folder.id, recursive=False, patterns=patterns)
    assert (changed.recursive, changed.patterns) == (False, patterns)
    assert shelf.reopen().folders() == [changed]


def test_what_is_usual_again_follows_what_will_be_usual(shelf: "Shelf") -> None:
    folder = shelf.folder()
    shelf.store.set_folder_options(folder.id, recursive=True, patterns=Patterns(("*.jpg",), ()))
    shelf.store.set_folder_options(folder.id, recursive=True, patterns=USUAL)
    assert shelf.store._db.all("SELECT include, exclude FROM folder") == [(None, None)]


def test_options_of_a_folder_that_is_gone_are_refused(shelf: "Shelf") -> None:
    with pytest.raises(LibraryError, match="no longer in the library"):
        shelf.store.set_folder_options(7, recursive=True, patterns=USUAL)


def test_adding_a_folder_again_leaves_its_options(shelf: "Shelf") -> None:
    folder = shelf.folder(watched=False)
    patterns = Patterns(("*.jpg",))
    shelf.store.set_folder_options(folder.id, recursive=True, patterns=patterns)
    shelf.store.set_folder_identity(folder.id, "drive 7")
    again = shelf.folder(watched=True)
    assert (again.patterns, again.identity, again.watched) == (patterns, "drive 7", True)


def test_a_folder_made_recursive_takes_up_those_inside(shelf: "Shelf") -> None:
    folder = shelf.folder("/photos", recursive=False)
    shelf.found(shelf.folder("/photos/may"), "a.jpg")
    shelf.store.set_folder_options(folder.id, recursive=True, patterns=USUAL)
    assert [one.path for one in shelf.store.folders()] == [Path("/photos")]
    assert list(shelf.store.known_files(folder.id)) == ["may/a.jpg"]


def test_a_directory_that_the_patterns_leave_out_is_a_folder_of_its_own(shelf: "Shelf") -> None:
    shelf.folder("/photos")
    hidden = shelf.folder("/photos/.hidden")
    assert hidden.path == Path("/photos/.hidden")
    shelf.found(hidden, "a.jpg")
    shelf.folder("/photos", watched=True)
    assert shelf.names() == ["/photos/.hidden/a.jpg"]
    assert len(shelf.store.folders()) == 2


def test_a_new_outer_folder_leaves_alone_what_its_patterns_leave_out(shelf: "Shelf") -> None:
    shelf.folder("/photos/.hidden/deep")
    shelf.folder("/photos")
    assert [str(one.path) for one in shelf.store.folders()] == ["/photos/.hidden/deep", "/photos"]
