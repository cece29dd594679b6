"""A program for fault tests: the real library worker in its thread, without a window, telling each thing it says.

To be run by `tests.helpers.faults.Program`: ``from tests.helpers.live_library import main; main()``, with the library
file, the folder, and ``read`` or ``mark``. Tells ``read NAME`` for each photo shown as read and, asked to mark, rejects
one photo after the other and tells ``reject NAME`` for each that is shown as rejected.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.jobs.library_worker import LibraryWorker
from maclip_desktop.jobs.messages import FlagRequest, RowsChanged
from maclip_desktop.jobs.threads import WorkerThread


class Listener(QObject):
    """Stands where the window stands."""

    flag = Signal(object)

    def __init__(self, library: LibraryWorker, marks: bool) -> None:
        super().__init__()
        self._marks = marks
        self._read: dict[int, PhotoRow] = {}
        self._asked: int | None = None
        library.rows_changed.connect(self._take_rows)
        self.flag.connect(library.set_flags)

    @Slot(object)
    def _take_rows(self, message: RowsChanged) -> None:
        for row in message.rows:
            if row.content_hash is not None and row.id not in self._read:
                self._read[row.id] = row
                tell("read", row)
            if row.id == self._asked and row.flag is Flag.REJECT:
                self._asked = None
                tell("reject", row)
                del self._read[row.id]
        if self._marks and self._asked is None and self._read:
            self._asked = next(iter(self._read))
            self.flag.emit(FlagRequest((self._asked,), Flag.REJECT, Decider.PERSON, "reject"))


def tell(what: str, row: PhotoRow) -> None:
    sys.stdout.write(f"{what} {row.path.name}\n")
    sys.stdout.flush()


def main() -> None:
    file, folder, task = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    application = QCoreApplication(sys.argv[:1])
    library = LibraryWorker(file, (folder,))
    listener = Listener(library, marks=task == "mark")
    thread = WorkerThread(library, "library")
    thread.start()
    application.exec()
    del listener
