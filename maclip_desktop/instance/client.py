"""Speaking to the window that is open, without Qt: a second start must be gone in a moment."""

import contextlib
import os
import socket
import sys
import threading
import time
from pathlib import Path

from maclip_desktop.instance.messages import END, MAX_BYTES


def ask(address: str, message: bytes, seconds: float) -> bytes | None:
    """Send *message* and return the answer's line; None where nobody listens, or nothing came in time."""
    if sys.platform == "win32":
        return _ask_pipe(address, message, seconds)
    return _ask_socket(address, message, seconds)


def _ask_socket(address: str, message: bytes, seconds: float) -> bytes | None:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        # A socket that somebody else has put there, in a folder that all may write, is not for us.
        if Path(address).lstat().st_uid != os.getuid():
            return None
        until = time.monotonic() + seconds
        line.settimeout(seconds)
        line.connect(address)
        line.sendall(message)
        return _line_of(line, until)
    return None


def _line_of(line: socket.socket, until: float) -> bytes | None:
    answer = b""
    while END not in answer and len(answer) <= MAX_BYTES:
        line.settimeout(max(0.01, until - time.monotonic()))
        some = line.recv(4096)
        if not some:
            return None
        answer += some
    return answer if answer.endswith(END) else None


def _ask_pipe(address: str, message: bytes, seconds: float) -> bytes | None:
    """The same through a pipe, which has no time limit of its own: the thread that waits ends with the program."""
    answers: list[bytes] = []

    def speak() -> None:
        with contextlib.suppress(OSError), open(rf"\\.\pipe\{address}", "r+b", buffering=0) as pipe:  # noqa: PTH123
            pipe.write(message)
            answers.append(pipe.readline(MAX_BYTES))

    thread = threading.Thread(target=speak, name="second start", daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers and answers[0].endswith(END) else None
