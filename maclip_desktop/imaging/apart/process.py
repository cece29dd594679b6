"""One child process that decodes, seen from its parent."""

import contextlib
import logging
import os
import subprocess
import sys
import time
from io import RawIOBase
from pathlib import Path
from typing import Any, cast

import psutil

from maclip_desktop import __version__
from maclip_desktop.imaging.apart.channel import Channel, ChannelClosedError, GarbledError
from maclip_desktop.imaging.apart.ends import End, end_of
from maclip_desktop.imaging.apart.messages import LOUD, QUIET, Ready

CHILD_OPTION = "--decode-apart"
"""The first argument of a packaged program that is to be a child; it has no ``-m``."""

_PIPE_BYTES = 1024 * 1024
"""Linux's own limit; its usual 64 KiB would have a 12 megapixel photo change sides 550 times."""
_PATIENCE_S = 2.0
_ROOT = Path(__file__).resolve().parents[3]
"""Where the package lies that this is part of."""


class NoChildError(Exception):
    """No child can be started."""


class Work:
    """What a child is at: its clock and its bounds. Written by the thread that listens to it, read by the watch."""

    def __init__(self, seconds: float, memory: int) -> None:
        self.seconds = seconds
        """How long it may take."""
        self.memory = memory
        """How many bytes it may hold."""
        self.spent = 0.0
        """Seconds it has taken, counted by the watch."""
        self.at_drive = 0.0
        """Of these, seconds in which it waited for a drive."""
        self.in_line: float | None = None
        """What `Decoder.in_line` said when this was looked at last."""
        self.paused = False
        """Whether it waits for room, which is not its doing."""


class Decoder:
    """A child. One thread at a time talks with it; `end` may be called by any."""

    def __init__(self, helper: str | None) -> None:
        """Start it; `wait_until_ready` says when it can be asked. Raises `NoChildError`."""
        try:
            self._process = subprocess.Popen(**_how(helper))
        except OSError as error:
            raise NoChildError(str(error)) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.channel = Channel(cast(RawIOBase, self._process.stdout), cast(RawIOBase, self._process.stdin))
        self.work: Work | None = None
        self.asked = 0
        """How many requests it has had."""
        self.idle_since = 0.0
        self._end: End | None = None
        self._looked_at: psutil.Process | None = None
        _widen(self._process.stdout)

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Raises `NoChildError` where it ends before."""
        try:
            if isinstance(self.channel.receive(), Ready):
                return
        except GarbledError as error:
            raise NoChildError(f"something prints in every Python program before it begins ({error})") from error
        except ChannelClosedError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE_S)
        raise NoChildError(f"it ended with code {self._process.poll()} while it started")

    def lives(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.poll() is None

    @property
    def condemned(self) -> bool:
        """Whether `end` was called."""
        return self._end is not None

    def end(self, why: End) -> None:
        """End it at once; who listens to it is told *why* by `gone`. The first reason counts."""
        self._end = self._end or why
        self._process.kill()

    def gone(self) -> tuple[End, int]:
        """Wait until it has ended, and tidy up: why it ended, and its exit code."""
        code = self._process.wait()
        self.channel.close()
        return self._end or end_of(code), code

    def memory(self) -> int:
        """Bytes it holds now; 0 where it has gone."""
        try:
            return int(self._psutil().memory_info().rss)
        except psutil.Error:
            return 0

    def waits_for_drive(self) -> bool:
        """Whether the system says that it waits for a drive (not all systems say so)."""
        try:
            return bool(self._psutil().status() == psutil.STATUS_DISK_SLEEP)
        except psutil.Error:
            return False

    def in_line(self) -> float:
        """Seconds since its start in which it could have worked and other programs did (0 where nobody tells)."""
        try:
            return int(Path(f"/proc/{self.pid}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
        except (OSError, ValueError, IndexError):  # no Linux, or one that does not count
            return 0.0

    def rest(self) -> None:
        """Note that it has nothing to do from now on."""
        self.work = None
        self.idle_since = time.monotonic()

    def _psutil(self) -> psutil.Process:
        if self._looked_at is None:
            self._looked_at = psutil.Process(self.pid)
        return self._looked_at


def _how(helper: str | None) -> dict[str, Any]:
    how: dict[str, Any] = {
        "args": [*_program(), __version__, _loudness(), *([helper] if helper else [])],
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        # What hinders its start is to be seen; then `QUIET` holds.
        "stderr": None if sys.__stderr__ is not None else subprocess.DEVNULL,
        "bufsize": 0,
        "env": _environment(),
    }
    if sys.platform == "win32":
        how["creationflags"] = (
            subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        )
    else:
        how["process_group"] = 0  # Ctrl+C in the terminal is for the parent
    return how


def _program() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, CHILD_OPTION]
    executable = sys.executable
    if sys.platform == "win32":
        # In a virtual environment that one starts another process, and would be measured and ended in its place.
        executable = getattr(sys, "_base_executable", executable)
    # -P: the current folder may be one of photos, and a numpy.py in it must not be run.
    return [executable, "-P", "-m", "maclip_desktop.imaging.apart.child"]


def _loudness() -> str:
    """Who asked for all details is shown what C libraries print as well."""
    return LOUD if logging.getLogger().isEnabledFor(logging.DEBUG) else QUIET


def _environment() -> dict[str, str]:
    environment = dict(os.environ)
    if not getattr(sys, "frozen", False):
        # Not the current folder, which is what an empty place means; so the program's own is named.
        places = [place for place in sys.path if place] + [str(_ROOT)]
        environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(places))
    # numpy's linear algebra is not used there, but would make its threads.
    environment["OPENBLAS_NUM_THREADS"] = environment["OMP_NUM_THREADS"] = "1"
    return environment


def _widen(pipe: Any) -> None:
    if sys.platform == "linux":
        import fcntl

        # Refused where a user has very many pipes: the pixels then travel in smaller pieces.
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
