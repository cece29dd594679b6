"""What stands in the grid's place while there is nothing to show: what to do next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QIcon
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from maclip_desktop.ui import words


class EmptyState(QWidget):
    """A headline, an explanation, and the one button that helps.

    Signal: ``acted`` (the button was pressed).
    """

    acted = Signal()

    def __init__(self, icon: QIcon) -> None:
        super().__init__()
        picture = QLabel()
        picture.setPixmap(icon.pixmap(96, 96))
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._headline = QLabel()
        font = self._headline.font()
        font.setPointSizeF(1.6 * font.pointSizeF())
        font.setBold(True)
        self._headline.setFont(font)
        self._text = QLabel()
        self._button = QPushButton()
        self._button.setDefault(True)
        self._button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._button.clicked.connect(self.acted)
        layout = QVBoxLayout(self)
        layout.setSpacing(14)
        layout.addStretch(1)
        layout.addWidget(picture)
        for label in (self._headline, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            layout.addWidget(label)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)

    def ask_for_folder(self) -> None:
        """There are no folders."""
        self.say(
            self.tr("Add a folder of photos to begin"),
            self.tr(
                "Every photo in it is scored here on your machine and shown from worst to best.\n"
                "You mark what goes (X) and what stays (P), and take the list with you. No file is changed."
            ),
            self.tr("Add folder…"),
        )

    def say_hidden(self, count: int) -> None:
        """There are so many photos, but none of them here."""
        self.say(
            self.tr("No photos to show here"),
            self.tr("Hidden by the filter, or in other folders: %1.").replace("%1", words.photos(count)),
            self.tr("Show all photos"),
        )

    def say_nothing_yet(self, left_out: bool = False) -> None:
        """The folders hold no photos, as far as is known. *left_out*: their options may keep photos away."""
        text = self.tr("The folders are being looked through, or hold no photos. New photos appear by themselves.")
        if left_out:
            text += "\n" + self.tr("A folder's options may leave its photos out: see the menu Folder, Options.")
        self.say(self.tr("No photos here yet"), text)

    def say(self, headline: str, text: str, button: str = "") -> None:
        self._headline.setText(headline)
        self._text.setText(text)
        self._button.setText(button)
        if not button and self.window().focusWidget() is self._button:
            # Else Qt hands the keys to whatever comes next in the window.
            self.setFocus()
        self._button.setVisible(bool(button))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keys are for the button; where there is none they wait here for the grid."""
        super().focusInEvent(event)
        if self._button.text():
            self._button.setFocus()
