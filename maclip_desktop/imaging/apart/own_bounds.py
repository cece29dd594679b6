"""What a child asks of the system for itself: to come last, no more memory than its bound, and an end in time."""

import contextlib
import faulthandler
import os
import signal
import sys
from functools import cache
from pathlib import Path

import rawpy

_NICE = 5
"""Steps behind the program, which is what its first thread is."""
_FIRST_TO_GO = "500"
"""Of 1000: where memory runs out, Linux ends decoders before the program that keeps the library."""
_ADDRESSES_BESIDE = 2_000_000_000
"""Bytes of addresses for what takes no memory: libraries, mapped files, stacks of threads."""


def step_back() -> None:
    """Let others go first, where the system can, and leave nothing behind."""
    if sys.platform != "win32":  # there the parent has seen to it
        import resource

        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # for `end_in`; a parent may have had it ignored
        with contextlib.suppress(OSError):
            # Not behind the thread that happened to start it, which may have stepped back itself.
            behind = os.getpriority(os.PRIO_PROCESS, os.getppid()) + _NICE
            os.setpriority(os.PRIO_PROCESS, 0, min(19, behind))
        # What a crash would leave behind holds the picture, and would lie in whatever folder is the current one.
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")


def bound_memory(memory: int) -> None:
    """Have the system refuse much more than *memory* bytes.

    The parent looks at the memory ten times a second; this catches what is asked for in between at once. Only Linux
    keeps to it.
    """
    if sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        wanted = memory + _ADDRESSES_BESIDE
        if hard == resource.RLIM_INFINITY or wanted < hard:
            resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def end_in(seconds: float) -> None:
    """End this process then, unless `go_on` is called before: also from within C code that lets no thread run."""
    if sys.platform == "win32":
        faulthandler.dump_traceback_later(seconds, exit=True, file=_nowhere())
    else:
        signal.setitimer(signal.ITIMER_REAL, seconds)


def go_on() -> None:
    """Take `end_in` back."""
    if sys.platform == "win32":
        faulthandler.cancel_dump_traceback_later()
    else:
        signal.setitimer(signal.ITIMER_REAL, 0)


@cache
def _nowhere() -> int:
    """A place for what is said at the end, open for as long as the process lives."""
    return os.open(os.devnull, os.O_WRONLY)


def is_no_memory(error: BaseException | None) -> bool:
    """Whether *error* says that memory was refused."""
    return isinstance(error, MemoryError | rawpy.LibRawUnsufficientMemoryError)
