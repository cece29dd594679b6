"""What stands in the grid's place while there is nothing to show: what to do next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget


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
        self._headline.setStyleSheet("font-size: 16pt; font-weight: bold")
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

    def say(self, headline: str, text: str, button: str = "") -> None:
        self._headline.setText(headline)
        self._text.setText(text)
        self._button.setText(button)
        self._button.setVisible(bool(button))
