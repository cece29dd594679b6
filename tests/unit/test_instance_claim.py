"""Who may open the window of a library. The other window is a socket here; the lock is the real one."""

import os
import socket
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maclip_desktop.errors import UserFacingError
from maclip_desktop.instance.address import lock_file, server_address
from maclip_desktop.instance.claim import claimed
from maclip_desktop.instance.messages import answer, folders_asked_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sockets of POSIX")

SHORT_S = 0.3


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for a library; sockets lie in a folder of the test."""
    sockets = tmp_path / "s"
    sockets.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(sockets))
    return tmp_path / "data" / "library.db"


Listen = Callable[[bytes], list[bytes]]


@pytest.fixture
def listen(library: Path) -> Iterator[Listen]:
    """Starts a window that gives the same answer to everybody; returns the list of what it hears."""
    ear = socket.socket(socket.AF_UNIX)
    heard: list[bytes] = []

    def serve(reply: bytes) -> None:
        while True:
            try:
                talk, _ = ear.accept()
            except OSError:
                return
            with talk:
                heard.append(talk.recv(65536))
                if reply:
                    talk.sendall(reply)

    threads: list[threading.Thread] = []

    def begin(reply: bytes) -> list[bytes]:
        ear.bind(server_address(library))
        ear.listen()
        threads.append(threading.Thread(target=serve, args=(reply,)))
        threads[0].start()
        return heard

    yield begin
    if threads:
        ear.shutdown(socket.SHUT_RDWR)
        threads[0].join()
    ear.close()


def test_the_first_gets_it_and_makes_the_folder_for_it(library: Path) -> None:
    with claimed(library, ()) as claim:
        assert claim is not None and claim.sure
        assert lock_file(library).parent == library.parent
        assert not library.exists()


def test_when_the_first_has_ended_the_next_is_the_first(library: Path) -> None:
    for _ in range(2):
        with claimed(library, ()) as claim:
            assert claim is not None


def test_two_libraries_have_nothing_to_do_with_each_other(library: Path) -> None:
    with claimed(library, ()) as one, claimed(library.with_name("other.db"), ()) as other:
        assert one is not None and other is not None
        assert one.address != other.address


def test_a_second_hands_its_folders_over(library: Path, listen: Listen, tmp_path: Path) -> None:
    heard = listen(answer())
    with claimed(library, ()), claimed(library, (tmp_path, Path("/photos"))) as second:
        assert second is None
    assert [folders_asked_for(line) for line in heard] == [(tmp_path, Path("/photos"))]


def test_a_library_is_the_same_by_whatever_way_it_is_named(library: Path, listen: Listen, tmp_path: Path) -> None:
    listen(answer())
    library.parent.mkdir()
    (tmp_path / "link").symlink_to(library.parent)
    with claimed(library, ()), claimed(tmp_path / "link" / library.name, ()) as second:
        assert second is None


@pytest.mark.parametrize("reply", [b"", b"what?", b"x" * 400_000])
def test_a_window_that_gives_no_answer_is_told_of(library: Path, listen: Listen, reply: bytes) -> None:
    listen(reply)
    with claimed(library, ()), pytest.raises(UserFacingError, match="does not answer"), claimed(library, (), SHORT_S):
        pass


def test_a_window_that_does_not_listen_is_told_of(library: Path) -> None:
    with claimed(library, ()), pytest.raises(UserFacingError, match="does not answer"), claimed(library, (), SHORT_S):
        pass


@pytest.mark.parametrize(("reply", "why"), [(answer("too new"), "too new"), (b"{}\n", "another version")])
def test_a_window_that_refuses_is_told_of(library: Path, listen: Listen, reply: bytes, why: str) -> None:
    listen(reply)
    with claimed(library, ()), pytest.raises(UserFacingError, match=why), claimed(library, ()):
        pass


def test_a_window_that_is_closing_is_waited_for(library: Path) -> None:
    with claimed(library, ()):
        pass
    holding, let_go = threading.Event(), threading.Event()

    def first() -> None:
        with claimed(library, ()):
            holding.set()
            let_go.wait(20)

    thread = threading.Thread(target=first)
    thread.start()
    assert holding.wait(20)
    timer = threading.Timer(0.2, let_go.set)
    timer.start()
    with claimed(library, (), patience=20) as claim:
        assert claim is not None
    thread.join()
    timer.join()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="for root every folder can be written to")
def test_where_no_lock_can_be_had_the_window_opens_without(library: Path) -> None:
    library.parent.mkdir()
    library.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with claimed(library, ()) as claim:
        assert claim is not None and not claim.sure


def test_where_the_folder_cannot_be_made_the_window_opens_and_tells(library: Path) -> None:
    library.parent.write_text("in the way")
    with claimed(library, ()) as claim:
        assert claim is not None and not claim.sure


def test_a_socket_of_somebody_else_is_not_spoken_to(
    library: Path, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, address = listen(answer()), server_address(library)
    with claimed(library, ()):
        monkeypatch.setattr("maclip_desktop.instance.client.os.getuid", lambda: 4_000_000)
        monkeypatch.setattr("maclip_desktop.instance.claim.server_address", lambda _: address)
        with pytest.raises(UserFacingError, match="does not answer"), claimed(library, (), SHORT_S):
            pass
    assert heard == []
