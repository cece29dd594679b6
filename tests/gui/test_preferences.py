"""Preferences: what is chosen is said, and what the dialog does not show is kept."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLabel, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from maclip_desktop.settings import Settings
from maclip_desktop.ui.main_window import MainWindow
from maclip_desktop.ui.preferences_dialog import PreferencesDialog
from tests.gui.conftest import make_window
from tests.gui.helping import Pictures, child, in_dialog


@pytest.fixture
def dialog(qtbot: QtBot) -> PreferencesDialog:
    dialog = PreferencesDialog(Settings(), pairs=True)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def check(dialog: QDialog, text: str, checked: bool) -> None:
    next(box for box in dialog.findChildren(QCheckBox) if text in box.text().replace("&", "")).setChecked(checked)


def ok(dialog: QDialog) -> None:
    child(dialog, QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()


def test_nothing_changes_where_nothing_is_changed(qtbot: QtBot) -> None:
    settings = Settings(
        gentle=True, gentle_on_battery=False, max_megapixels=120, thumbnails_mb=0, paused=True, threshold=0.5
    )
    dialog = PreferencesDialog(settings, pairs=False)
    qtbot.addWidget(dialog)
    assert dialog.settings(settings) == settings
    assert not dialog.pairs()


def test_what_is_chosen_comes_out(dialog: PreferencesDialog) -> None:
    check(dialog, "Score gently", True)
    check(dialog, "while on battery", False)
    check(dialog, "one photo", False)
    megapixels, thumbnails = dialog.findChildren(QSpinBox)
    megapixels.setValue(500)
    thumbnails.setValue(900)
    before = Settings(weights="/weights.safetensors")
    chosen = replace(before, gentle=True, gentle_on_battery=False, max_megapixels=500, thumbnails_mb=900)
    assert dialog.settings(before) == chosen
    assert not dialog.pairs()


def test_what_a_large_picture_costs_is_said(dialog: PreferencesDialog) -> None:
    dialog.findChildren(QSpinBox)[0].setValue(2000)
    assert any("takes about 12.0 GB of memory" in label.text() for label in dialog.findChildren(QLabel))


def test_thumbnails_are_cleared_once_and_it_shows(qtbot: QtBot, dialog: PreferencesDialog) -> None:
    clear = next(one for one in dialog.findChildren(QPushButton) if one.text() == "&Clear now")
    with qtbot.waitSignal(dialog.clear_thumbnails_asked):
        QTest.mouseClick(clear, Qt.MouseButton.LeftButton)
    assert clear.text() == "Cleared" and not clear.isEnabled()


# --- in the window ---------------------------------------------------------------------------------------------


def in_preferences(window: MainWindow, act: Callable[[QDialog], None]) -> None:
    in_dialog(act)
    window.asking.preferences()


def test_agreed_settings_are_said_and_remembered(qtbot: QtBot, window: MainWindow) -> None:
    def act(dialog: QDialog) -> None:
        check(dialog, "Score gently", True)
        ok(dialog)

    with qtbot.waitSignal(window.settings_changed) as changed:
        in_preferences(window, act)
    assert changed.args[0].gentle
    assert window.settings().gentle


def test_settings_that_are_not_agreed_to_are_forgotten(qtbot: QtBot, window: MainWindow) -> None:
    def act(dialog: QDialog) -> None:
        check(dialog, "Score gently", True)
        dialog.reject()

    with qtbot.assertNotEmitted(window.settings_changed):
        in_preferences(window, act)
    assert not window.settings().gentle


def test_pairs_are_asked_for_from_the_preferences_too(qtbot: QtBot, window: MainWindow) -> None:
    def act(dialog: QDialog) -> None:
        check(dialog, "one photo", False)
        ok(dialog)

    with qtbot.waitSignal(window.pairs_asked) as asked:
        in_preferences(window, act)
    assert asked.args == [False]
    with qtbot.assertNotEmitted(window.pairs_asked):
        in_preferences(window, ok)


def test_the_window_keeps_settings_that_it_does_not_show(
    qtbot: QtBot, thumbnails: Pictures, previews: Pictures
) -> None:
    kept = {
        "paused": True,
        "gentle": True,
        "gentle_on_battery": False,
        "max_megapixels": 77,
        "thumbnails_mb": 5,
        "threshold": 0.6,
        "weights": "/w.pt",
    }
    window = make_window(thumbnails, previews, **kept)
    qtbot.addWidget(window)
    settings = window.settings()
    assert {name: getattr(settings, name) for name in kept} == kept


def test_a_pause_is_remembered(qtbot: QtBot, window: MainWindow) -> None:
    window.status.show_paused(True)
    assert window.settings().paused


def test_the_preferences_have_their_key(window: MainWindow) -> None:
    keys = [action.text() for action in window.findChildren(QAction) if action.shortcut().toString() == "Ctrl+,"]
    assert keys == ["&Preferences…"]
