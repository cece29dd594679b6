"""The main window: folders, grid, inspector, progress. It shows and asks; the workers do."""

import base64
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QByteArray, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QIcon
from PySide6.QtWidgets import QMainWindow, QMessageBox, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from maclip_desktop import APP_NAME, __version__
from maclip_desktop.core.culling import Select
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.ordering import FlagFilter, SortOrder
from maclip_desktop.jobs.messages import (
    ExportDone,
    FlagRequest,
    FoldersChanged,
    Notice,
    RowsChanged,
    ScorerReady,
    StepUndone,
    UndoState,
)
from maclip_desktop.jobs.thumbnails import PictureLoader
from maclip_desktop.settings import Settings
from maclip_desktop.ui import words
from maclip_desktop.ui.banner import Banner
from maclip_desktop.ui.empty_state import EmptyState
from maclip_desktop.ui.export_dialog import ExportDialog
from maclip_desktop.ui.filter_bar import FilterBar
from maclip_desktop.ui.flag_below_dialog import FlagBelowDialog
from maclip_desktop.ui.folder_panel import FolderPanel
from maclip_desktop.ui.inspector import Inspector
from maclip_desktop.ui.menus import Menus
from maclip_desktop.ui.photo_grid import PhotoGrid
from maclip_desktop.ui.photo_model import PhotoModel
from maclip_desktop.ui.photo_table import is_finished
from maclip_desktop.ui.scorer_banner import ScorerBanner
from maclip_desktop.ui.status_panel import StatusPanel

NOTICE_SECONDS = 15.0
SERIOUS_SECONDS = 60.0
"""How long a message stays: what it tells of may be over by then, and the folder list says what still is."""
IDLE_SECONDS = 3.0
"""After so long without a key or a click the grid may sort itself again."""


class MainWindow(QMainWindow):
    """Signals: ``flags_asked`` (`FlagRequest`), ``undo_asked``, ``redo_asked``, ``rescan_asked``,
    ``details_asked`` (id), ``export_asked`` (`ExportRequest`), ``weights_asked``, ``closing``.
    """

    flags_asked = Signal(object)
    undo_asked = Signal()
    redo_asked = Signal()
    rescan_asked = Signal()
    details_asked = Signal(object)
    export_asked = Signal(object)
    weights_asked = Signal()
    closing = Signal()

    def __init__(self, thumbnails: PictureLoader, previews: PictureLoader, settings: Settings, icon: QIcon) -> None:
        super().__init__()
        self.setWindowTitle(APP_NAME)
        self.setWindowIcon(icon)
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self._settings = settings
        self._threshold = settings.threshold
        self._touched_at = 0.0
        self._folders_known = False
        self._finished = 0
        self.model = PhotoModel()
        self.grid = PhotoGrid(self.model, thumbnails)
        self.folders = FolderPanel()
        self.inspector = Inspector(previews)
        self.filter_bar = FilterBar()
        self.status = StatusPanel()
        self.notices = Banner(self.tr("Message"))
        self.scorer_banner = ScorerBanner()
        self.empty = EmptyState(icon)
        self.menus = Menus(self)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.grid)
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(1000)
        self._idle.timeout.connect(self._resort_when_idle)
        self._lay_out()
        self._connect()
        self._restore(settings)
        self._show_what_there_is()
        self.filter_bar.allow_actions(False)
        self.empty.setFocus()

    # --- making --------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filter_bar)
        column.addWidget(self._stack, 1)
        # Below the grid: a message that comes must not move the photos under the cursor.
        column.addWidget(self.scorer_banner)
        column.addWidget(self.notices)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        for part in (self.folders, middle, self.inspector):
            self._splitter.addWidget(part)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setCollapsible(1, False)
        self._splitter.setSizes([210, 760, 310])
        whole = QWidget()
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self._splitter, 1)
        rows.addWidget(self.status)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        self.grid.flag_asked.connect(self.flag_selected)
        self.grid.current_photo.connect(self._show_current)
        self.grid.touched.connect(self._touch)
        self.model.content_changed.connect(self._content_changed)
        self.model.resorted.connect(self._show_what_there_is)
        self.folders.folder_chosen.connect(self._apply_view)
        self.filter_bar.view_changed.connect(self._apply_view)
        self.filter_bar.resort_asked.connect(self._resort)
        self.filter_bar.flag_below_asked.connect(self.ask_flag_below)
        self.filter_bar.export_asked.connect(self.ask_export)
        self.empty.acted.connect(self._help_from_empty)
        self.scorer_banner.weights_asked.connect(self.weights_asked)
        self.scorer_banner.retry_asked.connect(self.status.show_retry)

    def _restore(self, settings: Settings) -> None:
        self.filter_bar.set_view(SortOrder(settings.sort_order), FlagFilter(settings.flag_filter))
        self.model.sort_order = SortOrder(settings.sort_order)
        self.model.flag_filter = FlagFilter(settings.flag_filter)
        self.inspector.heat_map.setChecked(settings.heat_map)
        if settings.window_geometry:
            self.restoreGeometry(QByteArray(base64.b64decode(settings.window_geometry)))
        if settings.splitter_state:
            self._splitter.restoreState(QByteArray(base64.b64decode(settings.splitter_state)))

    def settings(self) -> Settings:
        """The settings as the window now stands."""
        return Settings(
            sort_order=self.filter_bar.sort_order(),
            flag_filter=self.filter_bar.flag_filter(),
            threshold=self._threshold,
            scorer=self._settings.scorer,
            weights=self._settings.weights,
            window_geometry=base64.b64encode(self.saveGeometry().data()).decode("ascii"),
            splitter_state=base64.b64encode(self._splitter.saveState().data()).decode("ascii"),
            heat_map=self.inspector.heat_map.isChecked(),
        )

    # --- what the workers say ------------------------------------------------------------------------------

    @Slot(object)
    def take_rows(self, message: RowsChanged) -> None:
        self._finished = sum(self.model.table.is_waiting(row.id) and is_finished(row) for row in message.rows)
        self.model.apply(message)
        current = self.grid.currentIndex()
        if current.isValid():
            photo_id = self.model.photo_id(current.row())
            if any(row.id == photo_id for row in message.rows):
                self._show_current(photo_id)

    @Slot(object)
    def take_folders(self, message: FoldersChanged) -> None:
        self._folders_known = bool(message.folders)
        self.folders.show_folders(message)
        self._show_what_there_is()

    @Slot()
    def library_loaded(self) -> None:
        self._resort()

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
    def ask_flag_below(self) -> None:
        """Show what a threshold would reject, then do it if told so."""
        place = self.folders.chosen_words()
        dialog = FlagBelowDialog(
            lambda: self.model.table.candidates(self._folder_slots()), self._threshold, place, self
        )
        if dialog.exec() == FlagBelowDialog.DialogCode.Accepted:
            self._threshold = dialog.threshold()
            photo_ids = dialog.suggestion().reject_ids
            action = self.tr("Reject below %1: %2").replace("%1", f"{self._threshold:.3f}")
            action = action.replace("%2", words.photos(len(photo_ids)))
            self.flags_asked.emit(FlagRequest(photo_ids, Flag.REJECT, Decider.RULE, action))
        dialog.deleteLater()

    @Slot()
    def ask_export(self) -> None:
        dialog = ExportDialog(self._counts(), self)
        if dialog.exec() == ExportDialog.DialogCode.Accepted:
            self.export_asked.emit(dialog.request())
        dialog.deleteLater()

    @Slot()
    def show_keys(self) -> None:
        box = QMessageBox(self)
        box.setWindowTitle(self.tr("Keys"))
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setText(self.menus.keys_text())
        box.exec()
        box.deleteLater()

    @Slot()
    def show_about(self) -> None:
        QMessageBox.about(
            self,
            APP_NAME,
            self.tr("%1 %2\n\nFinds, shows and marks the weak photos of a shoot.\nEverything stays on this machine.")
            .replace("%1", APP_NAME)
            .replace("%2", __version__),
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _paths_of(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in _paths_of(event):
            self.folders.add_asked.emit(path)
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._idle.stop()
        self.status.stop()
        self.closing.emit()
        super().closeEvent(event)

    # --- keeping the parts together ------------------------------------------------------------------------

    @Slot()
    def _touch(self) -> None:
        self._touched_at = time.monotonic()

    @Slot(object)
    def _show_current(self, photo_id: int | None) -> None:
        slot = None if photo_id is None else self.model.table.slot(photo_id)
        if slot is None:
            self.inspector.clear()
            return
        request = self.model.request_of_slot(slot)
        self.inspector.show_picture(request, self.model.pixmaps.get(request))
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
        table = self.model.table
        waiting = int(np.count_nonzero(table.waiting()))
        failed = int(np.count_nonzero(~table.column("readable")))
        self.status.show_counts(len(table), waiting, failed, self._finished)
        self._finished = 0
        self.filter_bar.allow_actions(len(table) > 0)
        ids, counts = np.unique(table.column("folders"), return_counts=True)
        self.folders.show_counts(dict(zip(ids.tolist(), counts.tolist(), strict=True)))
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

    def _folder_slots(self) -> np.ndarray:
        """Photos of the chosen folder, or all: what a rule looks at, whatever flags are hidden."""
        return self.model.table.order(SortOrder.WORST_FIRST, FlagFilter.ALL, self.folders.chosen())

    def _counts(self) -> dict[Select, int]:
        flags = self.model.table.column("flags")
        of = {Select.REJECTS: Flag.REJECT, Select.PICKS: Flag.PICK, Select.UNFLAGGED: Flag.NONE}
        counts = {select: int(np.count_nonzero(flags == flag)) for select, flag in of.items()}
        return {**counts, Select.ALL: len(flags)}

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
            self.empty.say_nothing_yet()

    def _turn_to(self, page: QWidget) -> None:
        """Show the grid or what stands in its place; the keys go along if they were there."""
        focus = self.focusWidget()
        takes_keys = focus is None or self._stack.isAncestorOf(focus)
        if page is not self._stack.currentWidget():
            self._stack.setCurrentWidget(page)
            if takes_keys:
                page.setFocus()

    @Slot()
    def _help_from_empty(self) -> None:
        if self._folders_known:
            self.folders.choose_all()
            self.filter_bar.show_everything()
        else:
            self.folders.ask_for_folder()


def _paths_of(event: QDropEvent) -> list[Path]:
    """What is dropped; whether it is a folder is for the library worker to find out, which may wait for a drive."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
