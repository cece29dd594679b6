"""The whole window with its real workers: photos come, change, move and go."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from maclip_desktop.core.flags import Flag
from maclip_desktop.scoring.technical import TechnicalScorer
from tests.gui.desktop import (
    PATIENCE_MS,
    CountingScorer,
    OpenDesktop,
    flags,
    scores,
    shown_names,
    wait_scored,
    wait_sorted,
)
from tests.gui.helping import write_photo


def test_the_window_stands_and_answers_before_the_scorer_is_loaded(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path
) -> None:
    release = threading.Event()

    def load(*_: Any) -> TechnicalScorer:
        assert release.wait(60)
        return TechnicalScorer()

    try:
        desktop = open_desktop.start(load, folder)  # type: ignore[attr-defined]
        window = desktop.window
        qtbot.waitUntil(lambda: window.isVisible() and window.model.rowCount() == 5, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: window.model.table.column("identified").all(), timeout=PATIENCE_MS)
        window.grid.select_row(2)
        name = shown_names(desktop)[2]
        QTest.keyClick(window.grid, Qt.Key.Key_P)
        qtbot.waitUntil(lambda: flags(desktop)[name] is Flag.PICK, timeout=PATIENCE_MS)
        assert np.isnan(list(scores(desktop).values())).all()
    finally:
        release.set()
    wait_scored(qtbot, desktop, 5)


def test_photos_are_shown_from_worst_to_best_with_the_first_one_current(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path
) -> None:
    desktop = open_desktop(folder)
    wait_sorted(qtbot, desktop, 5)
    by_score = sorted(scores(desktop), key=lambda name: scores(desktop)[name])
    assert shown_names(desktop) == by_score
    assert by_score[-1] == "p0.jpg"
    qtbot.waitUntil(lambda: desktop.window.grid.currentIndex().row() == 0, timeout=PATIENCE_MS)
    assert desktop.window.focusWidget() is desktop.window.grid


def test_thumbnails_and_details_arrive(qtbot: QtBot, open_desktop: OpenDesktop, folder: Path) -> None:
    desktop = open_desktop(folder)
    wait_sorted(qtbot, desktop, 5)
    window = desktop.window
    qtbot.waitUntil(
        lambda: all(window.model._tile(slot).pixmap is not None for slot in window.model.shown_slots()),
        timeout=PATIENCE_MS,
    )
    qtbot.waitUntil(lambda: "technical scorer" in window.inspector._score.text(), timeout=PATIENCE_MS)


def test_a_new_photo_appears_and_is_scored(qtbot: QtBot, open_desktop: OpenDesktop, folder: Path) -> None:
    desktop = open_desktop(folder)
    wait_scored(qtbot, desktop, 5)
    write_photo(folder / "new.jpg", seed=99)
    wait_scored(qtbot, desktop, 6)
    assert "new.jpg" in shown_names(desktop)


def test_a_replaced_photo_is_scored_again_and_loses_the_mark_of_its_old_content(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, tmp_path: Path
) -> None:
    desktop = open_desktop(folder)
    wait_sorted(qtbot, desktop, 5)
    before = scores(desktop)["p0.jpg"]
    desktop.window.grid.select_row(shown_names(desktop).index("p0.jpg"))
    QTest.keyClick(desktop.window.grid, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: flags(desktop)["p0.jpg"] is Flag.PICK, timeout=PATIENCE_MS)
    write_photo(tmp_path / "other.jpg", seed=50, blur=8.0).replace(folder / "p0.jpg")
    qtbot.waitUntil(lambda: scores(desktop)["p0.jpg"] < before, timeout=PATIENCE_MS)
    assert flags(desktop)["p0.jpg"] is Flag.NONE


def test_a_moved_photo_keeps_score_and_mark_and_is_not_scored_again(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path
) -> None:
    scorer = CountingScorer()
    desktop = open_desktop(folder, scorer=scorer)
    wait_sorted(qtbot, desktop, 5)
    before = scores(desktop)["p2.jpg"]
    desktop.window.grid.select_row(shown_names(desktop).index("p2.jpg"))
    QTest.keyClick(desktop.window.grid, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: flags(desktop)["p2.jpg"] is Flag.REJECT, timeout=PATIENCE_MS)
    (folder / "sub").mkdir()
    (folder / "p2.jpg").rename(folder / "sub" / "moved.jpg")
    qtbot.waitUntil(lambda: scores(desktop).get("moved.jpg") == before, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "p2.jpg" not in scores(desktop), timeout=PATIENCE_MS)
    assert flags(desktop)["moved.jpg"] is Flag.REJECT
    assert scorer.scored == 5


def test_a_deleted_photo_disappears(qtbot: QtBot, open_desktop: OpenDesktop, folder: Path) -> None:
    desktop = open_desktop(folder)
    wait_scored(qtbot, desktop, 5)
    (folder / "p3.jpg").unlink()
    qtbot.waitUntil(lambda: "p3.jpg" not in shown_names(desktop), timeout=PATIENCE_MS)
    assert len(shown_names(desktop)) == 4
