"""Watching the library's folders: events become settled files, gone paths and directories to look through."""

import time

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from maclip_desktop.core.formats import is_photo
from maclip_desktop.core.photo import Folder
from maclip_desktop.disk import is_directory, is_there
from maclip_desktop.errors import FolderError
from maclip_desktop.watching.settle import Settler
from maclip_desktop.watching.watcher import FolderWatcher, WatchKind

SETTLE_MS = 500
HEALTH_MS = 5000


class FolderWatch(QObject):
    """Lives in the library worker's thread; watchdog's own threads only put paths into a set.

    Signals: ``settled``, ``gone``, ``directories`` (each a tuple of paths), ``lost`` and ``returned``
    (a `Folder` that has vanished, or is back).
    """

    settled = Signal(object)
    gone = Signal(object)
    directories = Signal(object)
    lost = Signal(object)
    returned = Signal(object)
    _dirty = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._watcher = FolderWatcher(on_dirty=self._dirty.emit)
        self._settler = Settler(time.monotonic)
        self._folders: dict[int, Folder] = {}
        self._polled: set[int] = set()
        self._absent: set[int] = set()
        self._stopped = False
        self._dirty.connect(self._take_dirty)
        self._settling = self._timer(SETTLE_MS, self._settle)
        self._health = self._timer(HEALTH_MS, self._look_after)

    def watch(self, folder: Folder) -> str | None:
        """Watch a folder; returns a sentence where it can only be looked at now and then."""
        self._folders[folder.id] = folder
        self._health.start()
        try:
            kind = self._watcher.watch(folder.path, folder.recursive)
        except FolderError:
            # The scan that follows finds the same and says so; here it is only waited for.
            self._absent.add(folder.id)
            return None
        self._absent.discard(folder.id)
        if kind is WatchKind.NATIVE:
            self._polled.discard(folder.id)
            return None
        self._polled.add(folder.id)
        return self._watcher.problems()[folder.path]

    def unwatch(self, folder: Folder) -> None:
        self._folders.pop(folder.id, None)
        self._polled.discard(folder.id)
        self._absent.discard(folder.id)
        self._watcher.unwatch(folder.path)

    def folders(self) -> list[Folder]:
        """The folders watched, those waited for included."""
        return list(self._folders.values())

    def is_polled(self, folder: Folder) -> bool:
        return folder.id in self._polled

    def stop(self) -> None:
        self._stopped = True
        self._settling.stop()
        self._health.stop()
        self._watcher.stop()

    def _timer(self, milliseconds: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    @Slot()
    def _take_dirty(self) -> None:
        if self._stopped:
            return  # this message was on its way already
        paths = self._watcher.take()
        directories = tuple(path for path in paths if is_directory(path))
        if directories:
            self.directories.emit(directories)
        others = paths.difference(directories)
        # What is gone may have been a directory of any name; what is there must look like a photo.
        self._settler.touch(path for path in others if is_photo(path) or not is_there(path))
        if self._settler.pending and not self._settling.isActive():
            self._settling.start()

    @Slot()
    def _settle(self) -> None:
        ready = self._settler.settled()
        gone = self._settler.gone()
        if gone:
            self.gone.emit(tuple(gone))
        if ready:
            self.settled.emit(tuple(ready))
        if not self._settler.pending:
            self._settling.stop()

    @Slot()
    def _look_after(self) -> None:
        """A share that drops ends its watch without a word, and a drive that comes back sends no event."""
        for folder in list(self._folders.values()):
            present = is_directory(folder.path)
            if folder.id in self._absent and present:
                self.returned.emit(folder)
            elif folder.id not in self._absent and not (present and self._watcher.is_alive(folder.path)):
                self._absent.add(folder.id)
                self._watcher.unwatch(folder.path)
                self.lost.emit(folder)
