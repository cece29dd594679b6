"""A write that cannot be done is told in one sentence, and leaves the library as it was."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.patterns import Patterns
from maclip_desktop.core.photo import FoundFile
from maclip_desktop.core.score import Score
from maclip_desktop.errors import LibraryError
from maclip_desktop.library.store import Store

if TYPE_CHECKING:
    from tests.unit.library.conftest import Shelf

LONG = "x" * 300_000

Write = Callable[[Store], object]


def _find(store: Store) -> None:
    folder = store.folders()[0]
    store.record_found(folder, [FoundFile(folder.path / f"{n}-{'y' * 200}.jpg", 1, 1) for n in range(2000)])


WRITES: dict[str, Write] = {
    "record_found": _find,
    "record_identified": lambda store: store.record_identified(4, 10, 1, LONG, None),
    "record_failed": lambda store: store.record_failed(4, 10, 1, LONG),
    "save_scores": lambda store: store.save_scores([("new", Score(0.5, "technical", "m", embedding=LONG.encode()))]),
    "decide": lambda store: store.decide([1], Flag.REJECT, Decider.PERSON, LONG),
    "add_folder": lambda store: store.add_folder(Path(f"/{LONG}"), watched=True),
    "set_folder_options": lambda store: store.set_folder_options(1, recursive=True, patterns=Patterns((LONG,))),
    "set_folder_identity": lambda store: store.set_folder_identity(1, LONG),
    "relocate": lambda store: store.relocate(Path("/photos"), Path(f"/{LONG}")),
    "set_current_model": lambda store: store.set_current_model(LONG),
}
"""Each needs more room than the file has."""

SMALL_WRITES: dict[str, Write] = {
    "forget_photos": lambda store: store.forget_photos([1, 4]),
    "remove_folder": lambda store: store.remove_folder(1),
    "set_pairs": lambda store: store.set_pairs(False),
    "try_again": lambda store: store.try_again(),
    "undo": lambda store: store.undo(),
}


@pytest.fixture
def filled(shelf: "Shelf") -> "Shelf":
    """Photos 1 (with a RAW file), 3 (failed) and 4 (not read), and a mark."""
    folder = shelf.folder()
    shelf.found(folder, "a.jpg", "a.cr2", "b.jpg", "c.jpg")
    shelf.store.record_identified(1, 10, 1, "content", None)
    shelf.store.decide([1], Flag.PICK, Decider.PERSON, "pick")
    shelf.store.record_failed(3, 10, 1, "damaged")
    return shelf


def content_of(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("name", WRITES)
def test_a_full_drive(filled: "Shelf", name: str) -> None:
    before = content_of(filled.path)
    pages = filled.store._db.one("PRAGMA page_count")
    assert pages is not None
    filled.store._db.run(f"PRAGMA max_page_count = {pages[0]}")
    with pytest.raises(LibraryError, match="cannot grow because its drive is full"):
        WRITES[name](filled.store)
    assert content_of(filled.path) == before
    assert filled.store.check() == []
    filled.store._db.run("PRAGMA max_page_count = 1000000")
    WRITES[name](filled.store)
    assert content_of(filled.path) != before


@pytest.mark.parametrize("name", [*WRITES, *SMALL_WRITES])
def test_a_locked_library(filled: "Shelf", name: str) -> None:
    write = (WRITES | SMALL_WRITES)[name]
    before = content_of(filled.path)
    with closing(sqlite3.connect(filled.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryError, match="in use by another program"):
            write(filled.store)
    assert content_of(filled.path) == before
    write(filled.store)
    assert content_of(filled.path) != before


@pytest.mark.parametrize("name", [*WRITES, *SMALL_WRITES])
def test_a_file_that_became_read_only(filled: "Shelf", name: str) -> None:
    before = content_of(filled.path)
    filled.store._db.run("PRAGMA query_only = ON")
    with pytest.raises(LibraryError, match="cannot be written to"):
        (WRITES | SMALL_WRITES)[name](filled.store)
    assert content_of(filled.path) == before
