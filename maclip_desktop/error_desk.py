"""Errors inside the program, as the person meets them: a line below the grid, and a report behind it."""

import contextlib
from pathlib import Path

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QObject, QUrl, Slot, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication

from maclip_desktop.jobs.messages import Notice
from maclip_desktop.library.schema import MIGRATIONS
from maclip_desktop.reports import ErrorsOfRun, error_report, system_information
from maclip_desktop.ui.error_dialog import ErrorDialog
from maclip_desktop.ui.main_window import MainWindow


class ErrorDesk(QObject):
    """Takes every notice for *window*; those with a report get a button that shows it.

    There is one dialog at a time, and one line below the grid, however many errors come.
    """

    def __init__(self, window: MainWindow, logs: Path) -> None:
        super().__init__(window)
        self._window = window
        self._logs = logs
        self._errors = ErrorsOfRun()
        self._dialog: ErrorDialog | None = None
        self._line = ""

    @Slot(object)
    def take_notice(self, notice: Notice) -> None:
        """Show a message as it deserves."""
        if notice.report is None:
            self._window.take_notice(notice)
            return
        self._errors.add(notice.text, notice.report)
        self._window.menus.allow_error_report()
        if self._dialog is not None:
            self._dialog.news()
            return
        times = self._errors.count
        often = self.tr(" (%1 errors so far)").replace("%1", str(times)) if times > 1 else ""
        self._window.notices.say(notice.text + often, self.tr("Details"), self.show_report)
        self._line = self._window.notices.text()

    @Slot()
    def show_report(self) -> None:
        """Open the dialog with everything that went wrong so far."""
        if self._dialog is not None:
            self._dialog.raise_()
            return
        if self._window.notices.text() == self._line:
            self._window.notices.hide()
        dialog = ErrorDialog(lambda: self._errors.count, self._report, self._window)
        dialog.log_folder_asked.connect(self.open_log_folder)
        dialog.finished.connect(self._forget_dialog)
        self._dialog = dialog
        dialog.open()

    @Slot()
    def open_log_folder(self) -> None:
        """Show the folder of logs in the file manager; where there is none, say where it is."""
        with contextlib.suppress(OSError):
            self._logs.mkdir(parents=True, exist_ok=True)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._logs))):
            self._window.take_notice(Notice(self.tr("The logs lie in %1.").replace("%1", str(self._logs)), False))

    @Slot()
    def copy_system_information(self) -> None:
        """Put versions and system on the clipboard."""
        QGuiApplication.clipboard().setText(system_information(_facts()) + "\n")
        self._window.take_notice(Notice(self.tr("The system information is on the clipboard."), False))

    @Slot()
    def _forget_dialog(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None

    def _report(self) -> str:
        return error_report(self._errors, _facts())


def _facts() -> dict[str, str]:
    qt = f"{qVersion()} (PySide6 {pyside_version}, {QGuiApplication.platformName()})"
    return {"Qt": qt, "Library schema": str(len(MIGRATIONS))}
