"""The library worker: the only owner of the library, and of what watches the folders."""

import logging
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal, Slot

from maclip_desktop.core.culling import selected, worst_first
from maclip_desktop.core.photo import Folder, PhotoRow
from maclip_desktop.disk import is_directory
from maclip_desktop.errors import FolderError, LibraryError
from maclip_desktop.exporting.culling_list import write_list
from maclip_desktop.jobs.folder_watch import FolderWatch
from maclip_desktop.jobs.gathering import ChangeGatherer
from maclip_desktop.jobs.identifying import IdentifyQueue
from maclip_desktop.jobs.messages import (
    Details,
    ExportDone,
    ExportRequest,
    FlagRequest,
    FoldersChanged,
    FolderState,
    FolderStatus,
    Notice,
    RowsChanged,
    ScorerReady,
    StepUndone,
    ToScore,
    UndoState,
)
from maclip_desktop.jobs.scan import found_files
from maclip_desktop.jobs.scan_queue import ScanQueue
from maclip_desktop.jobs.scoring_queue import ScoringQueue, hash_of
from maclip_desktop.jobs.tasks import Identified, ScoreResult, save_results
from maclip_desktop.jobs.threads import Worker, guarded
from maclip_desktop.jobs.unsaved import Unsaved
from maclip_desktop.library.decisions import UndoneStep
from maclip_desktop.library.photos import Fault
from maclip_desktop.library.store import Store

log = logging.getLogger(__name__)

ROWS_PER_MESSAGE = 5000
ELSEWHERE_MS = 2000
"""Between two looks whether somebody else has written to the library: one number read, nothing more."""

RETRY_MS = 1000
"""How long a library that cannot be written to is left alone before the next try."""


class LibraryWorker(Worker):
    """Walks, identifies, stores; feeds the scoring worker; answers the window.

    Signals: ``rows_changed`` (`RowsChanged`), ``folders_changed`` (`FoldersChanged`), ``loaded`` (the whole
    library has been sent once), ``to_score`` (`ToScore`), ``undo_changed`` (`UndoState`),
    ``step_undone`` (`StepUndone`), ``details_ready`` (`Details`), ``export_done`` (`ExportDone`),
    ``failed`` (a sentence: there is no library to work with).
    """

    rows_changed = Signal(object)
    folders_changed = Signal(object)
    loaded = Signal()
    to_score = Signal(object)
    undo_changed = Signal(object)
    step_undone = Signal(object)
    details_ready = Signal(object)
    export_done = Signal(object)
    failed = Signal(str)
    _identified = Signal(object)

    def __init__(self, library_file: Path, folders: tuple[Path, ...] = ()) -> None:
        super().__init__()
        self._library_file = library_file
        self._first_folders = folders
        self._opened: Store | None = None
        self._model_id: str | None = None
        self._scans = ScanQueue()
        self._scoring = ScoringQueue()
        # What waits to be saved: none of it is given up while the library cannot be written to.
        self._scored = Unsaved(self._save_scored)
        self._adopted = Unsaved(self._adopt_scorer)
        self._read = Unsaved(self._save_read)
        self._gone = Unsaved(self._forget_gone)
        self._settled = Unsaved(self._record_settled)
        self._directories = Unsaved(self._look_through)
        # In this order: scores by the last scorer before the next one's; what is gone before what may be back.
        self._unsaved: tuple[Unsaved[Any], ...] = (
            self._scored, self._adopted, self._read, self._gone, self._settled, self._directories
        )  # fmt: skip
        self._trouble: str | None = None
        self._sent: set[int] = set()
        """Ids of the photos the window knows."""

    # --- beginning and end ---------------------------------------------------------------------------------

    @guarded
    def open(self) -> None:
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._work)
        self._changes = ChangeGatherer(self._send_changes, self)
        self._pool: Executor = ThreadPoolExecutor(2, thread_name_prefix="identify")
        self._identifying = IdentifyQueue(self._pool, self._identified.emit)
        self._identified.connect(self._take_identified)
        self._watch = FolderWatch(self)
        self._watch.settled.connect(self._take_settled)
        self._watch.gone.connect(self._take_gone)
        self._watch.directories.connect(self._take_directories)
        self._watch.lost.connect(self._queue_scan)
        self._watch.returned.connect(self._begin_watching)
        try:
            self._opened = Store.open(self._library_file)
        except LibraryError as error:
            self.failed.emit(str(error))
            return
        self._elsewhere = QTimer(self)
        self._elsewhere.timeout.connect(self._look_elsewhere)
        self._elsewhere.start(ELSEWHERE_MS)
        for path in self._first_folders:
            self._add_first_folder(path)
        self._send_library()
        for folder in self._watched():
            self._begin_watching(folder)

    def close(self) -> None:
        if self._opened is not None:
            self._save_the_last()
        if hasattr(self, "_elsewhere"):
            self._elsewhere.stop()
        if hasattr(self, "_watch"):
            self._turn.stop()
            self._changes.stop()
            self._watch.stop()
            self._pool.shutdown(wait=True, cancel_futures=True)
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _save_the_last(self) -> None:
        """Scores that came in since the last turn. Without them their photos are scored after the next start."""
        if self._trouble is None:
            try:
                self._scored.save()
            except LibraryError as error:
                log.warning("The last scores were not saved: %s", error)

    @property
    def _store(self) -> Store:
        if self._opened is None:
            raise LibraryError(
                f"The library {self._library_file} is not open, so nothing can be kept; see the first message."
            )
        return self._opened

    def _send_library(self) -> None:
        self._model_id = self._store.current_model()
        self._send_rows(self._store.rows())
        self._send_undo_state()
        self._send_folders()
        self.loaded.emit()

    @Slot()
    @guarded
    def _look_elsewhere(self) -> None:
        """Follow what the command line or a second window has done to the library meanwhile."""
        if not self._store.changed_elsewhere():
            return
        gone = set(self._sent)
        gone.difference_update(self._send_rows(self._store.rows()))
        self._send_rows(iter(()), tuple(gone))
        watched = {folder.id: folder for folder in self._watched()}
        for folder in self._watch.folders():
            if watched.pop(folder.id, None) is None:
                self._watch.unwatch(folder)
        for folder in watched.values():
            self._begin_watching(folder)
        self._send_undo_state()
        self._send_folders()

    # --- folders -------------------------------------------------------------------------------------------

    @Slot(object)
    @guarded
    def add_folder(self, path: Path) -> None:
        """Watch *path* and everything in it."""
        before = self._store.folders()
        folder = self._add_folder(path)
        if folder is not None:
            # Folders inside it may have become part of it.
            now = {one.id for one in self._store.folders()}
            for absorbed in (one for one in before if one.id not in now):
                self._watch.unwatch(absorbed)
                self._scans.drop(absorbed.id)
            self._changes.changed(known.photo_id for known in self._store.known_files(folder.id).values())
            self._begin_watching(folder)

    @guarded
    def _add_first_folder(self, path: Path) -> None:
        self._add_folder(path)

    def _add_folder(self, path: Path) -> Folder | None:
        if not is_directory(path):
            self.notice.emit(Notice(f"{path} is no folder that can be opened; choose another one."))
            return None
        return self._store.add_folder(path.absolute(), watched=True)

    @Slot(object)
    @guarded
    def remove_folder(self, folder_id: int) -> None:
        """Forget a folder; marks and scores stay in the library and are back when the folder is added again."""
        for folder in self._store.folders():
            if folder.id == folder_id:
                self._watch.unwatch(folder)
        self._scans.drop(folder_id)
        self._changes.removed(known.photo_id for known in self._store.known_files(folder_id).values())
        self._store.remove_folder(folder_id)
        self._changes.flush()
        self._send_folders()

    @Slot()
    @guarded
    def rescan(self) -> None:
        """Look at every watched folder again."""
        for folder in self._watched():
            self._queue_scan(folder)

    def _watched(self) -> list[Folder]:
        return [folder for folder in self._store.folders() if folder.watched]

    @Slot(object)
    @guarded
    def _begin_watching(self, folder: Folder) -> None:
        problem = self._watch.watch(folder)
        if problem:
            self.notice.emit(Notice(problem, serious=False))
        self._queue_scan(folder)

    @Slot(object)
    @guarded
    def _queue_scan(self, folder: Folder, below: Path | None = None) -> None:
        self._scans.add(folder, below)
        self._wake()
        self._send_folders()

    def _send_folders(self) -> None:
        states = tuple(FolderState(folder.id, folder.path, self._status(folder)) for folder in self._store.folders())
        self.folders_changed.emit(FoldersChanged(states))

    def _status(self, folder: Folder) -> FolderStatus:
        if folder.id in self._scans.missing:
            return FolderStatus.MISSING
        if self._scans.scanning(folder):
            return FolderStatus.SCANNING
        if not folder.watched:
            return FolderStatus.UNWATCHED
        return FolderStatus.POLLED if self._watch.is_polled(folder) else FolderStatus.WATCHED

    # --- one small piece of work per turn of the event loop -----------------------------------------------

    def _wake(self) -> None:
        """Have a turn soon; no sooner than planned while the library is left alone."""
        if not self._turn.isActive():
            self._turn.start(0)

    @Slot()
    @guarded
    def _work(self) -> None:
        pause = RETRY_MS
        try:
            self._one_turn(self._store)
            self._trouble = None
            pause = 0
        except FolderError:
            # A folder that is missing must not keep the others waiting.
            pause = 0
            raise
        except LibraryError as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                raise
        finally:
            if self._more_to_do():
                self._turn.start(pause)

    def _one_turn(self, store: Store) -> None:
        for part in self._unsaved:
            part.save()
        if self._scans.busy:
            self._scan_step()
        self._identifying.advance(store)
        if self._model_id is not None:
            rows = self._scoring.take(store, self._model_id)
            if rows:
                self.to_score.emit(ToScore(self._model_id, rows))

    def _more_to_do(self) -> bool:
        return self._opened is not None and (self._scans.busy or any(self._unsaved))

    def _scan_step(self) -> None:
        try:
            step = self._scans.step(self._store)
        except FolderError:
            self._send_folders()
            raise
        if step is None:
            self._send_folders()
            return
        self._note_found(step.changed)
        self._changes.removed(step.removed)
        for sentence in step.problems.values():
            self.notice.emit(Notice(sentence))

    def _note_found(self, photo_ids: "list[int] | tuple[int, ...]") -> None:
        if photo_ids:
            self._identifying.more_may_wait()
            self._scoring.more_may_wait()
            self._changes.changed(photo_ids)

    @Slot(object)
    @guarded
    def _take_identified(self, future: "Future[Identified]") -> None:
        self._read.add([future.result()])
        self._wake()

    def _save_read(self, read: list[Identified]) -> None:
        read_ids = self._identifying.record(self._store, read)
        self._scoring.more_may_wait()
        self._changes.changed(read_ids)

    # --- scoring: hand out photos, save results -----------------------------------------------------------

    @Slot(object)
    @guarded
    def scorer_ready(self, message: ScorerReady) -> None:
        """Ask for scores of this model from now on; photos handed out before are handed out again."""
        self._adopted.add([message])
        self._wake()

    def _adopt_scorer(self, messages: list[ScorerReady]) -> None:
        model_id = messages[-1].model_id
        # What the scorer before could not score, or this one before its last start, may go well now.
        self._changes.changed(self._store.forget_failures(Fault.SCORER))
        is_other = model_id != self._store.current_model()
        if is_other:
            self._store.set_current_model(model_id)
        self._scoring.reset()
        self._model_id = model_id
        if is_other:
            self._send_library()

    @Slot(object)
    @guarded
    def show_first(self, visible: tuple[int, ...]) -> None:
        """Photos on screen are scored first."""
        self._scoring.visible = visible

    @Slot(object)
    @guarded
    def save_scores(self, results: tuple[ScoreResult, ...]) -> None:
        self._scored.add(results)
        self._wake()

    def _save_scored(self, results: list[ScoreResult]) -> None:
        save_results(self._store, results)
        self._scoring.finished(result.row for result in results)
        if any(result.score is None for result in results):
            # A copy of what failed may be worth a try of its own.
            self._scoring.more_may_wait()
        copies = self._store.rows_with_hash([hash_of(result.row) for result in results])
        self._changes.changed(row.id for row in copies)

    # --- marks ---------------------------------------------------------------------------------------------

    @Slot(object)
    @guarded
    def set_flags(self, request: FlagRequest) -> None:
        """Mark photos, as one step that can be undone."""
        changed = self._store.decide(request.photo_ids, request.flag, request.by, request.action)
        self._changes.changed(changed)
        self._changes.flush()
        self._send_undo_state()
        unread = self._store.without_content(request.photo_ids)
        for row in self._store.rows(unread[:1]):
            reason = row.error or f"{row.path} has not been read yet; try again in a moment."
            self.notice.emit(Notice(f"Not marked: {reason}"))

    @Slot()
    @guarded
    def undo(self) -> None:
        self._after_step(self._store.undo())

    @Slot()
    @guarded
    def redo(self) -> None:
        self._after_step(self._store.redo())

    def _after_step(self, step: UndoneStep | None) -> None:
        if step is not None:
            self._changes.changed(step.photo_ids)
            self._changes.flush()
            self._send_undo_state()
            self.step_undone.emit(StepUndone(tuple(step.photo_ids)))

    def _send_undo_state(self) -> None:
        self.undo_changed.emit(UndoState(self._store.undo_label(), self._store.redo_label()))

    # --- answers -------------------------------------------------------------------------------------------

    @Slot(object)
    @guarded
    def look_up(self, photo_id: int) -> None:
        """Send one photo's details, if it is still there."""
        for details in self._store.details([photo_id]):
            self.details_ready.emit(Details(details))

    @Slot(object)
    @guarded
    def export(self, request: ExportRequest) -> None:
        """Write a culling list, worst photos first."""
        photos = worst_first(selected(self._store.details(None), request.select))
        write_list(photos, request.format, request.out)
        self.export_done.emit(ExportDone(request.out, len(photos)))

    # --- what the file system says -------------------------------------------------------------------------

    @Slot(object)
    @guarded
    def _take_settled(self, paths: tuple[Path, ...]) -> None:
        self._settled.add(paths)
        self._wake()

    def _record_settled(self, paths: list[Path]) -> None:
        for folder, files in found_files(self._store, paths):
            self._note_found(self._store.record_found(folder, files))

    @Slot(object)
    @guarded
    def _take_gone(self, paths: tuple[Path, ...]) -> None:
        self._gone.add(paths)
        self._wake()

    def _forget_gone(self, paths: list[Path]) -> None:
        for path in paths:
            folder = self._store.folder_for(path)
            if folder is not None and not is_directory(folder.path):
                self._queue_scan(folder)
            elif folder is not None:
                gone = self._store.photos_at(path)
                self._store.forget_photos(gone)
                self._changes.removed(gone)

    @Slot(object)
    @guarded
    def _take_directories(self, paths: tuple[Path, ...]) -> None:
        self._directories.add(paths)
        self._wake()

    def _look_through(self, paths: list[Path]) -> None:
        for path in paths:
            folder = self._store.folder_for(path)
            if folder is not None:
                self._queue_scan(folder, None if path == folder.path else path)

    # --- to the window -------------------------------------------------------------------------------------

    @guarded
    def _send_changes(self, changed: list[int], removed: tuple[int, ...]) -> None:
        self._send_rows(self._store.rows(changed), removed)

    def _send_rows(self, rows: Iterator[PhotoRow], removed: tuple[int, ...] = ()) -> list[int]:
        """Send rows in messages of a bearable size; returns their ids."""
        sent: list[int] = []
        while (batch := tuple(islice(rows, ROWS_PER_MESSAGE))) or removed:
            self.rows_changed.emit(RowsChanged(rows=batch, removed=removed))
            self._sent.difference_update(removed)
            removed = ()
            sent += [row.id for row in batch]
        self._sent.update(sent)
        return sent
