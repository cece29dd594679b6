"""The dialogs of the main window: what is asked of the person, and what becomes of the answer."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QMessageBox

from maclip_desktop import APP_NAME, __version__
from maclip_desktop.core.culling import Select
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.ordering import FlagFilter, Rows, SortOrder
from maclip_desktop.jobs.messages import FlagRequest
from maclip_desktop.ui import words
from maclip_desktop.ui.export_dialog import ExportDialog
from maclip_desktop.ui.flag_below_dialog import FlagBelowDialog
from maclip_desktop.ui.preferences_dialog import PreferencesDialog

if TYPE_CHECKING:
    from maclip_desktop.ui.main_window import MainWindow


class Asking(QObject):
    """Opens dialogs for the window and lets the window say what came out."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window

    @Slot()
    def flag_below(self) -> None:
        """Show what a threshold would reject, then do it if told so."""
        window = self._window
        dialog = FlagBelowDialog(
            lambda: window.model.table.candidates(self._folder_slots()),
            window.settings().threshold,
            window.folders.chosen_words(),
            window,
        )
        if dialog.exec() == FlagBelowDialog.DialogCode.Accepted:
            window.remember(replace(window.settings(), threshold=dialog.threshold()))
            photo_ids = dialog.suggestion().reject_ids
            action = self.tr("Reject below %1: %2").replace("%1", f"{dialog.threshold():.3f}")
            action = action.replace("%2", words.photos(len(photo_ids)))
            window.flags_asked.emit(FlagRequest(photo_ids, Flag.REJECT, Decider.RULE, action))
        dialog.deleteLater()

    @Slot()
    def export(self) -> None:
        dialog = ExportDialog(self._counts(), self._window)
        if dialog.exec() == ExportDialog.DialogCode.Accepted:
            self._window.export_asked.emit(dialog.request())
        dialog.deleteLater()

    @Slot()
    def preferences(self) -> None:
        window = self._window
        dialog = PreferencesDialog(window.settings(), window.menus.pairs.isChecked(), window)
        dialog.clear_thumbnails_asked.connect(window.clear_thumbnails_asked)
        if dialog.exec() == PreferencesDialog.DialogCode.Accepted:
            window.remember(dialog.settings(window.settings()))
            window.settings_changed.emit(window.settings())
            window.menus.pairs.setChecked(dialog.pairs())
        dialog.deleteLater()

    @Slot()
    def keys(self) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle(self.tr("Keys"))
        box.setTextFormat(Qt.TextFormat.RichText)
        box.setText(self._window.menus.keys_text())
        box.exec()
        box.deleteLater()

    @Slot()
    def about(self) -> None:
        QMessageBox.about(
            self._window,
            APP_NAME,
            self.tr("%1 %2\n\nFinds, shows and marks the weak photos of a shoot.\nEverything stays on this machine.")
            .replace("%1", APP_NAME)
            .replace("%2", __version__),
        )

    def _folder_slots(self) -> Rows:
        """Photos of the chosen folder, or all: what a rule looks at, whatever flags are hidden."""
        return self._window.model.table.order(SortOrder.WORST_FIRST, FlagFilter.ALL, self._window.folders.chosen())

    def _counts(self) -> dict[Select, int]:
        flags = self._window.model.table.column("flags")
        of = {Select.REJECTS: Flag.REJECT, Select.PICKS: Flag.PICK, Select.UNFLAGGED: Flag.NONE}
        counts = {select: int(np.count_nonzero(flags == flag)) for select, flag in of.items()}
        return {**counts, Select.ALL: len(flags)}
