"""What a second start and the window that is open say to each other, and what is refused."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from maclip_desktop.instance.messages import (
    MAX_BYTES,
    MAX_FOLDERS,
    MessageError,
    answer,
    folders_asked_for,
    refusal_in,
    request,
)


def line(**content: Any) -> bytes:
    return json.dumps(content).encode() + b"\n"


@pytest.mark.parametrize("names", [[], ["holiday"], ["a b", "größe", "line\nbreak"]])
def test_folders_arrive_as_they_were_sent(names: list[str], tmp_path: Path) -> None:
    folders = tuple(tmp_path / name for name in names)
    assert folders_asked_for(request(folders)) == folders


@pytest.mark.skipif(sys.platform == "win32", reason="names there are text")
def test_a_name_that_is_no_text_arrives_whole() -> None:
    folder = Path("/photos/\udce4")
    assert folders_asked_for(request([folder])) == (folder,)


def test_a_request_is_one_line(tmp_path: Path) -> None:
    assert request([tmp_path / "two\nlines"]).count(b"\n") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        b"\n",
        b"hello\n",
        b"\xff\xfe\n",
        b"[]\n",
        b"null\n",
        b"[" * 100_000 + b"\n",
        line(folders=[]),
        line(version=2, folders=[]),
        line(version=True, folders=[]),
        line(version="1", folders=[]),
        line(version=1),
        line(version=1, folders="/photos"),
        line(version=1, folders=[7]),
        line(version=1, folders=["photos"]),
        line(version=1, folders=["../photos"]),
        line(version=1, folders=["/photos\0"]),
        line(version=1, folders=["/x"] * (MAX_FOLDERS + 1)),
        line(version=1, folders=["/" + "x" * MAX_BYTES]),
    ],
)
def test_what_is_no_request_is_refused(wrong: bytes) -> None:
    with pytest.raises(MessageError):
        folders_asked_for(wrong)


def test_too_many_folders_are_refused_before_they_are_sent() -> None:
    with pytest.raises(MessageError):
        request([Path("/x")] * (MAX_FOLDERS + 1))
    with pytest.raises(MessageError):
        request([Path("/" + "x" * MAX_BYTES)])


def test_an_answer_says_yes_or_why_not() -> None:
    assert refusal_in(answer()) is None
    assert refusal_in(answer("another version")) == "another version"


@pytest.mark.parametrize("wrong", [b"yes\n", line(version=1), line(version=1, refused=""), line(version=1, refused=1)])
def test_what_is_no_answer_is_refused(wrong: bytes) -> None:
    with pytest.raises(MessageError):
        refusal_in(wrong)
