"""The ear of the window that is open: takes folders from starts that came later. Lives in the GUI thread."""

import logging

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from maclip_desktop.instance.messages import END, MAX_BYTES, MessageError, answer, folders_asked_for

log = logging.getLogger(__name__)

MAX_TALKS = 8
"""Others wait in the system's queue, or give up."""
TALK_MS = 5000
"""Who has not said all by then is not listened to any longer."""


class _Talk(QObject):
    """One connection: hears a line, says a line, and is over.

    Signals: ``heard`` (this talk; the line is `line`), ``over`` (this talk).
    """

    heard = Signal(object)
    over = Signal(object)

    def __init__(self, socket: QLocalSocket, parent: QObject) -> None:
        super().__init__(parent)
        self.line = b""
        self._answered = False
        self._socket = socket
        socket.setParent(self)
        socket.readyRead.connect(self.hear)
        socket.disconnected.connect(self._end)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self.abort)
        self._patience.start(TALK_MS)

    @Slot()
    def hear(self) -> None:
        if not self._answered:
            self.line += self._socket.read(MAX_BYTES + 1 - len(self.line)).data()
            if END in self.line or len(self.line) > MAX_BYTES:
                self._answered = True
                self.heard.emit(self)

    def answer(self, line: bytes) -> None:
        self._socket.write(line)
        self._socket.disconnectFromServer()

    @Slot()
    def abort(self) -> None:
        self._socket.abort()
        self._end()

    @Slot()
    def _end(self) -> None:
        self._patience.stop()
        self.over.emit(self)


class WindowServer(QObject):
    """Listens at *address*, which belongs to whoever holds the claim.

    Signal ``asked`` (a tuple of folders, absolute paths, may be empty): another start hands them over, and wants the
    window shown. When it has been emitted the other one is told that they are taken.
    """

    asked = Signal(object)

    def __init__(self, address: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._talks: list[_Talk] = []
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(MAX_TALKS)
        self._server.newConnection.connect(self._meet)
        # A program that was killed leaves its socket behind, and nobody could listen there ever again.
        QLocalServer.removeServer(address)
        if not self._server.listen(address):
            log.warning("Later starts cannot be heard at %s: %s", address, self._server.errorString())

    @property
    def listening(self) -> bool:
        return self._server.isListening()

    @property
    def talks(self) -> int:
        """How many others are connected."""
        return len(self._talks)

    @Slot()
    def close(self) -> None:
        """Listen no more; who comes now waits until this program has ended, and is the first then."""
        self._server.close()
        for talk in list(self._talks):
            talk.abort()

    @Slot()
    def _meet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            talk = _Talk(socket, self)
            talk.heard.connect(self._reply)
            talk.over.connect(self._forget)
            self._talks.append(talk)
            if len(self._talks) > MAX_TALKS:
                talk.abort()
            else:
                talk.hear()

    @Slot(object)
    def _reply(self, talk: _Talk) -> None:
        talk.answer(self._answer_to(talk.line))

    def _answer_to(self, line: bytes) -> bytes:
        try:
            folders = folders_asked_for(line)
        except MessageError as error:
            log.warning("Something that is no request came from another program: %s", error)
            return answer(str(error))
        log.info("Another start hands over %d folders.", len(folders))
        self.asked.emit(folders)
        return answer()

    @Slot(object)
    def _forget(self, talk: _Talk) -> None:
        if talk in self._talks:
            self._talks.remove(talk)
            talk.deleteLater()
