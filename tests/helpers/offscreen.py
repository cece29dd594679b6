"""The program's own window with its real workers, for benchmarks: started, waited for, watched for blocks, closed."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot

from maclip_desktop.app import Desktop, make_application
from maclip_desktop.errors import WeightsError
from maclip_desktop.imaging.apart import decoding_apart
from maclip_desktop.jobs.messages import FoldersChanged, FolderStatus, RowsChanged
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.factory import ScorerChoice
from maclip_desktop.scoring.scorer import Scorer
from maclip_desktop.scoring.technical import TechnicalScorer
from tests.helpers.stacks import StuckWatch

POLL_MS = 20
TURN_MS = 5
LONG_S = 0.05
"""From here on a gap between two turns of the window is looked into."""


def no_scorer(*_: Any, **__: Any) -> Scorer:
    """A stand-in for `create_scorer` for runs that measure without scoring."""
    raise WeightsError("This run measures without a scorer.")


def technical_scorer(*_: Any, **__: Any) -> Scorer:
    return TechnicalScorer()


@dataclass(frozen=True)
class Block:
    """The window did not answer for so long."""

    at_s: float
    """Seconds since the watch began."""
    lasted_ms: float
    stacks: tuple[tuple[str, ...], ...]
    """What its thread was seen doing meanwhile."""


class BlockWatch(QObject):
    """A short timer in the window's thread: the gaps between its turns are how long the window does not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self.longest_ms = 0.0
        self._begun = time.perf_counter()
        self._stuck = StuckWatch(LONG_S)
        self._timer = QTimer(self)
        # Qt makes longer timers less exact, by five parts in a hundred.
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)
        self._timer.start(TURN_MS)

    def forget(self) -> None:
        """Begin anew."""
        self.blocks.clear()
        self.longest_ms = 0.0

    def stop(self) -> None:
        self._timer.stop()
        self._stuck.stop()

    def worst(self, count: int = 5) -> list[Block]:
        return sorted(self.blocks, key=lambda block: -block.lasted_ms)[:count]

    @Slot()
    def _turn(self) -> None:
        gap, stacks = self._stuck.alive()
        lasted_ms = max(0.0, 1000 * gap - TURN_MS)
        self.longest_ms = max(self.longest_ms, lasted_ms)
        if gap > LONG_S:
            at_s = time.perf_counter() - self._begun
            self.blocks.append(Block(at_s, lasted_ms, tuple(dict.fromkeys(stacks))))


class Offscreen(QObject):
    """One window on the library of `AppPaths.default`; ``with`` starts and ends it."""

    def __init__(self, *folders: Path, load: Callable[..., Scorer] = technical_scorer) -> None:
        super().__init__()
        self._stack = ExitStack()
        # As the program does: files are read and decoded by processes of their own.
        decoders = self._stack.enter_context(decoding_apart())
        self.application = make_application()
        paths = AppPaths.default()
        self.desktop = Desktop(paths, paths.library_file, folders, ScorerChoice("technical"), load_scorer=load)
        self.desktop.ending.connect(decoders.close)
        self.watched = False
        """Whether every folder has been looked through since the start."""
        self.messages = 0
        """How many messages with rows have come."""
        self.loaded = False
        self.looked_for: Path | None = None
        self._found = False
        self.visible: tuple[int, ...] = ()
        """Ids of the photos on screen."""
        self.blocks = BlockWatch()
        self.desktop.window.grid.visible_photos.connect(self._take_visible)
        self.desktop.library.rows_changed.connect(self._count)
        self.desktop.library.folders_changed.connect(self._take_folders)
        self.desktop.library.loaded.connect(self._note_loaded)

    def __enter__(self) -> "Offscreen":
        self.desktop.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.blocks.stop()
        self.desktop.window.close()
        self.desktop.shutdown()
        self._stack.close()

    def until(self, condition: Callable[[], bool], what: str, patience_s: float = 3600) -> float:
        """Let the window live until *condition* holds; returns seconds. Raises TimeoutError."""
        begun = time.perf_counter()
        loop = QEventLoop()
        poll = QTimer()

        def look() -> None:
            if condition() or time.perf_counter() - begun > patience_s:
                loop.quit()

        poll.timeout.connect(look)
        poll.start(POLL_MS)
        loop.exec()
        poll.stop()
        if not condition():
            raise TimeoutError(f"{what} took more than {patience_s:.0f} s")
        return time.perf_counter() - begun

    # --- what there is to wait for -------------------------------------------------------------------------

    @property
    def read(self) -> int:
        """How many photos have been read, or have told why they cannot be."""
        table = self.desktop.window.model.table
        return int(np.count_nonzero(table.column("identified") | ~table.column("readable")))

    @property
    def scored(self) -> int:
        """How many photos have a score by this scorer, or the reason why they have none."""
        return len(self.desktop.window.model.table) - int(np.count_nonzero(self.desktop.window.model.table.waiting()))

    def look_for(self, path: Path) -> None:
        """From now on, notice when this photo comes."""
        self.looked_for, self._found = path, False

    @property
    def found(self) -> bool:
        """Whether the photo that was looked for has come; the window's model has it as well then."""
        return self._found

    @property
    def pictured(self) -> bool:
        """Whether every tile on screen has its thumbnail."""
        model = self.desktop.window.model
        rows = [row for row in map(model.row, self.visible) if row is not None]
        requests = [request for request in map(model.picture_request, rows) if request is not None]
        return bool(rows) and all(model.pixmaps.get(request) is not None for request in requests)

    # Slots of a QObject in this thread: a plain function would be called in the worker's.

    @Slot(object)
    def _count(self, message: RowsChanged) -> None:
        self.messages += 1
        if self.looked_for is not None:
            self._found |= any(row.path == self.looked_for for row in message.rows)

    @Slot(object)
    def _take_visible(self, photo_ids: tuple[int, ...]) -> None:
        self.visible = photo_ids

    @Slot()
    def _note_loaded(self) -> None:
        self.loaded = True

    @Slot(object)
    def _take_folders(self, message: FoldersChanged) -> None:
        states = [folder.status for folder in message.folders]
        self.watched = bool(states) and all(status in (FolderStatus.WATCHED, FolderStatus.POLLED) for status in states)
