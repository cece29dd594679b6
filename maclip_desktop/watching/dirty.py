"""What watchdog's threads do with an event: note the path as dirty, nothing more."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)

from maclip_desktop.core.formats import is_film, is_photo
from maclip_desktop.core.patterns import USUAL, Patterns
from maclip_desktop.watching.walk import one_form

# Not opened, closed unwritten or read: scoring a photo would announce that photo. Not a directory's "modified": what
# happened in it is announced as well.
EVENTS: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]


class DirtyPaths:
    """A set of paths that watchdog's threads fill and one other thread empties.

    *on_first* is called, in watchdog's thread, when the first path comes into the empty set, and when paths were lost.
    """

    def __init__(self, on_first: Callable[[], None] | None = None) -> None:
        self._paths: set[Path] = set()
        self._whole: set[Path] = set()
        self._lost = False
        self._lock = threading.Lock()
        self._on_first = on_first

    def add(self, path: Path, *, whole: bool = False) -> None:
        """*whole*: whoever wrote the file has just closed it, or moved it here."""
        with self._lock:
            is_first = not self._paths
            self._paths.add(path)
            if whole:
                self._whole.add(path)
            else:
                self._whole.discard(path)
        if is_first and self._on_first:
            self._on_first()

    def lose(self) -> None:
        """Note that paths were lost, nobody knows which."""
        with self._lock:
            self._lost = True
        if self._on_first:
            self._on_first()

    def take_lost(self) -> bool:
        """Whether paths were lost since the last call."""
        with self._lock:
            lost, self._lost = self._lost, False
        return lost

    def take(self) -> set[Path]:
        """All paths since the last call."""
        with self._lock:
            taken, self._paths = self._paths, set()
        return taken

    def take_whole(self) -> set[Path]:
        """The paths since the last call of which the last news was that they are whole."""
        with self._lock:
            taken, self._whole = self._whole, set()
        return taken


class DirtyHandler(FileSystemEventHandler):
    """Notes events below one folder.

    Args:
        folder: the folder as the user named it, in which paths are noted.
        real: the same folder without symbolic links, in which events come.
        patterns: which of its files matter.
    """

    def __init__(self, folder: Path, real: Path, dirty: DirtyPaths, patterns: Patterns = USUAL) -> None:
        self._folder = folder
        self._prefix = str(real).rstrip(os.sep) + os.sep
        self._dirty = dirty
        self._patterns = patterns

    def on_any_event(self, event: FileSystemEvent) -> None:
        for raw in (event.src_path, event.dest_path):
            if raw and self._matters(event, name := one_form(self._below(os.fsdecode(raw)))):
                is_whole = isinstance(event, FileClosedEvent | FileMovedEvent) and raw == (
                    event.dest_path or event.src_path
                )
                self._dirty.add(self._folder / name, whole=is_whole)

    def _below(self, path: str) -> str:
        """The name below the folder; empty for the folder itself."""
        return path[len(self._prefix) :] if path.startswith(self._prefix) else ""

    def _matters(self, event: FileSystemEvent, name: str) -> bool:
        below = name.replace(os.sep, "/")
        # Windows announces the deletion of a folder as that of a file.
        if event.is_directory or isinstance(event, FileDeletedEvent) or not name:
            return not self._patterns.leaves_out(below)
        return (is_photo(name) or is_film(name)) and self._patterns.takes(below)
