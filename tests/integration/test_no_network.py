"""The program calls nobody. Weights are downloaded where a person asks for them, and nothing else ever is."""

from pathlib import Path

import pytest

from tests.helpers.overseen import Overseer, Seen
from tests.helpers.pictures import write_photos

PHOTOS = 4


@pytest.fixture
def overseer(tmp_path: Path) -> Overseer:
    """With four photos in its folder."""
    folder = tmp_path / "photos"
    write_photos(folder, PHOTOS)
    return Overseer(tmp_path, folder)


def test_the_overseer_sees_a_call(overseer: Overseer) -> None:
    """Or the tests below could not fail."""
    code = """
import contextlib, socket, urllib.request
with contextlib.suppress(OSError):
    urllib.request.urlopen("http://127.0.0.1:9/", timeout=1)
"""
    seen = overseer.run_python(code).events
    assert {"urllib.Request", "http.client.connect", "socket.connect"} <= {event.split()[0] for event in seen}


def test_the_overseer_sees_a_call_of_a_child(overseer: Overseer) -> None:
    child = "import socket; socket.getaddrinfo('localhost', 80)"
    seen = overseer.run_python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])")
    assert "socket.getaddrinfo" in seen.events[0]


def quiet(seen: Seen) -> None:
    assert (seen.code, seen.events) == (0, ()), seen.err


def test_commands_call_nobody(overseer: Overseer, tmp_path: Path) -> None:
    quiet(overseer.run("score", overseer.folder, "--json", "-"))
    quiet(overseer.run("cull", "--bottom", "50%"))
    quiet(overseer.run("export", "--out", tmp_path / "list.csv"))
    quiet(overseer.run("weights", "status"))
    for action in (["check"], ["stats"], ["backup", tmp_path / "backup.db"]):
        quiet(overseer.run("library", *action))


def test_the_window_calls_nobody(overseer: Overseer) -> None:
    quiet(overseer.run_window(PHOTOS, overseer.folder))
