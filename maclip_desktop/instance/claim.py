"""Who may open the window of a library: the first to come; all others hand over what they were given."""

import contextlib
import logging
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from maclip_desktop.errors import UserFacingError
from maclip_desktop.instance import messages
from maclip_desktop.instance.address import lock_file, server_address
from maclip_desktop.instance.client import ask

log = logging.getLogger(__name__)

PATIENCE_S = 15.0
"""How long a window that is opening or closing is waited for: one that opens reads its libraries from a slow disk."""
ANSWER_S = 2.0
"""Of that, for one answer."""
PAUSE_S = 0.05


@dataclass(frozen=True)
class Claim:
    """The right to open the window of a library."""

    address: str
    """Where others will want to speak to it."""
    sure: bool = True
    """False where no lock could be had: then it is not known whether there is another window."""


@contextlib.contextmanager
def claimed(library_file: Path, folders: tuple[Path, ...], patience: float = PATIENCE_S) -> Iterator[Claim | None]:
    """The claim to *library_file* for as long as the ``with`` block lasts; None where another window has it.

    That window has then taken *folders* (absolute paths) and shown itself. The claim is the system's lock on a file
    beside the library, and ends with the process however that ends.

    Raises:
        UserFacingError: there is a window, and it does not answer, or it refuses.
    """
    lock = FileLock(lock_file(library_file))
    try:
        claim = _claim(lock, library_file, folders, patience)
        yield claim
    finally:
        lock.release()


def _claim(lock: FileLock, library_file: Path, folders: tuple[Path, ...], patience: float) -> Claim | None:
    address = server_address(library_file)
    give_up_at = time.monotonic() + patience
    while True:
        try:
            _take(lock)
            return Claim(address)
        except Timeout:
            if _hand_over(address, folders, min(ANSWER_S, max(PAUSE_S, give_up_at - time.monotonic()))):
                return None
        except (OSError, NotImplementedError) as error:
            # A folder that cannot be written to: opening the library will say so, and better.
            log.info("No lock can be had beside %s: %s", library_file, error)
            return Claim(address, sure=False)
        if time.monotonic() > give_up_at:
            raise UserFacingError(
                f"A window is open with the library {library_file} and does not answer; close it, or end the program"
                " that holds it, and start again."
            )
        # It may be opening, and not listen yet; or closing, and this start will be the first in a moment.
        time.sleep(PAUSE_S)


def _take(lock: FileLock) -> None:
    Path(lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
    lock.acquire(timeout=0)


def _hand_over(address: str, folders: tuple[Path, ...], seconds: float) -> bool:
    """Whether the window that is open took them."""
    try:
        message = messages.request(folders)
    except messages.MessageError as error:
        raise UserFacingError(f"The window that is open cannot be given these: {error}; give it fewer.") from None
    _let_it_come_forward()
    line = ask(address, message, seconds)
    if line is None:
        return False
    try:
        refusal = messages.refusal_in(line)
    except messages.MessageError as error:
        refusal = str(error)
    if refusal is not None:
        raise UserFacingError(
            f"The window that is open with this library takes nothing from here ({refusal}); close it and start again."
        )
    return True


def _let_it_come_forward() -> None:
    """Windows lets a program come to the front only if the one in front says so, and that is this one."""
    if sys.platform == "win32":
        import ctypes

        any_process = -1
        ctypes.windll.user32.AllowSetForegroundWindow(any_process)
