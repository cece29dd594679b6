"""Decoders that misbehave as the file they are given says. For child processes that decode, which import this.

A file whose content is the name of a deed is such an order; every other file is decoded as always.
"""

import contextlib
import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from maclip_desktop.core.photo import PhotoInfo
from maclip_desktop.imaging import decode, metadata, opening


def sleep() -> None:
    """Hang without doing anything."""
    threading.Event().wait()


def spin() -> None:
    """Hang at work."""
    while True:
        pass


def hold() -> None:
    """Hang in C code that lets no other thread of its process run."""
    ctypes.PyDLL(None).sleep(3600)


def eat() -> None:
    """Take more and more memory."""
    eaten = []
    while True:
        eaten.append(os.urandom(1_000_000) * 10)


def swallow() -> None:
    """Ask for an enormous amount of memory at once."""
    bytearray(2**40)


def leave() -> None:
    """End as a library that calls ``exit``."""
    os._exit(7)


def crash() -> None:
    """Read from where nothing is."""
    ctypes.string_at(0)


def be_killed() -> None:
    """As if the system had ended the process."""
    os.kill(os.getpid(), signal.SIGKILL)
    sleep()


def crash_if_used() -> None:
    """Crash, but only where another photo was read before."""
    if _read > 1:
        crash()


def garble() -> None:
    """Write nonsense on the way to the parent."""
    for place in range(3, 12):
        with contextlib.suppress(OSError):
            os.write(place, b"\xff" * 64)
    sleep()


def say() -> None:
    """Print on what is the way to the parent, and log."""
    os.write(1, b"noise")
    logging.getLogger("maclip_desktop.imaging").warning("odd")


def mutter() -> None:
    """Print as C libraries do."""
    os.write(2, b"TIFFFillStrip: odd\n")


DEEDS: dict[bytes, Callable[[], None]] = {
    deed.__name__.encode(): deed
    for deed in (sleep, spin, hold, eat, swallow, leave, crash, be_killed, crash_if_used, say, mutter)
}
_read = 0


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    global _read
    _read += 1
    deed = DEEDS.get(path.read_bytes()[:20].strip())
    if deed is not None:
        started = path.with_suffix(".part")
        started.write_text(str(os.getpid()), encoding="ascii")
        started.replace(path.with_suffix(".pid"))
        deed()
    with opening.opened(path) as image:
        yield image


def _read_info(path: Path) -> PhotoInfo:
    if path.read_bytes() == b"fail":
        raise ZeroDivisionError("a bug of the program")
    return metadata.read_info(path)


_child: Any = sys.modules["__main__"]
if hasattr(_child, "read_info"):
    _child.read_info = _read_info
for _room in (decode, metadata):
    setattr(_room, opening.opened.__name__, _opened)
