"""The whole window with its real workers: what is broken is said and stops nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths
from maclip_desktop.ui.error_dialog import ErrorDialog
from tests.gui.desktop import PATIENCE_MS, OpenDesktop, wait_scored
from tests.gui.helping import child


def test_a_broken_photo_is_shown_with_its_reason(qtbot: QtBot, open_desktop: OpenDesktop, folder: Path) -> None:
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff this is no picture")
    desktop = open_desktop(folder)
    table = desktop.window.model.table
    qtbot.waitUntil(lambda: len(table) == 6 and not table.column("readable").all(), timeout=PATIENCE_MS)
    slot = int(np.flatnonzero(~table.column("readable"))[0])
    assert table.path(slot).name == "broken.jpg"
    assert str(folder / "broken.jpg") in (table.error(slot) or "")


@pytest.mark.expects_log_errors
def test_an_error_in_a_worker_has_its_report_behind_a_button(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop = open_desktop(folder)
    wait_scored(qtbot, desktop, 5)

    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("bug")

    monkeypatch.setattr(Store, "undo", broken)
    desktop.window.undo_asked.emit()
    notices = desktop.window.notices
    qtbot.waitUntil(lambda: "KeyError: 'bug'" in notices.text(), timeout=PATIENCE_MS)
    QTest.mouseClick(notices._button, Qt.MouseButton.LeftButton)
    dialog = child(desktop.window, ErrorDialog)
    assert "in broken" in child(dialog, QPlainTextEdit).toPlainText()
    dialog.close()


def test_settings_that_cannot_be_saved_do_not_keep_the_window_open(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, app_paths: AppPaths
) -> None:
    app_paths.config.parent.mkdir(parents=True)
    app_paths.config.write_text("in the way")
    desktop = open_desktop(folder)
    wait_scored(qtbot, desktop, 5)
    desktop.window.close()
    assert desktop.shutdown()
