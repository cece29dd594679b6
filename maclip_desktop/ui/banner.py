"""One line below the grid for what the person should know: no modal box where a line will do."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton


class Banner(QFrame):
    """A sentence with, if need be, one action; stays until closed or replaced."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._action: Callable[[], None] | None = None
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = QPushButton()
        self._button.clicked.connect(self._act)
        close = QToolButton()
        close.setText("✕")
        close.setAutoRaise(True)
        close.setAccessibleName(self.tr("Close this message"))
        close.setToolTip(close.accessibleName())
        close.clicked.connect(self.hide)
        for button in (self._button, close):
            # A click here must not take the keys from the grid.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 6, 4)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        layout.addWidget(close)
        self._away = QTimer(self)
        self._away.setSingleShot(True)
        self._away.timeout.connect(self.hide)
        self.hide()

    def text(self) -> str:
        return self._text.text()

    def say(
        self, text: str, action: str = "", act: Callable[[], None] | None = None, seconds: float | None = None
    ) -> None:
        """Show a sentence, for *seconds* or until it is closed; *action* names the button that calls *act*."""
        self._text.setText(text.encode("utf-8", "backslashreplace").decode("utf-8"))
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self._action = act
        self._away.stop()
        if seconds is not None:
            self._away.start(round(1000 * seconds))
        self.show()

    def withdraw(self, about: str) -> None:
        """Hide the sentence if it names *about*: it is no longer so."""
        if about in self.text():
            self.hide()

    @Slot()
    def _act(self) -> None:
        if self._action is not None:
            self._action()
