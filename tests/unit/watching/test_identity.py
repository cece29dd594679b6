"""What a folder was when it was last looked through."""

from pathlib import Path

from maclip_desktop.watching.identity import KnownPlace, identity_of


def test_a_folder_keeps_its_identity_and_one_made_anew_at_its_place_has_another(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    before = identity_of(folder)
    (folder / "a.jpg").touch()
    assert before is not None
    assert identity_of(folder) == before
    folder.rename(tmp_path / "away")
    folder.mkdir()
    assert identity_of(folder) != before


def test_what_is_not_there_has_none(tmp_path: Path) -> None:
    assert identity_of(tmp_path / "gone") is None


def test_it_is_read_as_it_was_written() -> None:
    place = KnownPlace("7:12", frozenset({"card", "deep/disk one"}))
    assert KnownPlace.read(place.written()) == place


def test_a_folder_never_looked_through_has_no_place() -> None:
    assert KnownPlace.read(None) is None


def test_names_of_drives_that_cannot_be_kept_are_left_out() -> None:
    place = KnownPlace("7:12", frozenset({"two\nlines", "no\udce9text", "card"}))
    assert KnownPlace.read(place.written()) == KnownPlace("7:12", frozenset({"card"}))
