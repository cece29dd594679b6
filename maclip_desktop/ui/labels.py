"""Labels for texts of any length: they wrap in a narrow place, and what is copied from them is what they say."""

import re

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QTextDocument,
)
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy

BREAK = "\u200b"
"""A place where a line may break, without a width of its own."""
UNBROKEN = 20
"""So many letters without a break still fit into the narrowest inspector."""
# No-break spaces belong to words.
_WORDS = re.compile(r"[^/\\:_\- \t\r\n]*[/\\:_\- \t\r\n]?")


class CopyLabel(QLabel):
    """A label whose text can be copied, without the places where its lines may break."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Copy")).triggered.connect(self.copy)
        menu.popup(event.globalPos())

    @Slot()
    def copy(self) -> None:
        """Put what is selected, or else all of it, on the clipboard."""
        document = QTextDocument()
        document.setHtml(self.text())
        text = self.selectedText() or document.toPlainText()
        QGuiApplication.clipboard().setText(text.replace(BREAK, ""))


class ElidedLabel(QLabel):
    """One line of plain text that takes the width it gets; what does not fit becomes an ellipsis."""

    def __init__(self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def shown_text(self) -> str:
        """The text as far as it fits."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).drawText(self.contentsRect(), self.alignment(), self.shown_text())


def wrapping_label() -> CopyLabel:
    label = CopyLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def breakable(text: str) -> str:
    """Rich text of a name or path that wraps after a separator, and anywhere where there is none for long."""
    words_of = _WORDS.findall(text)
    pieces = [piece for word in words_of for piece in ([word] if len(word) <= UNBROKEN else _chopped(word))]
    return BREAK.join(_escaped(piece) for piece in pieces if piece)


def _chopped(word: str) -> list[str]:
    return [word[start : start + 4] for start in range(0, len(word), 4)]
