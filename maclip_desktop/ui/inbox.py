"""What the workers send, taken in so much a turn that the window keeps answering meanwhile."""

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

ROWS_PER_TURN = 500


class Inbox(QObject):
    """Work in the order in which it came; what is more than one turn of the event loop bears waits for the next.

    Qt hands over all messages that have come in one turn, however many they are.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: deque[tuple[Callable[[], None], int]] = deque()
        self._taken = 0
        self._next_turn = QTimer(self)
        self._next_turn.setSingleShot(True)
        self._next_turn.setInterval(0)
        self._next_turn.timeout.connect(self._turn)

    def put(self, work: Callable[[], None], rows: int = 0) -> None:
        """Do *work*, which handles so many *rows*: now, or when what came before it is done."""
        self._waiting.append((work, rows))
        self._advance()

    def more_rows(self) -> bool:
        """Whether rows still wait for their turn."""
        return any(rows for _, rows in self._waiting)

    def stop(self) -> None:
        """Drop what waits."""
        self._waiting.clear()
        self._next_turn.stop()

    @Slot()
    def _turn(self) -> None:
        self._taken = 0
        self._advance()

    def _advance(self) -> None:
        while self._waiting and self._taken < ROWS_PER_TURN:
            work, rows = self._waiting.popleft()
            self._taken += rows
            work()
        if self._taken and not self._next_turn.isActive():
            self._next_turn.start()
