"""The list of watched folders."""

from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from maclip_desktop.core.patterns import USUAL
from maclip_desktop.jobs.messages import FoldersChanged, FolderState, FolderStatus
from maclip_desktop.ui import words
from maclip_desktop.ui.folder_actions import FolderActions
from maclip_desktop.ui.labels import breakable
from maclip_desktop.ui.printable import printable, printable_name

_ID = Qt.ItemDataRole.UserRole


class FolderPanel(QWidget):
    """Folders with their counts; choosing one shows only its photos.

    Signals: ``add_asked`` (`Path`), ``remove_asked`` (folder id), ``folder_chosen`` (id, or None for all), and those of
    `actions_of_folder`.
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
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._list.customContextMenuRequested.connect(self._show_menu)
        self.actions_of_folder = FolderActions(self)
        self.actions_of_folder.remove_asked.connect(self.remove_asked)
        self._add = QPushButton(self.tr("&Add folder…"))
        self._add.setToolTip(self.tr("Score the photos of a folder, and watch it for new ones"))
        self._add.clicked.connect(self.ask_for_folder)
        self._remove = QPushButton(self.tr("&Remove"))
        self._remove.setToolTip(self.actions_of_folder.remove.toolTip())
        self._remove.clicked.connect(self.actions_of_folder.remove.trigger)
        self._missing = self._make_missing()
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
        layout.addWidget(self._missing)
        layout.addLayout(buttons)
        self._fill()

    def _make_missing(self) -> QFrame:
        """What stands below the list while a folder is missing, with the way to say where it lies now."""
        frame = QFrame()
        frame.setFrameShape(QFrame.Shape.StyledPanel)
        self._missing_text = QLabel()
        self._missing_text.setWordWrap(True)
        self._missing_text.setTextFormat(Qt.TextFormat.RichText)
        moved = QPushButton(self.tr("It has &moved…"))
        moved.setToolTip(self.actions_of_folder.move.toolTip())
        moved.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        moved.clicked.connect(self._say_where_missing_is)
        column = QVBoxLayout(frame)
        column.addWidget(self._missing_text)
        column.addWidget(moved)
        frame.hide()
        return frame

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

    def path(self, folder_id: int) -> Path | None:
        """Where a folder lies."""
        return next((state.path for state in self._states if state.id == folder_id), None)

    def chosen_words(self) -> str:
        """The folder chosen, as part of a sentence."""
        state = self._state()
        return self.tr("“%1”").replace("%1", printable_name(state.path)) if state else self.tr("all folders")

    def leaves_out(self) -> bool:
        """Whether the options of the chosen folder, or of any where none is chosen, go beyond the usual ones."""
        chosen = self._state()
        states = self._states if chosen is None else (chosen,)
        return any(state.patterns != USUAL or not state.recursive for state in states)

    def _state(self) -> FolderState | None:
        """The folder that is chosen."""
        return next((state for state in self._states if state.id == self.chosen()), None)

    def _missing_state(self) -> FolderState | None:
        """A folder that is not there now: the chosen one if it is, or else the first."""
        missing = [state for state in self._states if state.status is FolderStatus.MISSING]
        chosen = self._state()
        return chosen if chosen in missing else next(iter(missing), None)

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
                line, printable_name(state.path), self._counts.get(state.id, 0), self._tip(state), self._word(state)
            )
        self._follow_choice()

    def _follow_choice(self) -> None:
        """Actions mean the folder that is chosen; a missing one is offered help."""
        self.actions_of_folder.use(self._state())
        self._remove.setEnabled(self.chosen() is not None)
        missing = self._missing_state()
        self._missing.setVisible(missing is not None)
        if missing is not None:
            text = self.tr("“%1” is not connected. Its photos are kept and come back with it.")
            self._missing_text.setText(breakable(text.replace("%1", printable_name(missing.path))))
            self._missing_text.setToolTip(printable(missing.path))

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
            FolderStatus.MISSING: self.tr("offline"),
            FolderStatus.POLLED: self.tr("checked regularly"),
        }.get(state.status, "")

    def _tip(self, state: FolderState) -> str:
        words_of = {
            FolderStatus.SCANNING: self.tr("Looking through it"),
            FolderStatus.WATCHED: self.tr("Watched: new photos appear by themselves"),
            FolderStatus.POLLED: self.tr("Looked at now and then: the system sends no events for it"),
            FolderStatus.UNWATCHED: self.tr("Scored from the command line; add the folder to have it watched"),
            FolderStatus.MISSING: self.tr("Offline, not connected now: its photos are kept and come back with it"),
        }
        return f"{printable(state.path)}\n{words_of[state.status]}"

    @Slot()
    def _choose(self) -> None:
        self._follow_choice()
        self.folder_chosen.emit(self.chosen())

    @Slot()
    def _say_where_missing_is(self) -> None:
        self.actions_of_folder.use(self._missing_state())
        self.actions_of_folder.ask_where()
        self.actions_of_folder.use(self._state())

    @Slot(QPoint)
    def _show_menu(self, place: QPoint) -> None:
        """The menu of the folder under the mouse, which is the chosen one by then, or of the one with the keys."""
        if self._state() is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        self.actions_of_folder.fill(menu)
        menu.popup(self._list.viewport().mapToGlobal(place))
