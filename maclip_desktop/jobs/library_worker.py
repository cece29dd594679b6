"""The library worker: the only owner of the library, and of what watches the folders."""

import logging
from pathlib import Path

from PySide6.QtCore import QTimer, Signal, Slot

from maclip_desktop.errors import LibraryError
from maclip_desktop.exporting.culling_list import write_list
from maclip_desktop.jobs.files_worker import FilesWorker
from maclip_desktop.jobs.messages import (
    Details,
    ExportDone,
    ExportRequest,
    FlagRequest,
    Notice,
    ScorerReady,
    StepUndone,
    ToScore,
    UndoState,
)
from maclip_desktop.jobs.scoring_queue import ScoringQueue, hash_of
from maclip_desktop.jobs.tasks import ScoreResult, save_results
from maclip_desktop.jobs.threads import guarded
from maclip_desktop.jobs.unsaved import Unsaved
from maclip_desktop.library.backups import backups_folder
from maclip_desktop.library.decisions import UndoneStep
from maclip_desktop.library.photos import Fault
from maclip_desktop.library.store import Store

log = logging.getLogger(__name__)

FIRST_ROWS = 500
"""Photos sent before all others: some screens full of those that come first in the usual order."""
ELSEWHERE_MS = 2000
"""Between two looks whether somebody else has written to the library: one number read, nothing more."""


BACKUP_MS = 60_000
"""How long after the start a backup may be made, and how long it is put off while folders are looked through."""
BACKUP_AGAIN_MS = 24 * 3600 * 1000
"""Whoever leaves the window open for weeks gets backups too."""

UNCLEAN = "The last session did not end properly; the library was checked and is whole."


class LibraryWorker(FilesWorker):
    """Feeds the scoring worker, keeps what it gives back, and answers the window.

    Signals beside those of `FilesWorker` and `StoreWorker`: ``loaded`` (the whole library has been sent once),
    ``to_score`` (`ToScore`), ``undo_changed`` (`UndoState`), ``step_undone`` (`StepUndone`), ``details_ready``
    (`Details`), ``export_done`` (`ExportDone`), ``pairs_changed`` (whether files of one name are one photo).
    """

    loaded = Signal()
    to_score = Signal(object)
    undo_changed = Signal(object)
    step_undone = Signal(object)
    details_ready = Signal(object)
    export_done = Signal(object)
    pairs_changed = Signal(bool)

    def __init__(self, library_file: Path, folders: tuple[Path, ...] = ()) -> None:
        super().__init__(library_file)
        self._first_folders = folders
        self._model_id: str | None = None
        """Of the scorer at work. Nothing is handed out before it is ready: it would be handed out twice."""
        self._pairs: bool | None = None
        self._scoring = ScoringQueue()
        self._scored = Unsaved(self._save_scored)
        self._adopted = Unsaved(self._adopt_scorer)
        # In this order: scores by the last scorer before the next one's; what is gone before what may be back.
        self._unsaved = (self._scored, self._adopted, self._read, self._gone, self._settled, self._directories)

    # --- beginning and end ---------------------------------------------------------------------------------

    @guarded
    def open(self) -> None:
        self._open_files()
        if not self._open_store():
            return
        self._elsewhere = QTimer(self)
        self._elsewhere.timeout.connect(self._look_elsewhere)
        self._elsewhere.start(ELSEWHERE_MS)
        self._backup = QTimer(self)
        self._backup.setSingleShot(True)
        self._backup.timeout.connect(self._back_up)
        self._backup.start(BACKUP_MS)
        if self._store.was_unclean:
            self.notice.emit(Notice(UNCLEAN, serious=False))
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
            self._backup.stop()
        self._rest()
        self._close_files()
        self._close_store()

    def _save_the_last(self) -> None:
        """Scores that came in since the last turn. Without them their photos are scored after the next start."""
        if self._trouble is None:
            try:
                self._scored.save()
            except LibraryError as error:
                log.warning("The last scores were not saved: %s", error)

    def _send_library(self) -> None:
        self._send_pairs()
        # Of a large library the first screen is right at once, while the rest is on its way.
        self._send_rows(self._store.rows(self._store.lowest(FIRST_ROWS)))
        self._send_rows(self._store.rows())
        self._send_undo_state()
        self._send_folders()
        self.loaded.emit()

    def _send_pairs(self) -> None:
        """Say once whether files of one name are one photo, and again when that has changed."""
        on = self._store.pairs()
        if on is not self._pairs:
            self._pairs = on
            self.pairs_changed.emit(on)

    @Slot(bool)
    @guarded
    def set_pairs(self, on: bool) -> None:
        """Show files of one name as one photo, or each for itself."""
        self._store.set_pairs(on)
        self._send_pairs()
        self._resend_all()
        self._identifying.more_may_wait()
        self._more_to_score(())
        self._wake()

    @Slot()
    @guarded
    def _look_elsewhere(self) -> None:
        """Follow what the command line or a second window has done to the library meanwhile."""
        if not self._store.changed_elsewhere():
            return
        if self._store.was_replaced():
            self._look_anew()
        self._send_pairs()
        self._resend_all()
        self._follow_folders()
        self._send_undo_state()
        self._send_folders()

    def _look_anew(self) -> None:
        """A backup was put back: what came since is found, read and scored again; ids may mean other photos."""
        for folder in (*self._watch.folders(), *self._store.folders()):
            self._scans.drop(folder.id)
        for folder in self._watched():
            self._queue_scan(folder)
        self._identifying.more_may_wait()
        self._more_to_score(())

    @Slot()
    @guarded
    def _back_up(self) -> None:
        """Keep a copy of the library from time to time, while nothing more urgent is to do."""
        is_busy = self._scans.busy or any(self._unsaved)
        self._backup.start(BACKUP_MS if is_busy else BACKUP_AGAIN_MS)
        if not is_busy:
            self._store.backup_if_due(backups_folder(self._library_file))

    # --- scoring: hand out photos, save results -----------------------------------------------------------

    def _one_turn(self, store: Store) -> None:
        super()._one_turn(store)
        if self._model_id is not None:
            rows = self._scoring.take(store, self._model_id, self._scans.missing)
            if rows:
                self.to_score.emit(ToScore(self._model_id, rows))

    def _more_to_score(self, arrived: "list[int] | tuple[int, ...]") -> None:
        self._scoring.arrived(arrived)
        self._scoring.more_may_wait()

    @Slot(object)
    @guarded
    def scorer_ready(self, message: ScorerReady) -> None:
        """Ask for scores of this model from now on; photos handed out before are handed out again."""
        self._adopted.add([message])
        self._wake()

    def _adopt_scorer(self, messages: list[ScorerReady]) -> None:
        scorer = messages[-1]
        # What the scorer before could not score, or this one before its last start, may go well now.
        self._changes.changed(self._store.forget_failures(Fault.SCORER))
        is_other = scorer.model_id != self._store.current_model()
        if is_other:
            self._store.set_current_model(scorer.model_id, scorer.name)
        self._scoring.reset(scorer.photos_at_once)
        self._model_id = scorer.model_id
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
        self._note_outcomes({result.row.id: result.fault if result.error else None for result in results})
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
        photos = self._store.listed(select=request.select)
        write_list(photos, request.format, request.out)
        self.export_done.emit(ExportDone(request.out, len(photos)))
