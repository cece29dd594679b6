"""Gathers what a watcher announces."""

import threading
from collections.abc import Callable
from pathlib import Path

from maclip_desktop.watching.watcher import FolderWatcher

PATIENCE_S = 20.0


class Seen:
    """Gathers what a watcher takes; waits for a path instead of sleeping."""

    def __init__(self, **options: object) -> None:
        self._changed = threading.Event()
        self.watcher = FolderWatcher(self._changed.set, **options)  # type: ignore[arg-type]
        self.paths: set[Path] = set()

    def until(self, arrived: Callable[[set[Path]], bool]) -> None:
        while not arrived(self.paths):
            assert self._changed.wait(PATIENCE_S), f"only {sorted(self.paths)} came"
            self._changed.clear()
            self.paths |= self.watcher.take()

    def until_dirty(self, *paths: Path) -> None:
        self.until(lambda seen: seen.issuperset(paths))

    def until_quiet(self, folder: Path) -> set[Path]:
        """All paths up to the one of a file made now: events of one folder come in their order."""
        marker = folder / "marker.jpg"
        marker.write_bytes(b"x")
        self.until_dirty(marker)
        return self.paths - {marker}
