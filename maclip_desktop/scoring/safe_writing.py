"""Writing a large file so that it is there whole or not at all, also after a crash in the middle."""

import contextlib
import os
import sys
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from maclip_desktop.disk import sync_folder
from maclip_desktop.errors import WeightsError


def write_safely(target: Path, chunks: Iterable[bytes | memoryview]) -> None:
    """Write *chunks* to *target* by way of a temporary file beside it, and make its folder where there is none.

    What an earlier attempt left behind when the program was killed is removed first. If anything fails, a file that
    was there before stays as it was. Raises `WeightsError`, and whatever *chunks* raises.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(target)
        file, temporary = _begun(target)
        try:
            with file:
                file.writelines(chunks)
                file.flush()
                os.fsync(file.fileno())
                _give_name(file, temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise WeightsError(
            f"{target} could not be written ({error.strerror or error}); check the folder's permissions and free space."
        ) from error
    sync_folder(target.parent)


def remove_leftovers(target: Path) -> None:
    """Remove the temporary files of attempts to write *target* that were cut off; one still at work is left alone."""
    for leftover in target.parent.glob(f".{target.name}.*.tmp"):
        # Another program's folder or a file in use: not worth to stop for.
        with contextlib.suppress(OSError):
            _remove(leftover)


def _begun(target: Path) -> tuple[BinaryIO, Path]:
    """An open temporary file beside *target* that nobody takes for a leftover, and its name."""
    while True:
        temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
        file = temporary.open("xb")
        _lock(file)
        if temporary.exists():
            return file, temporary
        file.close()  # another program took it for one in the moment before it was locked


if sys.platform == "win32":

    def _lock(file: BinaryIO) -> None:
        """Windows keeps a file from being removed while it is open."""

    def _give_name(file: BinaryIO, temporary: Path, target: Path) -> None:
        file.close()
        temporary.replace(target)

    def _remove(leftover: Path) -> None:
        leftover.unlink()

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        """Say that somebody is at work here; the system takes it back when the program ends, however it ends."""
        with contextlib.suppress(OSError):  # some network drives know no locks
            fcntl.flock(file, fcntl.LOCK_EX)

    def _give_name(file: BinaryIO, temporary: Path, target: Path) -> None:
        """While the file is locked: once it is closed it could be taken for a leftover."""
        temporary.replace(target)

    def _remove(leftover: Path) -> None:
        with leftover.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # somebody is at work on it
            leftover.unlink()  # still locked: who has just made it waits, and then sees that it is gone
