"""A window with somebody in it who marks one photo after another, and writes down what the library has answered.

Run as a program: ``marking_window.py FOLDER SEED``. It says ``known NAME FLAG`` for each mark that is there at the
start, then ``loaded``, then ``marked NAME FLAG`` each time the library has answered a mark, and ``done`` when all
photos are marked and scored; then it closes the window.
"""

import random
import sys

from PySide6.QtCore import QObject, Signal, Slot

from maclip_desktop import app, cli
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.jobs.messages import FlagRequest, RowsChanged


class Person(QObject):
    """Waits for the answer to a mark before making the next one."""

    flag = Signal(object)

    def __init__(self, desktop: app.Desktop, photos: int, seed: int) -> None:
        super().__init__(desktop)
        self._desktop = desktop
        self._photos = photos
        self._rng = random.Random(seed)
        self._rows: dict[int, PhotoRow] = {}
        self._loaded = False
        self._asked: tuple[int, Flag] | None = None
        self.flag.connect(desktop.library.set_flags)
        desktop.library.rows_changed.connect(self._take_rows)
        desktop.library.loaded.connect(self._begin)

    @Slot(object)
    def _take_rows(self, message: RowsChanged) -> None:
        self._rows.update((row.id, row) for row in message.rows)
        if self._asked is not None and self._rows[self._asked[0]].flag is self._asked[1]:
            tell("marked", self._rows[self._asked[0]])
            self._asked = None
        if self._loaded:
            self._go_on()

    @Slot()
    def _begin(self) -> None:
        for row in self._rows.values():
            if row.flag is not Flag.NONE:
                tell("known", row)
        say("loaded")
        self._loaded = True
        self._go_on()

    def _go_on(self) -> None:
        if self._asked is not None:
            return
        free = [row for row in self._rows.values() if row.flag is Flag.NONE and row.content_hash]
        if free:
            self._asked = (self._rng.choice(free).id, self._rng.choice([Flag.PICK, Flag.REJECT]))
            self.flag.emit(FlagRequest((self._asked[0],), self._asked[1], Decider.PERSON, "Mark"))
        elif len(self._rows) == self._photos and all(row.current_score is not None for row in self._rows.values()):
            say("done")
            self._desktop.window.close()


def tell(what: str, row: PhotoRow) -> None:
    say(f"{what} {row.path.name} {row.flag.word}")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(folder: str, photos: int, seed: int) -> int:
    make = app.Desktop

    def marked(*arguments: object, **options: object) -> app.Desktop:
        desktop = make(*arguments, **options)  # type: ignore[arg-type]
        Person(desktop, photos, seed)
        return desktop

    app.Desktop = marked  # type: ignore[assignment, misc]
    return cli.main([folder, "--scorer", "technical"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
