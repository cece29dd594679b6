"""Watching folders without a window."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from maclip_desktop.core.formats import is_film, is_photo
from maclip_desktop.disk import is_directory, is_file
from maclip_desktop.watching.rounds import Rounds
from maclip_desktop.watching.settle import Settler
from maclip_desktop.watching.true_names import TrueNames
from maclip_desktop.watching.watcher import FolderWatcher, WatchKind

SETTLE_SECONDS = 0.5


def changed_photos(
    folders: Sequence[Path],
    recursive: bool,
    stopped: Callable[[], bool],
    *,
    make_watcher: Callable[[Callable[[], None]], FolderWatcher] = FolderWatcher,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[list[Path]]:
    """Yield photos and directories that are new or have changed and settled, until *stopped* says yes.

    The folders themselves come first: what happened before the watch began was not announced. A folder comes again
    and again where nothing is announced, and once where announcements were lost. The time that the caller takes for a
    folder decides how long it is left alone then. Ends the watch, and its threads, however the caller ends.
    """
    dirty = threading.Event()
    changes = _Changes(folders, recursive, make_watcher(dirty.set), clock)
    try:
        changes.begin()
        yield from changes.handed_over(list(folders))
        while not stopped():
            if not dirty.wait(SETTLE_SECONDS) and not changes.pending:
                continue
            dirty.clear()
            yield from changes.handed_over(changes.ready())
    finally:
        changes.end()


class _Changes:
    """What has changed in some folders and is ready to be looked at."""

    def __init__(
        self, folders: Sequence[Path], recursive: bool, watcher: FolderWatcher, clock: Callable[[], float]
    ) -> None:
        self._folders = folders
        self._recursive = recursive
        self._watcher = watcher
        self._clock = clock
        self._settler = Settler(clock)
        self._rounds: Rounds[Path] = Rounds(clock)

    @property
    def pending(self) -> bool:
        return self._settler.pending > 0 or self._rounds.wait_s() <= 0

    def begin(self) -> None:
        """Raises `FolderError` where one of the folders cannot be watched."""
        for folder in self._folders:
            if self._watcher.watch(folder, self._recursive) is WatchKind.POLLING:
                self._rounds.begin(folder)

    def end(self) -> None:
        self._watcher.stop()

    def ready(self) -> list[Path]:
        """Waits for files that are being written, and returns what is whole by then."""
        paths, whole = self._watcher.take(), self._watcher.take_whole()
        stale = list(self._folders) if self._watcher.take_lost() else self._rounds.due()
        directories = [path for path in paths if self._recursive and is_directory(path) and not path.is_symlink()]
        photos = (path for path in paths if (is_photo(path) or is_film(path)) and is_file(path))
        self._settler.touch(photos, whole)
        if self._settler.pending:
            time.sleep(SETTLE_SECONDS)
        settled = self._settler.settled()
        self._settler.gone()
        return list(dict.fromkeys(self._well_named([*stale, *directories, *settled])))

    def handed_over(self, paths: list[Path]) -> Iterator[list[Path]]:
        if paths:
            began = self._clock()
            yield paths
            for folder in set(paths).intersection(self._folders):
                self._rounds.looked_through(folder, self._clock() - began)

    def _well_named(self, paths: list[Path]) -> Iterator[Path]:
        """Paths as they are written on the drive; around others, their directory."""
        names = TrueNames()
        for path in paths:
            folder = next((one for one in self._folders if path.is_relative_to(one)), None)
            yield path if folder is None else names.deepest_true(folder, path)
