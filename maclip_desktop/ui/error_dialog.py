"""What went wrong inside the program, as a report that can be handed to somebody who mends it."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

REFRESH_MS = 500
"""Errors may come by the hundred; so often at most the report is written anew."""


class ErrorDialog(QDialog):
    """Shows *report* and how many errors there were; both are asked for again when `news` is called.

    Signal: ``log_folder_asked``.
    """

    log_folder_asked = Signal()

    def __init__(self, count: Callable[[], int], report: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = count
        self._report = report
        self.setWindowTitle(self.tr("An error inside the program"))
        self.resize(720, 460)
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setAccessibleName(self.tr("Report"))
        layout = QVBoxLayout(self)
        layout.addWidget(self._words)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._make_buttons())
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REFRESH_MS)
        self._soon.timeout.connect(self.refresh)
        self.refresh()

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        role = QDialogButtonBox.ButtonRole.ActionRole
        buttons.addButton(self.tr("&Copy report"), role).clicked.connect(self.copy_report)
        buttons.addButton(self.tr("Open &log folder"), role).clicked.connect(self.log_folder_asked)
        buttons.rejected.connect(self.reject)
        return buttons

    def news(self) -> None:
        """There were more errors: show them soon."""
        if not self._soon.isActive():
            self._soon.start()

    def done(self, result: int) -> None:
        self._soon.stop()
        super().done(result)

    @Slot()
    def refresh(self) -> None:
        count = self._count()
        what = self.tr("There was an error inside the program.")
        if count > 1:
            what = self.tr("There were %1 errors inside the program since it was started.").replace("%1", str(count))
        comfort = self.tr("No photo was changed by it, and marks that the window shows are saved.")
        ask = self.tr("The report tells those who work on the program what happened; it holds no pictures.")
        self._words.setText(f"{what} {comfort}\n{ask}")
        self._text.setPlainText(self._report())

    @Slot()
    def copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self._report())
