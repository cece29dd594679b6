"""The library worker and the scoring worker in their real threads, wired as in the program, without a window."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from pytestqt.qtbot import QtBot

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.jobs.library_worker import LibraryWorker
from maclip_desktop.jobs.messages import (
    Details,
    DownloadProgress,
    ExportDone,
    FlagRequest,
    FoldersChanged,
    FolderState,
    Notice,
    RowsChanged,
    ScorerReady,
    StepUndone,
    UndoState,
)
from maclip_desktop.jobs.scoring_worker import LoadScorer, ScoringWorker
from maclip_desktop.jobs.threads import WorkerThread
from maclip_desktop.scoring.factory import ScorerChoice

PATIENCE_MS = 20_000

Open = Callable[..., "Workshop"]
"""The fixture that starts a workshop."""


class Workshop(QObject):
    """Stands where the window stands: keeps what the workers say, and asks them for things."""

    add_folder = Signal(object)
    remove_folder = Signal(object)
    rescan = Signal()
    flag = Signal(object)
    undo = Signal()
    redo = Signal()
    look_up = Signal(object)
    export = Signal(object)
    visible = Signal(object)
    pause = Signal(bool)
    choose = Signal(object, bool)
    cancel_download = Signal()
    try_again = Signal()
    set_options = Signal(object)
    move_folder = Signal(object)
    set_pairs = Signal(bool)
    retry = Signal(object)

    def __init__(self, qtbot: QtBot, library_file: Path, folders: tuple[Path, ...], load: LoadScorer) -> None:
        super().__init__()
        self._qtbot = qtbot
        self.rows: dict[int, PhotoRow] = {}
        self.messages: list[RowsChanged] = []
        self.pairs: list[bool] = []
        self.folders: tuple[FolderState, ...] = ()
        self.folder_messages: list[FoldersChanged] = []
        self.ready: list[ScorerReady] = []
        self.notices: list[Notice] = []
        self.moved: list[ScorerReady] = []
        self.downloads: list[DownloadProgress] = []
        self.halted: list[str] = []
        self.unavailable: list[str] = []
        self.failures: list[str] = []
        self.undone: list[StepUndone] = []
        self.exported: list[ExportDone] = []
        self.details: list[Details] = []
        self.undo_state = UndoState(None, None)
        self.library = LibraryWorker(library_file, folders)
        self.scoring = ScoringWorker(ScorerChoice(), library_file.parent, load)
        self._threads = [WorkerThread(self.library, "library"), WorkerThread(self.scoring, "scoring")]
        self._wire()

    def start(self) -> "Workshop":
        for thread in self._threads:
            thread.start()
        return self

    def close(self) -> bool:
        """As the window does when it is closed; True where both ended in time."""
        self.scoring.cancel()
        for thread in self._threads:
            thread.request_stop()
        ended = [thread.wait(PATIENCE_MS) for thread in self._threads]
        return all(ended)

    def until(self, condition: Callable[[], Any]) -> None:
        """Let signals come until *condition* holds."""
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE_MS)

    def until_scored(self, count: int) -> None:
        self.until(lambda: len(self.rows) == count and all(row.current_score is not None for row in self.rows.values()))

    def named(self, name: str) -> PhotoRow | None:
        return next((row for row in self.rows.values() if row.path.name == name), None)

    def mark(self, name: str, flag: Flag, by: Decider = Decider.PERSON) -> None:
        """Flag a photo and wait until that is shown."""
        row = self.named(name)
        assert row is not None
        self.flag.emit(FlagRequest((row.id,), flag, by, f"{flag.word} {name}"))
        self.until(lambda: self.rows[row.id].flag is flag)

    def status(self, folder: Path) -> str | None:
        return next((state.status.value for state in self.folders if state.path == folder), None)

    def _wire(self) -> None:
        library, scoring = self.library, self.scoring
        for signal, slot in (
            (self.add_folder, library.add_folder),
            (self.remove_folder, library.remove_folder),
            (self.rescan, library.rescan),
            (self.flag, library.set_flags),
            (self.undo, library.undo),
            (self.redo, library.redo),
            (self.look_up, library.look_up),
            (self.export, library.export),
            (self.visible, library.show_first),
            (self.try_again, scoring.try_again),
            (self.set_options, library.set_folder_options),
            (self.move_folder, library.move_folder),
            (self.set_pairs, library.set_pairs),
            (self.retry, library.try_again),
            (library.pairs_changed, self._take_pairs),
            (library.to_score, scoring.submit),
            (scoring.scored, library.save_scores),
            (scoring.ready, library.scorer_ready),
            (library.rows_changed, self._take_rows),
            (library.folders_changed, self._take_folders),
            (library.undo_changed, self._take_undo_state),
            (library.step_undone, self._take_undone),
            (library.export_done, self._take_exported),
            (library.details_ready, self._take_details),
            (library.failed, self._take_failure),
            (scoring.ready, self._take_ready),
            (scoring.unavailable, self._take_unavailable),
            (scoring.moved, self._take_moved),
            (scoring.downloading, self._take_download),
            (scoring.halted, self._take_halt),
            (library.notice, self._take_notice),
            (scoring.notice, self._take_notice),
        ):
            signal.connect(slot)
        self.pause.connect(scoring.set_paused, Qt.ConnectionType.DirectConnection)
        self.choose.connect(scoring.choose, Qt.ConnectionType.DirectConnection)
        self.cancel_download.connect(scoring.cancel_download, Qt.ConnectionType.DirectConnection)

    # Slots of a QObject in this thread: a plain function would be called in the worker's.

    @Slot(object)
    def _take_rows(self, message: RowsChanged) -> None:
        self.messages.append(message)
        self.rows.update((row.id, row) for row in message.rows)
        for photo_id in message.removed:
            self.rows.pop(photo_id, None)

    @Slot(bool)
    def _take_pairs(self, on: bool) -> None:
        self.pairs.append(on)

    @Slot(object)
    def _take_folders(self, message: FoldersChanged) -> None:
        self.folder_messages.append(message)
        self.folders = message.folders

    @Slot(object)
    def _take_undo_state(self, state: UndoState) -> None:
        self.undo_state = state

    @Slot(object)
    def _take_undone(self, step: StepUndone) -> None:
        self.undone.append(step)

    @Slot(object)
    def _take_exported(self, done: ExportDone) -> None:
        self.exported.append(done)

    @Slot(object)
    def _take_details(self, details: Details) -> None:
        self.details.append(details)

    @Slot(object)
    def _take_ready(self, message: ScorerReady) -> None:
        self.ready.append(message)

    @Slot(object)
    def _take_moved(self, message: ScorerReady) -> None:
        self.moved.append(message)

    @Slot(object)
    def _take_download(self, progress: DownloadProgress) -> None:
        self.downloads.append(progress)

    @Slot(str)
    def _take_halt(self, sentence: str) -> None:
        self.halted.append(sentence)

    @Slot(object)
    def _take_notice(self, notice: Notice) -> None:
        self.notices.append(notice)

    @Slot(str)
    def _take_failure(self, sentence: str) -> None:
        self.failures.append(sentence)

    @Slot(str)
    def _take_unavailable(self, sentence: str) -> None:
        self.unavailable.append(sentence)
