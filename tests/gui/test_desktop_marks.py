"""The whole window with its real workers: marks are kept, undone and exported, and outlive every end."""

import threading
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QLineEdit
from pytestqt.qtbot import QtBot

from maclip_desktop.core.flags import Flag
from maclip_desktop.paths import AppPaths
from tests.gui.desktop import (
    CTRL,
    PATIENCE_MS,
    CountingScorer,
    OpenDesktop,
    flags,
    saved,
    scores,
    shown_names,
    wait_scored,
    wait_sorted,
)
from tests.gui.helping import child, write_photo


def test_marks_made_with_the_keys_are_saved(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, app_paths: AppPaths
) -> None:
    desktop = open_desktop(folder)
    wait_sorted(qtbot, desktop, 5)
    worst, second, third = shown_names(desktop)[:3]
    grid = desktop.window.grid
    grid.select_row(0)
    QTest.keyClick(grid, Qt.Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(grid, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: flags(desktop)[second] is Flag.PICK, timeout=PATIENCE_MS)
    rows = saved(app_paths)
    assert (rows[worst].flag, rows[second].flag, rows[third].flag) == (Flag.REJECT, Flag.PICK, Flag.NONE)


def test_undo_and_redo_go_back_and_forth(qtbot: QtBot, open_desktop: OpenDesktop, folder: Path) -> None:
    desktop = open_desktop(folder)
    wait_sorted(qtbot, desktop, 5)
    window, (worst, *_) = desktop.window, shown_names(desktop)
    window.grid.select_row(0)
    QTest.keyClick(window.grid, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: flags(desktop)[worst] is Flag.REJECT, timeout=PATIENCE_MS)
    window.grid.select_row(3)
    QTest.keyClick(window.grid, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: flags(desktop)[worst] is Flag.NONE, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: window.grid.currentIndex().data() == worst, timeout=PATIENCE_MS)
    QTest.keyClick(window.grid, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: flags(desktop)[worst] is Flag.REJECT, timeout=PATIENCE_MS)


def test_the_list_of_rejects_is_written(qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, tmp_path: Path) -> None:
    desktop = open_desktop(folder)
    wait_sorted(qtbot, desktop, 5)
    worst = shown_names(desktop)[0]
    desktop.window.grid.select_row(0)
    QTest.keyClick(desktop.window.grid, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: flags(desktop)[worst] is Flag.REJECT, timeout=PATIENCE_MS)
    out = tmp_path / "rejects.csv"

    def save() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        child(dialog, QLineEdit).setText(str(out))
        child(dialog, QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save).click()

    QTimer.singleShot(0, save)
    QTest.keyClick(desktop.window.grid, Qt.Key.Key_E, CTRL)
    qtbot.waitUntil(lambda: "1 photo written to" in desktop.window.notices.text(), timeout=PATIENCE_MS)
    text = out.read_text(encoding="utf-8-sig")
    assert worst in text and "p0.jpg" not in text


def test_a_second_start_shows_the_same_without_the_model(qtbot: QtBot, open_desktop: OpenDesktop, folder: Path) -> None:
    first = open_desktop(folder)
    wait_sorted(qtbot, first, 5)
    worst = shown_names(first)[0]
    first.window.grid.select_row(0)
    QTest.keyClick(first.window.grid, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: flags(first)[worst] is Flag.REJECT, timeout=PATIENCE_MS)
    first.window.close()
    scorer = CountingScorer()
    second = open_desktop(scorer=scorer)
    wait_sorted(qtbot, second, 5)
    # waitSignal would stop its clock in the worker's thread, so the window is asked instead.
    qtbot.waitUntil(second.window.status._pause.isEnabled, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: second.window.folders._states[0].status.value == "watched", timeout=PATIENCE_MS)
    assert scores(second) == scores(first)
    assert flags(second) == flags(first)
    assert shown_names(second) == shown_names(first)
    assert scorer.scored == 0


def test_closing_in_the_middle_of_scoring_loses_nothing(
    qtbot: QtBot, open_desktop: OpenDesktop, tmp_path: Path, app_paths: AppPaths
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(40):
        write_photo(folder / f"m{number:02}.jpg", seed=number)
    # Each photo but the first sixteen waits for a turn that does not come before the window is closed.
    turns, closed = threading.Semaphore(16), threading.Event()

    def gate() -> None:
        while not closed.is_set() and not turns.acquire(timeout=0.05):
            pass

    first_scorer = CountingScorer(gate)
    first = open_desktop(folder, scorer=first_scorer)
    qtbot.waitUntil(lambda: bool(np.count_nonzero(~np.isnan(list(scores(first).values()))) >= 8), timeout=PATIENCE_MS)
    closed_in_time: list[bool] = []
    first.window.closing.connect(lambda: closed_in_time.append(first.shutdown()))
    threading.Timer(0.2, closed.set).start()
    first.window.close()
    assert closed_in_time == [True]
    kept = {name: row.score for name, row in saved(app_paths).items() if row.score is not None}
    assert 8 <= len(kept) < 40
    second_scorer = CountingScorer()
    second = open_desktop(scorer=second_scorer)
    wait_scored(qtbot, second, 40)
    assert {name: score for name, score in scores(second).items() if name in kept} == kept
    assert second_scorer.scored == 40 - len(kept)
