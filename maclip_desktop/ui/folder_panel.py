"""The list of watched folders."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from maclip_desktop.jobs.messages import FoldersChanged, FolderState, FolderStatus
from maclip_desktop.ui import words
from maclip_desktop.ui.photo_model import printable

_ID = Qt.ItemDataRole.UserRole


class FolderPanel(QWidget):
    """Folders with their counts; choosing one shows only its photos.

    Signals: ``add_asked`` (`Path`), ``remove_asked`` (folder id), ``folder_chosen`` (id, or None for all).
    """

    add_asked = Signal(object)
    remove_asked = Signal(object)
    folder_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[int, int] = {}
        self._states: tuple[FolderState, ...] = ()
        self._ids: list[int | None] = []
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Folders"))
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # A click here must not take the keys from the grid.
        self._list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._list.currentItemChanged.connect(self._choose)
        self._add = QPushButton(self.tr("&Add folder…"))
        self._add.setToolTip(self.tr("Score the photos of a folder, and watch it for new ones"))
        self._add.clicked.connect(self.ask_for_folder)
        self._remove = QPushButton(self.tr("&Remove"))
        self._remove.setToolTip(self.tr("Stop watching this folder. Its files, flags and scores are kept."))
        self._remove.clicked.connect(self._ask_remove)
        heading = QLabel(self.tr("Folders"))
        font = heading.font()
        font.setBold(True)
        heading.setFont(font)
        buttons = QHBoxLayout()
        buttons.addWidget(self._add)
        buttons.addWidget(self._remove)
        layout = QVBoxLayout(self)
        layout.addWidget(heading)
        layout.addWidget(self._list, 1)
        layout.addLayout(buttons)
        self._fill()

    @Slot()
    def ask_for_folder(self) -> None:
        """Let the person choose a folder to watch."""
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Choose a folder of photos"), str(Path.home()))
        if chosen:
            self.add_asked.emit(Path(chosen))

    def chosen(self) -> int | None:
        """The id of the folder chosen, or None for all."""
        item = self._list.currentItem()
        folder_id: int | None = None if item is None else item.data(_ID)
        return folder_id

    def chosen_words(self) -> str:
        """The folder chosen, as part of a sentence."""
        names = [self._bare_name(state) for state in self._states if state.id == self.chosen()]
        return self.tr("“%1”").replace("%1", names[0]) if names else self.tr("all folders")

    def choose_all(self) -> None:
        """Show the photos of all folders."""
        self._list.setCurrentRow(0)

    def show_folders(self, message: FoldersChanged) -> None:
        self._states = message.folders
        self._fill()

    def show_counts(self, counts: dict[int, int]) -> None:
        """Photos per folder id."""
        if counts != self._counts:
            self._counts = counts
            self._fill()

    def _fill(self) -> None:
        """Write the list, keeping the choice; the lines themselves stay while the folders are the same."""
        ids = [None, *(state.id for state in self._states)]
        if ids != self._ids:
            self._make_lines(ids)
        everything = sum(self._counts.get(state.id, 0) for state in self._states)
        self._write(0, self.tr("All photos"), everything, self.tr("The photos of all folders"))
        for line, state in enumerate(self._states, start=1):
            self._write(
                line, self._bare_name(state), self._counts.get(state.id, 0), self._tip(state), self._word(state)
            )

    def _make_lines(self, ids: list[int | None]) -> None:
        chosen = self.chosen()
        self._ids = ids
        self._list.blockSignals(True)
        self._list.clear()
        for folder_id in ids:
            item = QListWidgetItem()
            item.setData(_ID, folder_id)
            item.setSizeHint(QSize(0, 2 * self.fontMetrics().height() + 10))
            self._list.addItem(item)
        self._list.setCurrentRow(ids.index(chosen) if chosen in ids else 0)
        self._list.blockSignals(False)
        self._remove.setEnabled(self.chosen() is not None)
        if self.chosen() != chosen:
            self.folder_chosen.emit(self.chosen())

    def _write(self, line: int, name: str, count: int, tip: str, state: str = "") -> None:
        item = self._list.item(line)
        # The state goes with the count: a long name is shortened in its middle, and the end of it must not be a word.
        item.setText(f"{name}\n{words.photos(count)}" + (f" · {state}" if state else ""))
        item.setToolTip(tip)

    def _word(self, state: FolderState) -> str:
        return {
            FolderStatus.SCANNING: self.tr("looking…"),
            FolderStatus.UNWATCHED: self.tr("not watched"),
            FolderStatus.MISSING: self.tr("not there now"),
        }.get(state.status, "")

    def _bare_name(self, state: FolderState) -> str:
        return printable(Path(state.path.name)) if state.path.name else printable(state.path)

    def _tip(self, state: FolderState) -> str:
        words_of = {
            FolderStatus.SCANNING: self.tr("Looking through it"),
            FolderStatus.WATCHED: self.tr("Watched: new photos appear by themselves"),
            FolderStatus.POLLED: self.tr("Looked at now and then: the system sends no events for it"),
            FolderStatus.UNWATCHED: self.tr("Scored from the command line; add the folder to have it watched"),
            FolderStatus.MISSING: self.tr("Not there now: its photos are kept and come back with it"),
        }
        return f"{printable(state.path)}\n{words_of[state.status]}"

    @Slot()
    def _choose(self) -> None:
        self._remove.setEnabled(self.chosen() is not None)
        self.folder_chosen.emit(self.chosen())

    @Slot()
    def _ask_remove(self) -> None:
        if self.chosen() is not None:
            self.remove_asked.emit(self.chosen())
