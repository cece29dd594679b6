"""Menus and the keys that go with them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from maclip_desktop.core.flags import Flag
from maclip_desktop.jobs.messages import UndoState

if TYPE_CHECKING:
    from maclip_desktop.ui.main_window import MainWindow


class Menus(QObject):
    """The menu bar of the main window; `pairs` is the switch for files of one name."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._make_file_menu()
        self._make_edit_menu()
        self._make_photo_menu()
        self._make_folder_menu()
        self._make_view_menu()
        self._make_help_menu()
        self.show_undo_state(UndoState(None, None))

    def _make_file_menu(self) -> None:
        window, menu = self._window, self._menu(self.tr("&File"))
        self._add(menu, self.tr("&Add folder…"), window.folders.ask_for_folder, "Ctrl+O")
        self._add(menu, self.tr("&Export culling list…"), window.asking.export, "Ctrl+E")
        menu.addSeparator()
        self._add(menu, self.tr("&Preferences…"), window.asking.preferences, "Ctrl+,")
        menu.addSeparator()
        self._add(menu, self.tr("&Quit"), window.close, QKeySequence.StandardKey.Quit)

    def _make_edit_menu(self) -> None:
        window, menu = self._window, self._menu(self.tr("&Edit"))
        self._undo = self._add(menu, self.tr("&Undo"), window.undo_asked.emit, "Ctrl+Z")
        self._redo = self._add(menu, self.tr("&Redo"), window.redo_asked.emit, "Ctrl+Shift+Z")
        menu.addSeparator()
        self._add(menu, self.tr("Select &all"), window.grid.selectAll, "Ctrl+A")

    def _make_photo_menu(self) -> None:
        window, menu = self._window, self._menu(self.tr("&Photo"))
        # The keys of these three belong to the grid alone, so that they stay letters everywhere else.
        self._add(menu, self.tr("&Pick\tP"), lambda: window.flag_selected(Flag.PICK))
        self._add(menu, self.tr("Re&ject\tX"), lambda: window.flag_selected(Flag.REJECT))
        self._add(menu, self.tr("&Clear flag\tU"), lambda: window.flag_selected(Flag.NONE))
        menu.addSeparator()
        self._add(menu, self.tr("&Flag low scores…"), window.asking.flag_below, "Ctrl+L")
        menu.addSeparator()
        self._retry = self._add(menu, self.tr("&Try again"), window.retry_selected)
        self._retry_all = self._add(menu, self.tr("Try &all failed again"), window.retry_all)
        menu.aboutToShow.connect(self._allow_retries)

    def _make_folder_menu(self) -> None:
        menu, of_folder = self._menu(self.tr("F&older")), self._window.folders.actions_of_folder
        of_folder.rescan.setShortcut(QKeySequence("F5"))
        self._window.addAction(of_folder.rescan)
        menu.addActions([of_folder.options, of_folder.move, of_folder.rescan])
        menu.addSeparator()
        menu.addAction(of_folder.remove)

    def _make_view_menu(self) -> None:
        menu = self._menu(self.tr("&View"))
        menu.addAction(self._window.inspector.heat_map)
        self.pairs = QAction(self.tr("&RAW and JPEG as one photo"), self._window)
        self.pairs.setCheckable(True)
        self.pairs.setChecked(True)
        menu.addAction(self.pairs)

    def _make_help_menu(self) -> None:
        window, menu = self._window, self._menu(self.tr("&Help"))
        self._add(menu, self.tr("&Keys"), window.asking.keys, "?")
        self._add(menu, self.tr("&Get MA-CLIP…"), window.weights_asked.emit)
        menu.addSeparator()
        self._add(menu, self.tr("Open &log folder"), window.log_folder_asked.emit)
        self._last_error = self._add(menu, self.tr("Show last &error…"), window.error_report_asked.emit)
        self._last_error.setEnabled(False)
        self._add(menu, self.tr("Copy &system information"), window.system_information_asked.emit)
        menu.addSeparator()
        self._add(menu, self.tr("&About"), window.asking.about)

    def _menu(self, title: str) -> QMenu:
        menu = self._window.menuBar().addMenu(title)
        menu.setToolTipsVisible(True)
        return menu

    @Slot()
    def _allow_retries(self) -> None:
        """Only what could not be read can be tried again."""
        self._retry.setEnabled(bool(self._window.grid.selected_failed()))
        self._retry_all.setEnabled(self._window.has_failed())

    def allow_error_report(self) -> None:
        """There was an error inside the program: its report can be had even when its line is gone."""
        self._last_error.setEnabled(True)

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
