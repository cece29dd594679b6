"""Watching folders without a window."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from maclip_desktop.core.formats import is_photo
from maclip_desktop.disk import is_directory, is_file
from maclip_desktop.watching.settle import Settler
from maclip_desktop.watching.watcher import FolderWatcher

SETTLE_SECONDS = 0.5


def changed_photos(folders: Sequence[Path], recursive: bool, stopped: Callable[[], bool]) -> Iterator[list[Path]]:
    """Yield photos and directories that are new or have changed and settled, until *stopped* says yes.

    The folders themselves come first: what happened before the watch began was not announced. Ends the watch,
    and its threads, however the caller ends.
    """
    dirty = threading.Event()
    watcher = FolderWatcher(on_dirty=dirty.set)
    settler = Settler()
    try:
        for folder in folders:
            watcher.watch(folder, recursive)
        yield list(folders)
        while not stopped():
            if not dirty.wait(SETTLE_SECONDS) and not settler.pending:
                continue
            dirty.clear()
            paths = watcher.take()
            directories = [path for path in paths if recursive and is_directory(path)]
            settler.touch(path for path in paths if is_photo(path) and is_file(path))
            if settler.pending:
                time.sleep(SETTLE_SECONDS)
            ready = directories + settler.settled()
            settler.gone()
            if ready:
                yield ready
    finally:
        watcher.stop()
