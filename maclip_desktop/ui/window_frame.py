"""The main window's parts: what it is made of, where they lie, and what is remembered of them."""

import base64
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from maclip_desktop import APP_NAME
from maclip_desktop.core.ordering import FlagFilter, SortOrder
from maclip_desktop.jobs.thumbnails import PictureLoader
from maclip_desktop.settings import Settings
from maclip_desktop.ui.banner import Banner
from maclip_desktop.ui.empty_state import EmptyState
from maclip_desktop.ui.filter_bar import FilterBar
from maclip_desktop.ui.folder_panel import FolderPanel
from maclip_desktop.ui.inspector import Inspector
from maclip_desktop.ui.photo_grid import PhotoGrid
from maclip_desktop.ui.photo_model import PhotoModel
from maclip_desktop.ui.scorer_banner import ScorerBanner
from maclip_desktop.ui.status_panel import StatusPanel


class WindowFrame(QMainWindow):
    """What the window asks of the workers is said by these signals.

    Marks and lists: ``flags_asked`` (`FlagRequest`), ``undo_asked``, ``redo_asked``, ``details_asked`` (id),
    ``export_asked`` (`ExportRequest`), ``retry_failed_asked`` (ids of photos to be read and scored again, or None for
    all that failed).
    Folders: ``rescan_asked``, ``folder_options_asked`` (`FolderOptions`), ``folder_moved`` (`FolderMoved`),
    ``pairs_asked`` (whether the files of one name are one photo).
    The program: ``weights_asked``, ``settings_changed`` (`Settings`), ``clear_thumbnails_asked``,
    ``log_folder_asked``, ``error_report_asked``, ``system_information_asked``, ``closing``.
    """

    flags_asked = Signal(object)
    undo_asked = Signal()
    redo_asked = Signal()
    details_asked = Signal(object)
    export_asked = Signal(object)
    retry_failed_asked = Signal(object)
    rescan_asked = Signal()
    folder_options_asked = Signal(object)
    folder_moved = Signal(object)
    pairs_asked = Signal(bool)
    weights_asked = Signal()
    settings_changed = Signal(object)
    clear_thumbnails_asked = Signal()
    log_folder_asked = Signal()
    error_report_asked = Signal()
    system_information_asked = Signal()
    closing = Signal()

    def __init__(self, thumbnails: PictureLoader, previews: PictureLoader, settings: Settings, icon: QIcon) -> None:
        super().__init__()
        self.setWindowTitle(APP_NAME)
        self.setWindowIcon(icon)
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self._settings = settings
        self.model = PhotoModel()
        self.grid = PhotoGrid(self.model, thumbnails)
        self.folders = FolderPanel()
        self.inspector = Inspector(previews)
        self.filter_bar = FilterBar()
        self.status = StatusPanel()
        self.notices = Banner(self.tr("Message"))
        self.scorer_banner = ScorerBanner()
        self.empty = EmptyState(icon)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.grid)
        self._lay_out()

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

    def _restore(self) -> None:
        settings = self._settings
        self.filter_bar.set_view(SortOrder(settings.sort_order), FlagFilter(settings.flag_filter))
        self.model.sort_order = SortOrder(settings.sort_order)
        self.model.flag_filter = FlagFilter(settings.flag_filter)
        self.inspector.heat_map.setChecked(settings.heat_map)
        self.status.show_paused(settings.paused)
        if settings.window_geometry:
            self.restoreGeometry(QByteArray(base64.b64decode(settings.window_geometry)))
        if settings.splitter_state:
            self._splitter.restoreState(QByteArray(base64.b64decode(settings.splitter_state)))

    def settings(self) -> Settings:
        """The settings as the window now stands; what it does not show is as it was."""
        return replace(
            self._settings,
            sort_order=self.filter_bar.sort_order(),
            flag_filter=self.filter_bar.flag_filter(),
            window_geometry=base64.b64encode(self.saveGeometry().data()).decode("ascii"),
            splitter_state=base64.b64encode(self._splitter.saveState().data()).decode("ascii"),
            heat_map=self.inspector.heat_map.isChecked(),
            paused=self.status.paused,
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _paths_of(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for path in _paths_of(event):
            self.folders.add_asked.emit(path)
        event.acceptProposedAction()

    def _turn_to(self, page: QWidget) -> None:
        """Show the grid or what stands in its place; the keys go along if they were there."""
        focus = self.focusWidget()
        takes_keys = focus is None or self._stack.isAncestorOf(focus)
        if page is not self._stack.currentWidget():
            self._stack.setCurrentWidget(page)
            if takes_keys:
                page.setFocus()


def _paths_of(event: QDropEvent) -> list[Path]:
    """What is dropped; whether it is a folder is for the library worker to find out, which may wait for a drive."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
