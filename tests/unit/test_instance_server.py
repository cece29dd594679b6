"""The ear of the window that is open: real sockets, the client in a thread as another start would be."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from maclip_desktop.instance.client import ask
from maclip_desktop.instance.messages import MAX_BYTES, refusal_in, request
from maclip_desktop.instance.server import MAX_TALKS, WindowServer

PATIENCE_S = 20.0


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / "ear") if sys.platform != "win32" else f"maclip-test-{tmp_path.name}"


@pytest.fixture
def server(qtbot: QtBot, address: str) -> Iterator[WindowServer]:
    server = WindowServer(address)
    assert server.listening
    yield server
    server.close()


Say = Callable[[bytes], "bytes | None"]


@pytest.fixture
def say(qtbot: QtBot, address: str) -> Say:
    """Says something to the server, whose event loop runs meanwhile, and returns the answer."""

    def speak(message: bytes) -> bytes | None:
        answers: list[bytes | None] = []
        thread = threading.Thread(target=lambda: answers.append(ask(address, message, PATIENCE_S)))
        thread.start()
        qtbot.waitUntil(lambda: bool(answers), timeout=round(1000 * PATIENCE_S))
        thread.join()
        return answers[0]

    return speak


@pytest.fixture
def asked(server: WindowServer) -> list[tuple[Path, ...]]:
    """What the window was asked for."""
    asked: list[tuple[Path, ...]] = []
    server.asked.connect(asked.append)
    return asked


def test_folders_are_handed_over_and_that_is_said(asked: list[tuple[Path, ...]], say: Say, tmp_path: Path) -> None:
    answer = say(request([tmp_path, tmp_path / "größe"]))
    assert answer is not None and refusal_in(answer) is None
    assert asked == [(tmp_path, tmp_path / "größe")]


def test_a_start_without_folders_asks_for_the_window_alone(asked: list[tuple[Path, ...]], say: Say) -> None:
    assert say(request([])) is not None
    assert asked == [()]


@pytest.mark.parametrize("noise", [b"GET / HTTP/1.1\n", b'{"version": 9, "folders": []}\n', b"x" * (MAX_BYTES + 10)])
def test_what_is_no_request_is_refused_with_the_reason(asked: list[tuple[Path, ...]], say: Say, noise: bytes) -> None:
    answer = say(noise)
    assert answer is not None and refusal_in(answer)
    assert asked == []


def test_after_noise_the_next_is_heard(asked: list[tuple[Path, ...]], say: Say, tmp_path: Path) -> None:
    say(b"noise\n")
    say(request([tmp_path]))
    assert asked == [(tmp_path,)]


def test_many_who_say_nothing_keep_nobody_out_for_long(qtbot: QtBot, server: WindowServer, address: str) -> None:
    silent = [QLocalSocket() for _ in range(MAX_TALKS + 3)]
    for one in silent:
        one.connectToServer(address)
    qtbot.waitUntil(lambda: server.talks == MAX_TALKS)
    qtbot.waitUntil(lambda: sum(one.state() is QLocalSocket.LocalSocketState.UnconnectedState for one in silent) == 3)
    server.close()
    qtbot.waitUntil(lambda: server.talks == 0)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes leave nothing behind")
def test_a_socket_left_by_a_killed_program_is_no_obstacle(server: WindowServer, address: str, qtbot: QtBot) -> None:
    server.close()
    Path(address).touch()
    again = WindowServer(address)
    assert again.listening
    again.close()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_only_its_own_user_can_speak_to_it(server: WindowServer, address: str) -> None:
    assert Path(address).stat().st_mode & 0o077 == 0


def test_closed_it_is_not_there_any_more(server: WindowServer, say: Say) -> None:
    server.close()
    assert say(request([])) is None


def test_where_it_cannot_listen_the_window_opens_all_the_same(qtbot: QtBot, tmp_path: Path) -> None:
    assert not WindowServer(str(tmp_path / "missing" / "ear")).listening


def test_who_says_nothing_is_not_listened_to_for_ever(
    qtbot: QtBot, server: WindowServer, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maclip_desktop.instance.server.TALK_MS", 20)
    silent = QLocalSocket()
    silent.connectToServer(address)
    qtbot.waitUntil(lambda: server.talks == 1)
    qtbot.waitUntil(lambda: silent.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert server.talks == 0
