"""Looking at the disk without being thrown off: pathlib raises where a drive answers with an error."""

import contextlib
import os
from pathlib import Path

_LAST_NS = 2**63 - 1


def is_directory(path: Path) -> bool:
    """True for a directory that can be seen; False for anything else, also where the drive gives an error."""
    return os.path.isdir(path)  # noqa: PTH112 - pathlib's raises


def is_file(path: Path) -> bool:
    """True for an ordinary file that can be seen; False for anything else, also where the drive gives an error."""
    return os.path.isfile(path)  # noqa: PTH113 - pathlib's raises


def is_there(path: Path) -> bool:
    """True for anything that can be seen; False also where the drive gives an error."""
    return os.path.exists(path)  # noqa: PTH110 - pathlib's raises


def mtime_ns(status: os.stat_result) -> int:
    """The modification time in nanoseconds, as far as 64 bits go (to the year 2262): a file may claim any."""
    return min(status.st_mtime_ns, _LAST_NS)


def sync_folder(folder: Path) -> None:
    """Make names that are new in *folder* last through a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
