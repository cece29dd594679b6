"""What can be done with a folder of the list, for its menu and the menu bar."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from maclip_desktop.jobs.messages import FolderMoved, FolderState, FolderStatus
from maclip_desktop.ui.folder_options_dialog import FolderOptionsDialog
from maclip_desktop.ui.printable import printable_name


class FolderActions(QObject):
    """Actions for the folder that is chosen.

    Signals: ``options_asked`` (`FolderOptions`), ``moved`` (`FolderMoved`), ``rescan_asked``, ``remove_asked`` (id).
    """

    options_asked = Signal(object)
    moved = Signal(object)
    rescan_asked = Signal()
    remove_asked = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._folder: FolderState | None = None
        self.options = self._action(self.tr("&Options…"), self._ask_options)
        self.move = self._action(self.tr("It has &moved…"), self.ask_where)
        self.rescan = self._action(self.tr("&Look through the folders again"), self.rescan_asked.emit)
        self.remove = self._action(self.tr("&Remove"), self._ask_remove)
        self.move.setToolTip(self.tr("Say where the folder lies now; flags and scores of its photos are kept"))
        self.remove.setToolTip(self.tr("Stop watching this folder. Its files, flags and scores are kept."))
        self.use(None)

    def use(self, folder: FolderState | None) -> None:
        """From now on they mean this folder; None where no single one is chosen."""
        self._folder = folder
        is_watched = folder is not None and folder.status is not FolderStatus.UNWATCHED
        self.options.setEnabled(is_watched)
        for action in (self.move, self.remove):
            action.setEnabled(folder is not None)

    def fill(self, menu: QMenu) -> None:
        """Put them into a menu; what helps a missing folder stands first there."""
        missing = self._folder is not None and self._folder.status is FolderStatus.MISSING
        first, second = (self.move, self.options) if missing else (self.options, self.move)
        menu.addActions([first, second, self.rescan])
        menu.addSeparator()
        menu.addAction(self.remove)

    @Slot()
    def ask_where(self) -> None:
        """Let the person choose where the folder lies now."""
        folder = self._folder
        if folder is None:
            return
        title = self.tr("Where does “%1” lie now?").replace("%1", printable_name(folder.path))
        chosen = QFileDialog.getExistingDirectory(self._window, title, str(Path.home()))
        if chosen and Path(chosen) != folder.path:
            self.moved.emit(FolderMoved(folder.id, Path(chosen)))

    @Slot()
    def _ask_options(self) -> None:
        if self._folder is None:
            return
        dialog = FolderOptionsDialog(self._folder, self._window.window())
        if dialog.exec() == FolderOptionsDialog.DialogCode.Accepted:
            self.options_asked.emit(dialog.options())
        dialog.deleteLater()

    @Slot()
    def _ask_remove(self) -> None:
        if self._folder is not None:
            self.remove_asked.emit(self._folder.id)

    def _action(self, text: str, slot: Callable[[], object]) -> QAction:
        action = QAction(text, self)
        action.triggered.connect(lambda _checked=False: slot())
        return action
