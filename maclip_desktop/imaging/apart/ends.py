"""How a child can end before it has answered, and what that says of the photo."""

import signal
import sys
from enum import Enum, auto
from pathlib import Path

from maclip_desktop.errors import PhotoError, TransientPhotoError
from maclip_desktop.imaging.failures import shown

_MEND = "open and save it again in an image program"


class End(Enum):
    """Why a child has gone."""

    SLOW = auto()
    """We ended it: over its time."""
    UNREACHED = auto()
    """We ended it: over its time, much of which it spent in waiting for a drive."""
    GREEDY = auto()
    """We ended it: over its memory."""
    CLOSED = auto()
    """We ended it: the program closes."""
    OUTSIDE = auto()
    """Somebody else ended it: the system, for want of memory, or a person."""
    CRASHED = auto()
    """It ended itself in the middle of its work."""

    @property
    def blames_photo(self) -> bool:
        """Whether the photo will do it again."""
        return self in (End.SLOW, End.GREEDY, End.CRASHED)


# What ends a process that does not do it itself. Windows has no signals: who ends a process there chooses its exit
# code, and most choose 1; a crash has a large one.
_SIGNALS = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGALRM")
_FROM_OUTSIDE = {1} if sys.platform == "win32" else {-int(getattr(signal, name)) for name in _SIGNALS}

NOT_UNDERSTOOD = 76
"""A child's exit code: its parent speaks another language, which is no photo's fault. (EX_PROTOCOL of sysexits.h.)"""


def end_of(exit_code: int) -> End:
    """Why a child ended that we did not end."""
    return End.OUTSIDE if exit_code in _FROM_OUTSIDE | {NOT_UNDERSTOOD} else End.CRASHED


def error_of(end: End, path: Path, seconds: float = 0, memory: int = 0) -> PhotoError:
    """What the person is told; *seconds* and *memory* (bytes) are the bounds the child had."""
    name = shown(path)
    match end:
        case End.SLOW:
            return PhotoError(f"{name} takes more than {seconds:.0f} seconds to read and was given up; {_MEND}.")
        case End.GREEDY:
            return PhotoError(f"{name} takes more than {memory / 1e9:.1f} GB to read and was given up; {_MEND}.")
        case End.CRASHED:
            return PhotoError(f"{name} makes the reader of its format crash and was given up; {_MEND}.")
        case End.UNREACHED:
            return TransientPhotoError(
                f"{name} was not read because its drive is too slow to give it within {seconds:.0f} seconds, or does"
                " not answer; check the drive or the connection."
            )
        case End.CLOSED:
            return TransientPhotoError(f"{name} was not read because the program is closing; start it again.")
        case End.OUTSIDE:
            return TransientPhotoError(
                f"{name} was not read because its decoder was ended from outside, most likely for want of memory;"
                " close other programs and try again."
            )
