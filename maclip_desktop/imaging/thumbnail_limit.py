"""How much the thumbnail cache may hold: what was not looked at for longest goes first."""

import contextlib
import logging
import os
import re
import threading
import time
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np

logger = logging.getLogger(__name__)

_KEPT_SHARE = 0.9
"""What is left of the limit after an eviction: the next one is far away then."""
_TMP_AGE_S = 3600.0
"""A temporary file that old is nobody's any more: its writer was ended."""
_BREATH_S = 0.001
_LEAVING_S = 1.0

_FOLDER = re.compile(r"[0-9a-f]{2}")
_FILE = re.compile(r"[0-9a-f]{40}\.jpg")


class SizeLimit:
    """Keeps a running total, and looks through the folder when it is first written to and when the limit is reached.

    That is done in a thread of its own, which nobody waits for. Thread-safe. Another program on the folder keeps a
    total of its own: together they may be over the limit by what each adds between two looks, a tenth of it.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._total: int | None = None
        """None until the folder has been looked through."""
        self._grown_meanwhile = 0
        self._sweeping: threading.Thread | None = None
        self._closing = threading.Event()

    def grown(self, size: int) -> None:
        """A file of *size* bytes was written."""
        with self._lock:
            if self._sweeping is not None:
                self._grown_meanwhile += size
                return
            if self._total is not None:
                self._total += size
                if self._total <= self._limit:
                    return
            if not self._closing.is_set():
                # A daemon: a program that ends does not wait for it, and it may stop anywhere.
                self._sweeping = threading.Thread(target=self._sweep, name="picture-cache", daemon=True)
                self._sweeping.start()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until nothing is being looked through, but no longer than *seconds*."""
        with self._lock:
            sweeping = self._sweeping
        if sweeping is not None:
            sweeping.join(seconds)

    def close(self) -> None:
        """Look through nothing any more. A drive that does not answer is not waited for: what looks ends with the
        program."""
        self._closing.set()
        self.wait(_LEAVING_S)

    def _sweep(self) -> None:
        total = 0
        try:
            total = evict(self._folder, self._limit, self._closing)
        finally:
            with self._lock:
                self._total = total + self._grown_meanwhile
                self._grown_meanwhile = 0
                self._sweeping = None


def evict(folder: Path, limit: int, stop: threading.Event) -> int:
    """Bring the files of a thumbnail cache within *limit* bytes where they are over it; returns the bytes left.

    Files not looked at for longest go first. Temporary files that a killed program left go in any case, and what is
    no file of the cache stays.
    """
    times, sizes = array("q"), array("q")
    for entry, status in _files(folder, stop):
        if _FILE.fullmatch(entry.name):
            times.append(status.st_mtime_ns)
            sizes.append(status.st_size)
        elif entry.name.endswith(".tmp") and abs(time.time() - status.st_mtime) > _TMP_AGE_S:
            _delete(entry)
    total = sum(sizes)
    if total <= limit:
        return total
    return _delete_until(folder, _last_to_go(times, sizes, limit), total, int(limit * _KEPT_SHARE), stop)


def _last_to_go(times: "array[int]", sizes: "array[int]", limit: int) -> int:
    """The time up to which files must go, in nanoseconds."""
    oldest_first = np.argsort(np.asarray(times), kind="stable")
    left = sum(sizes) - np.cumsum(np.asarray(sizes)[oldest_first])
    return times[int(oldest_first[np.argmax(left <= limit * _KEPT_SHARE)])]


def _delete_until(folder: Path, last: int, total: int, target: int, stop: threading.Event) -> int:
    before = total
    for entry, status in _files(folder, stop):
        if total <= target:
            break
        # Looked at anew: what was used meanwhile stays.
        if status.st_mtime_ns <= last and _FILE.fullmatch(entry.name) and _delete(entry):
            total -= status.st_size
    logger.info("the thumbnail cache went from %d to %d bytes", before, total)
    return total


def _files(folder: Path, stop: threading.Event) -> Iterator[tuple["os.DirEntry[str]", os.stat_result]]:
    for part in _entries(folder):
        if _FOLDER.fullmatch(part.name) and part.is_dir(follow_symlinks=False):
            if stop.wait(_BREATH_S):  # others get the processor
                return
            for entry in _entries(part.path):
                with contextlib.suppress(OSError):  # gone meanwhile: another program does the same
                    if entry.is_file(follow_symlinks=False):
                        yield entry, entry.stat(follow_symlinks=False)


def _entries(folder: str | Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _delete(entry: "os.DirEntry[str]") -> bool:
    try:
        os.unlink(entry.path)  # noqa: PTH108 - a hundred thousand Path objects would be made for nothing
    except OSError:
        return False
    return True
