"""The main window: folders, grid, inspector, progress. It shows and asks; the workers do."""

import time
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QCloseEvent, QIcon

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.jobs.messages import (
    ExportDone,
    FlagRequest,
    FoldersChanged,
    FolderStatus,
    Notice,
    RowsChanged,
    ScorerReady,
    StepUndone,
    UndoState,
)
from maclip_desktop.jobs.thumbnails import PictureLoader
from maclip_desktop.settings import Settings
from maclip_desktop.ui import words
from maclip_desktop.ui.asking import Asking
from maclip_desktop.ui.inbox import ROWS_PER_TURN, Inbox
from maclip_desktop.ui.menus import Menus
from maclip_desktop.ui.photo_table import is_finished
from maclip_desktop.ui.printable import printable
from maclip_desktop.ui.window_frame import WindowFrame

NOTICE_SECONDS = 15.0
SERIOUS_SECONDS = 60.0
"""How long a message stays: what it tells of may be over by then, and the folder list says what still is."""
COUNT_SECONDS = 0.1
"""While many photos come in, what is counted of them is written no more often than this."""
IDLE_SECONDS = 3.0
"""After so long without a key or a click the grid may sort itself again."""


class MainWindow(WindowFrame):
    """Takes what the workers say, and keeps the parts of the window together. Signals: see `WindowFrame`."""

    def __init__(self, thumbnails: PictureLoader, previews: PictureLoader, settings: Settings, icon: QIcon) -> None:
        super().__init__(thumbnails, previews, settings, icon)
        self._touched_at = 0.0
        self._folders_known = False
        self._missing: dict[int, Path] = {}
        self._finished = 0
        self._counted_at = 0.0
        self.asking = Asking(self)
        self.menus = Menus(self)
        self._inbox = Inbox(self)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(1000)
        self._idle.timeout.connect(self._resort_when_idle)
        self._connect()
        self._restore()
        self._show_what_there_is()
        self.filter_bar.allow_actions(False)
        self.empty.setFocus()

    def _connect(self) -> None:
        self.grid.flag_asked.connect(self.flag_selected)
        self.grid.retry_asked.connect(self.retry_selected)
        self.grid.current_photo.connect(self._show_current)
        self.grid.touched.connect(self._touch)
        self.model.content_changed.connect(self._content_changed)
        self.model.resorted.connect(self._show_what_there_is)
        self.folders.folder_chosen.connect(self._apply_view)
        of_folder = self.folders.actions_of_folder
        of_folder.options_asked.connect(self.folder_options_asked)
        of_folder.moved.connect(self.folder_moved)
        of_folder.rescan_asked.connect(self.rescan_asked)
        self.filter_bar.view_changed.connect(self._apply_view)
        self.filter_bar.resort_asked.connect(self._resort)
        self.filter_bar.flag_below_asked.connect(self.asking.flag_below)
        self.filter_bar.export_asked.connect(self.asking.export)
        self.inspector.retry_asked.connect(self._retry_photo)
        self.status.pause_asked.connect(self._keep_pause)
        self.empty.acted.connect(self._help_from_empty)
        self.scorer_banner.weights_asked.connect(self.weights_asked)
        self.scorer_banner.retry_asked.connect(self.status.show_retry)
        self.menus.pairs.toggled.connect(self.pairs_asked)

    # --- what the workers say ------------------------------------------------------------------------------

    @Slot(object)
    def take_rows(self, message: RowsChanged) -> None:
        """Show photos as the library has saved them; where there are many, bit by bit."""
        rows, removed = message.rows, message.removed
        for start in range(0, max(len(rows), 1), ROWS_PER_TURN):
            part = RowsChanged(rows[start : start + ROWS_PER_TURN], () if start else removed)
            self._inbox.put(partial(self._take_part, part), len(part.rows) + len(part.removed))

    def _take_part(self, part: RowsChanged) -> None:
        self._finished += sum(self.model.table.is_waiting(row.id) and is_finished(row) for row in part.rows)
        self.model.apply(part)
        current = self._current_photo()
        if current is not None and any(row.id == current for row in part.rows):
            self._show_current(current)

    @Slot(object)
    def take_folders(self, message: FoldersChanged) -> None:
        self._folders_known = bool(message.folders)
        self.folders.show_folders(message)
        missing = {state.id: state.path for state in message.folders if state.status is FolderStatus.MISSING}
        for folder_id in self._missing.keys() - missing.keys():
            self.notices.withdraw(printable(self._missing[folder_id]))
        self._missing = missing
        if self.model.set_missing(frozenset(missing)):
            self._show_current(self._current_photo())
        self._show_what_there_is()

    @Slot()
    def library_loaded(self) -> None:
        self._inbox.put(self._resort)

    @Slot(bool)
    def show_pairs(self, on: bool) -> None:
        """Whether the files of one name are one photo, as the library has it."""
        self.menus.pairs.blockSignals(True)
        self.menus.pairs.setChecked(on)
        self.menus.pairs.blockSignals(False)

    @Slot(object)
    def take_scorer(self, message: ScorerReady) -> None:
        self.status.show_scorer(message)
        self.inspector.take_scorer(message)
        self.scorer_banner.show_scorer(message, wished=self._settings.scorer != "auto")

    @Slot(str)
    def take_no_scorer(self, sentence: str) -> None:
        self.status.show_no_scorer(sentence)
        self.scorer_banner.show_unavailable(sentence)

    @Slot(str)
    def take_halt(self, sentence: str) -> None:
        self.status.show_halt()
        self.scorer_banner.show_halt(sentence)

    @Slot(object)
    def take_notice(self, notice: Notice) -> None:
        self.notices.say(notice.text, seconds=SERIOUS_SECONDS if notice.serious else NOTICE_SECONDS)

    @Slot(object)
    def take_undo_state(self, state: UndoState) -> None:
        self.menus.show_undo_state(state)

    @Slot(object)
    def take_undone(self, step: StepUndone) -> None:
        """Marks went back: bring the photos back into view and select them."""
        self._inbox.put(partial(self._show_undone, step))

    def _show_undone(self, step: StepUndone) -> None:
        self.model.resort()
        self.grid.select_photos(step.photo_ids)

    @Slot(object)
    def take_export_done(self, done: ExportDone) -> None:
        text = self.tr("%1 written to %2.").replace("%1", words.photos(done.photos)).replace("%2", str(done.out))
        self.notices.say(text)

    # --- what the person does ------------------------------------------------------------------------------

    @Slot(object)
    def flag_selected(self, flag: Flag) -> None:
        """Mark the selected photos, by the person's hand."""
        photo_ids = self.grid.selected_ids()
        if photo_ids:
            action = f"{words.flag_words(flag)}: {words.photos(len(photo_ids))}"
            self.flags_asked.emit(FlagRequest(photo_ids, flag, Decider.PERSON, action))

    @Slot()
    def retry_selected(self) -> None:
        """Have those of the selected photos read again that could not be."""
        failed = self.grid.selected_failed()
        if failed:
            self.retry_failed_asked.emit(failed)

    @Slot()
    def retry_all(self) -> None:
        self.retry_failed_asked.emit(None)

    @Slot(object)
    def _retry_photo(self, photo_id: int) -> None:
        self.retry_failed_asked.emit((photo_id,))

    def has_failed(self) -> bool:
        """Whether there is a photo that could not be read."""
        return not self.model.table.column("readable").all()

    def remember(self, settings: Settings) -> None:
        """Keep settings that no part of the window shows."""
        self._settings = settings

    @Slot()
    def _keep_pause(self) -> None:
        """At once, and not only when the window is closed: who has paused for good reason may not come to that."""
        self.remember(self.settings())
        self.settings_changed.emit(self._settings)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._inbox.stop()
        self._idle.stop()
        self.status.stop()
        self.closing.emit()
        super().closeEvent(event)

    # --- keeping the parts together ------------------------------------------------------------------------

    @Slot()
    def _touch(self) -> None:
        self._touched_at = time.monotonic()

    def _current_photo(self) -> int | None:
        current = self.grid.currentIndex()
        return self.model.photo_id(current.row()) if current.isValid() else None

    @Slot(object)
    def _show_current(self, photo_id: int | None) -> None:
        slot = None if photo_id is None else self.model.table.slot(photo_id)
        if slot is None:
            self.inspector.clear()
            return
        request = self.model.request_of_slot(slot)
        missing = self.folders.path(self.model.folder(slot)) if self.model.is_offline(slot) else None
        self.inspector.show_picture(request, self.model.pixmaps.get(request), missing)
        self.details_asked.emit(photo_id)

    @Slot()
    def _apply_view(self) -> None:
        self._touch()
        self.model.set_view(self.filter_bar.sort_order(), self.filter_bar.flag_filter(), self.folders.chosen())
        self.filter_bar.show_misplaced(0)
        self.grid.scrollToTop()
        self._look_at_current()

    @Slot()
    def _resort(self) -> None:
        """Sort afresh. The eye stays on its photo if that was on screen, and else where it was."""
        in_sight = self.grid.currentIndex().row() in self.grid.visible_rows()
        self.model.resort()
        self.filter_bar.show_misplaced(0)
        if not self._touched_at:
            self.grid.select_row(0)
        elif in_sight or not self.grid.currentIndex().isValid():
            self._look_at_current()

    def _look_at_current(self) -> None:
        """Bring the current photo into view; where there is none, the first becomes it, so that the keys work."""
        if not self.grid.currentIndex().isValid():
            self.grid.select_row(0)
        elif self.grid.selectionModel().hasSelection():
            self.grid.scrollTo(self.grid.currentIndex())

    @Slot()
    def _content_changed(self) -> None:
        if self._inbox.more_rows() and time.monotonic() - self._counted_at < COUNT_SECONDS:
            return
        self._counted_at = time.monotonic()
        table = self.model.table
        waiting = int(np.count_nonzero(table.waiting()))
        failed = int(np.count_nonzero(~table.column("readable")))
        self.status.show_counts(len(table), waiting, failed, self._finished)
        self._finished = 0
        self.filter_bar.allow_actions(len(table) > 0)
        self.folders.show_counts(table.folder_counts())
        self._show_what_there_is()
        if not self._idle.isActive():
            self._idle.start()

    @Slot()
    def _resort_when_idle(self) -> None:
        """Photos go to their place while nobody is at work on the grid; else a button offers it."""
        misplaced = self.model.misplaced()
        if misplaced and time.monotonic() - self._touched_at > IDLE_SECONDS:
            self._resort()
            return
        self.filter_bar.show_misplaced(misplaced)
        if misplaced:
            self._idle.start()

    @Slot()
    def _show_what_there_is(self) -> None:
        if self.model.rowCount():
            self._turn_to(self.grid)
            return
        self._turn_to(self.empty)
        self.inspector.clear()
        if not self._folders_known:
            self.empty.ask_for_folder()
        elif len(self.model.table):
            self.empty.say_hidden(len(self.model.table))
        else:
            self.empty.say_nothing_yet(self.folders.leaves_out())

    @Slot()
    def _help_from_empty(self) -> None:
        if self._folders_known:
            self.folders.choose_all()
            self.filter_bar.show_everything()
        else:
            self.folders.ask_for_folder()
