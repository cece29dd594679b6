"""What is known of a photo: its flag, how it was taken, its files, and where copies of it lie."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoDetails
from maclip_desktop.ui import capture_words, words
from maclip_desktop.ui.labels import ElidedLabel, breakable, wrapping_label
from maclip_desktop.ui.printable import printable, printable_name

COPIES_SHOWN = 5


class Facts(QWidget):
    """Names and values below each other; nothing is shown where nothing is known."""

    def __init__(self) -> None:
        super().__init__()
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)

    def clear(self) -> None:
        # Taking the items out one by one would leave an empty row behind for each.
        while self._form.rowCount():
            self._form.removeRow(0)

    def show_details(self, details: PhotoDetails, model: str) -> None:
        """*model*: what the score was made by, in words; empty where there is none."""
        self.clear()
        for name, value in [*self._marks(details), *self._taken(details), *self._files(details)]:
            if value:
                self._add(name, _text(value))
        if details.copies_at:
            self._add(self.tr("Copies"), self._copies(details.copies_at))
        if model:
            self._add(self.tr("Model"), _text(model))

    def _marks(self, details: PhotoDetails) -> list[tuple[str, str]]:
        rating = details.capture.rating
        return [
            (self.tr("Flag"), self._flag(details)),
            # Most cameras write 0 for photos that nobody has rated.
            (self.tr("Rating"), self.tr("%1 in the file").replace("%1", capture_words.stars(rating)) if rating else ""),
        ]

    def _taken(self, details: PhotoDetails) -> list[tuple[str, str]]:
        row, capture = details.row, details.capture
        when = "" if row.captured_at is None else capture_words.taken(row.captured_at, capture.zone_minutes)
        says_something = bool(when or row.camera)
        place = self.tr("recorded in the file") if capture.has_gps else self.tr("not recorded")
        return [
            (self.tr("Taken"), when),
            (self.tr("Camera"), row.camera or ""),
            (self.tr("Lens"), capture.lens or ""),
            (self.tr("Exposure"), capture_words.exposure(capture)),
            (self.tr("Place"), place if says_something or capture.has_gps else ""),
        ]

    def _files(self, details: PhotoDetails) -> list[tuple[str, str]]:
        row = details.row
        size = f"{row.width} × {row.height}, {words.file_size(row.size)}" if row.width and row.height else ""
        return [
            (self.tr("Size"), size),
            (self.tr("File"), printable(row.path)),
            (self.tr("Beside it"), ", ".join(printable(Path(name)) for name in row.beside)),
        ]

    def _flag(self, details: PhotoDetails) -> str:
        flag = words.flag_words(details.row.flag)
        if details.row.flag is Flag.NONE:
            by_person = details.row.decided_by is Decider.PERSON
            return self.tr("%1 (by you: rules leave it alone)").replace("%1", flag) if by_person else flag
        by = self.tr("by you") if details.row.decided_by is Decider.PERSON else self.tr("by a rule")
        return f"{flag} ({by})"

    def _copies(self, paths: tuple[Path, ...]) -> QWidget:
        """Where the others lie: a line each, whole in its tip."""
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for path in paths[:COPIES_SHOWN]:
            line = ElidedLabel(Qt.TextElideMode.ElideMiddle)
            line.setText(printable(path))
            line.setToolTip(line.text())
            line.setAccessibleName(self.tr("Copy of “%1”").replace("%1", printable_name(path)))
            column.addWidget(line)
        if len(paths) > COPIES_SHOWN:
            more = self.tr("and %1 more").replace("%1", f"{len(paths) - COPIES_SHOWN:,}")
            rest = QLabel(more)
            rest.setToolTip("\n".join(printable(path) for path in paths[COPIES_SHOWN : COPIES_SHOWN + 30]))
            column.addWidget(rest)
        return box

    def _add(self, name: str, widget: QWidget) -> None:
        heading = QLabel(name)
        heading.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._form.addRow(heading, widget)


def _text(value: str) -> QLabel:
    label = wrapping_label()
    label.setText(breakable(value))
    return label
