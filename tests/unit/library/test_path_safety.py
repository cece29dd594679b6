"""A library file may come from anywhere: no name in it leads the program outside its folders."""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maclip_desktop.library.names import is_inside

if TYPE_CHECKING:
    from tests.unit.library.conftest import Shelf


@pytest.mark.parametrize(
    "name", ["a.jpg", "may/a.jpg", "..a.jpg", "a..jpg", "may../a.jpg", ".hidden/a.jpg", "12:30.jpg", b"caf\xe9.jpg"]
)
def test_names_that_stay_inside(name: str | bytes) -> None:
    assert is_inside(name)


@pytest.mark.parametrize(
    "name",
    ["..", "../a.jpg", "may/../../a.jpg", "may/..", "/a.jpg", "//host/a.jpg", "", ".", "a\0.jpg", b"../\xe9", None],
)
def test_names_that_lead_outside(name: object) -> None:
    assert not is_inside(name)


@pytest.mark.parametrize("name", ["C:/a.jpg", "C:a.jpg", "\\\\host\\share\\a.jpg", "may\\..\\..\\a.jpg", "\\a.jpg"])
def test_names_that_lead_outside_on_windows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_inside(name)
    monkeypatch.setattr(os, "name", "nt")
    assert not is_inside(name)
    assert is_inside("may/a.jpg")


@pytest.mark.parametrize("name", ["../../etc/a.jpg", "/etc/a.jpg", b"../caf\xe9.jpg"])
def test_a_photo_outside_its_folder_is_left_out_with_a_warning(
    shelf: "Shelf", name: str | bytes, caplog: pytest.LogCaptureFixture
) -> None:
    folder = shelf.folder("/photos")
    bad, good = shelf.photo(folder, "bad.jpg", "same"), shelf.photo(folder, "good.jpg", "same")
    (unread,) = shelf.found(folder, "unread.jpg")
    shelf.store._db.run("UPDATE photo SET relative_path = ? WHERE id = ?", (name, bad))
    with caplog.at_level(logging.WARNING):
        assert [row.id for row in shelf.store.rows()] == [good, unread]
    assert f"Photo {bad} of the library {shelf.path} leads outside its folder and is left out." in caplog.messages
    assert list(shelf.store.rows([bad])) == shelf.store.to_score("m", 1) == []
    assert [row.id for row in shelf.store.rows_with_hash(["same"])] == [good]
    assert [details.copies_at for details in shelf.store.details([good])] == [()]
    assert sorted(shelf.store.known_files(folder.id)) == ["good.jpg", "unread.jpg"]
    assert [one.row.id for one in shelf.store.listed()] == [good, unread]


def test_a_photo_that_is_left_out_stays_so_when_its_folder_moves(shelf: "Shelf") -> None:
    folder = shelf.folder("/photos")
    shelf.found(folder, "bad.jpg", "good.jpg")
    shelf.store._db.run("UPDATE photo SET relative_path = '../bad.jpg' WHERE relative_path = 'bad.jpg'")
    shelf.folder("/")
    shelf.store.relocate(Path("/photos"), Path("/new"))
    assert shelf.names() == ["/new/good.jpg"]


def test_files_beside_a_photo_that_lead_outside_are_left_out(shelf: "Shelf") -> None:
    folder = shelf.folder("/photos")
    shelf.found(folder, "a.jpg", "a.cr2")
    shelf.store._db.run("UPDATE photo SET relative_path = '../a.cr2' WHERE relative_path = 'a.cr2'")
    assert [row.beside for row in shelf.store.rows()] == [()]
