"""Menus and the keys that go with them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from maclip_desktop.core.flags import Flag
from maclip_desktop.jobs.messages import UndoState

if TYPE_CHECKING:
    from maclip_desktop.ui.main_window import MainWindow


class Menus(QObject):
    """The menu bar of the main window."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        bar = window.menuBar()
        file = bar.addMenu(self.tr("&File"))
        self._add(file, self.tr("&Add folder…"), window.folders.ask_for_folder, "Ctrl+O")
        self._add(file, self.tr("&Export culling list…"), window.ask_export, "Ctrl+E")
        self._add(file, self.tr("&Look through the folders again"), window.rescan_asked.emit, "F5")
        file.addSeparator()
        self._add(file, self.tr("&Quit"), window.close, QKeySequence.StandardKey.Quit)
        edit = bar.addMenu(self.tr("&Edit"))
        self._undo = self._add(edit, self.tr("&Undo"), window.undo_asked.emit, "Ctrl+Z")
        self._redo = self._add(edit, self.tr("&Redo"), window.redo_asked.emit, "Ctrl+Shift+Z")
        edit.addSeparator()
        # The keys of these three belong to the grid alone, so that they stay letters everywhere else.
        self._add(edit, self.tr("&Pick\tP"), lambda: window.flag_selected(Flag.PICK))
        self._add(edit, self.tr("Re&ject\tX"), lambda: window.flag_selected(Flag.REJECT))
        self._add(edit, self.tr("&Clear flag\tU"), lambda: window.flag_selected(Flag.NONE))
        edit.addSeparator()
        self._add(edit, self.tr("Select &all"), window.grid.selectAll, "Ctrl+A")
        self._add(edit, self.tr("&Flag low scores…"), window.ask_flag_below, "Ctrl+L")
        bar.addMenu(self.tr("&View")).addAction(window.inspector.heat_map)
        help_menu = bar.addMenu(self.tr("&Help"))
        self._add(help_menu, self.tr("&Keys"), window.show_keys, "?")
        self._add(help_menu, self.tr("&Get MA-CLIP…"), window.weights_asked.emit)
        self._add(help_menu, self.tr("&About"), window.show_about)
        self.show_undo_state(UndoState(None, None))

    def show_undo_state(self, state: UndoState) -> None:
        """Say what undo and redo would do."""
        for action, word, label in (
            (self._undo, self.tr("&Undo"), state.undo),
            (self._redo, self.tr("&Redo"), state.redo),
        ):
            action.setText(f"{word} “{label}”" if label else word)
            action.setEnabled(label is not None)

    def keys_text(self) -> str:
        """The list of keys for the help, as a table in rich text."""
        keys = [
            ("P", self.tr("Pick")),
            (self.tr("X or Delete"), self.tr("Reject (no file is deleted)")),
            ("U", self.tr("Clear flag")),
            (self.tr("Shift with one of these"), self.tr("Do that and go to the next photo")),
            (self.tr("Arrows, Page Up, Page Down, Home, End"), self.tr("Go to another photo")),
            (self.tr("Shift or Ctrl with a click or arrows"), self.tr("Select several photos")),
        ]
        for action in self._actions_with_keys():
            # Undo and redo go by their bare names here, without the step they would take.
            what = action.text().partition(" “")[0].replace("&", "").rstrip("…")
            keys.append((action.shortcut().toString(QKeySequence.SequenceFormat.NativeText), what))
        lines = "".join(f"<tr><td><b>{key}</b></td><td>{what}</td></tr>" for key, what in keys)
        return f"<table cellpadding='3'>{lines}</table>"

    def _actions_with_keys(self) -> list[QAction]:
        return [action for action in self._window.findChildren(QAction) if not action.shortcut().isEmpty()]

    def _add(
        self,
        menu: QMenu,
        text: str,
        slot: Callable[[], object],
        keys: QKeySequence | QKeySequence.StandardKey | str | None = None,
    ) -> QAction:
        action = QAction(text, self._window)
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _checked=False: slot())
        menu.addAction(action)
        return action
