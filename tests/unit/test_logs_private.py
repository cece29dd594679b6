"""What never stands in a log: where the person's home is, and lines that somebody else has made up."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maclip_desktop.logs.private import as_entry, without_home

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a person called Ann, by way of a link."""
    real = tmp_path / "disk" / "ann"
    real.mkdir(parents=True)
    (tmp_path / "users").symlink_to(tmp_path / "disk")
    named = tmp_path / "users" / "ann"
    monkeypatch.setenv("HOME", str(named))
    monkeypatch.setenv("USERPROFILE", str(named))
    return named


@pytest.mark.parametrize("way", ["users", "disk"])
@pytest.mark.parametrize("around", ["{} is full", "in {}/photos/a.jpg", "'{}'", "({}), {}.", "file://{}/x", "{}"])
def test_the_home_is_not_named(home: Path, way: str, around: str) -> None:
    text = around.replace("{}", str(home.parents[1] / way / "ann"))
    assert without_home(text) == around.replace("{}", "~")


@pytest.mark.parametrize("other", ["{}a/x", "{}-old", "{}.old/x", "/backup{}/x"])
def test_another_folder_keeps_its_name(home: Path, other: str) -> None:
    text = other.replace("{}", str(home))
    assert without_home(text) == text


@posix_only
@pytest.mark.parametrize("odd", ["/", "", "relative"])
def test_a_home_that_is_none_changes_nothing(monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    monkeypatch.setenv("HOME", odd)
    assert without_home("/etc/x relative") == "/etc/x relative"


def test_further_lines_are_indented_and_controls_are_written_out() -> None:
    assert as_entry("one\n2026 ERROR two\x1b[31m\r\x00") == "one\n    2026 ERROR two\\x1b[31m\\x0d\\x00"


@given(st.text(st.characters(), max_size=200))
def test_whatever_a_file_is_called_the_entry_is_text_and_one_entry(text: str) -> None:
    entry = as_entry(text)
    entry.encode("utf-8")
    assert all(line.startswith("    ") for line in entry.split("\n")[1:])
