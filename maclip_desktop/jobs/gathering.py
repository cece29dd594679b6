"""Changes for the window, gathered for a tenth of a second: it repaints ten times a second at most.

The more changes come, the longer they are gathered: thousands of files at once are a few updates, not a hundred.
"""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer, Slot

GATHER_MS = 100
MOST_MS = 1000

Send = Callable[[list[int], tuple[int, ...]], None]


class ChangeGatherer(QObject):
    """Collects ids of changed and removed photos and hands them on together."""

    def __init__(self, send: Send, parent: QObject) -> None:
        super().__init__(parent)
        self._send = send
        self._changed: dict[int, None] = {}
        self._removed: dict[int, None] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHER_MS)
        self._timer.timeout.connect(self.flush)

    def changed(self, photo_ids: Iterable[int]) -> None:
        self._note(self._changed, photo_ids)

    def removed(self, photo_ids: Iterable[int]) -> None:
        self._note(self._removed, photo_ids)

    @Slot()
    def flush(self) -> None:
        """Hand on at once what has been gathered."""
        self._timer.stop()
        if self._changed or self._removed:
            changed, removed = list(self._changed), tuple(self._removed)
            self._changed, self._removed = {}, {}
            # About a millisecond more for each photo of the last time.
            self._timer.setInterval(min(MOST_MS, GATHER_MS + len(changed) + len(removed)))
            self._send(changed, removed)

    def stop(self) -> None:
        self._timer.stop()

    def _note(self, ids: dict[int, None], photo_ids: Iterable[int]) -> None:
        ids.update(dict.fromkeys(photo_ids))
        if ids and not self._timer.isActive():
            self._timer.start()
