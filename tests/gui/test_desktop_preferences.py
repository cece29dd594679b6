"""The whole window with its real workers: a pause, gentleness and limits count at once."""

from dataclasses import replace
from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from maclip_desktop.app import Desktop
from maclip_desktop.imaging.limits import USUAL_MAX_PIXELS, max_pixels, set_max_pixels
from maclip_desktop.paths import AppPaths
from maclip_desktop.settings import Settings, load_settings, save_settings
from tests.gui.desktop import PATIENCE_MS, CountingScorer, OpenDesktop, wait_scored, wait_sorted
from tests.gui.helping import write_photo


def test_a_pause_is_remembered(qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, app_paths: AppPaths) -> None:
    save_settings(Settings(paused=True), app_paths.settings_file)
    scorer = CountingScorer()
    desktop = open_desktop(folder, scorer=scorer)
    window = desktop.window
    qtbot.waitUntil(lambda: len(window.model.table) == 5, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bool(window.model.table.column("identified").all()), timeout=PATIENCE_MS)
    qtbot.waitUntil(window.status._pause.isEnabled, timeout=PATIENCE_MS)
    assert (scorer.scored, window.status.paused) == (0, True)
    QTest.mouseClick(window.status._pause, Qt.MouseButton.LeftButton)
    wait_scored(qtbot, desktop, 5)
    QTest.mouseClick(window.status._pause, Qt.MouseButton.LeftButton)
    window.close()
    assert load_settings(app_paths.settings_file).paused


def test_a_pause_outlives_a_session_that_does_not_end_properly(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, app_paths: AppPaths
) -> None:
    desktop = open_desktop(folder)
    wait_scored(qtbot, desktop, 5)
    for paused in (True, False):
        QTest.mouseClick(desktop.window.status._pause, Qt.MouseButton.LeftButton)
        assert load_settings(app_paths.settings_file).paused is paused


def test_gentleness_counts_from_the_start_and_from_when_it_is_asked_for(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, app_paths: AppPaths
) -> None:
    save_settings(Settings(gentle=True), app_paths.settings_file)
    desktop = open_desktop(folder)
    status = desktop.window.status
    qtbot.waitUntil(lambda: status._effort.gentle, timeout=PATIENCE_MS)
    settings = replace(desktop.window.settings(), gentle=False, gentle_on_battery=False)
    desktop.window.settings_changed.emit(settings)
    qtbot.waitUntil(lambda: not status._effort.gentle, timeout=PATIENCE_MS)
    wait_scored(qtbot, desktop, 5)


def test_a_higher_limit_lets_large_photos_in_at_once(
    qtbot: QtBot, open_desktop: OpenDesktop, tmp_path: Path, app_paths: AppPaths
) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    Image.new("RGB", (1300, 900), "grey").save(folder / "large.jpg")
    save_settings(Settings(max_megapixels=1), app_paths.settings_file)
    try:
        desktop = open_desktop(folder)
        table = desktop.window.model.table
        qtbot.waitUntil(lambda: len(table) == 1 and not table.column("readable").all(), timeout=PATIENCE_MS)
        desktop.window.remember(replace(desktop.window.settings(), max_megapixels=2))
        desktop.window.settings_changed.emit(desktop.window.settings())
        wait_scored(qtbot, desktop, 1)
        assert load_settings(app_paths.settings_file).max_megapixels == 2
    finally:
        set_max_pixels(USUAL_MAX_PIXELS)


def test_a_limit_of_the_command_line_holds_until_another_is_chosen(qtbot: QtBot, app_paths: AppPaths) -> None:
    desktop = Desktop(app_paths, app_paths.library_file, max_megapixels=2)
    qtbot.addWidget(desktop.window)
    try:
        desktop.window.settings_changed.emit(replace(desktop.window.settings(), paused=True))
        assert max_pixels() == 2_000_000
        desktop.window.settings_changed.emit(replace(desktop.window.settings(), max_megapixels=50))
        assert max_pixels() == 50_000_000
    finally:
        set_max_pixels(USUAL_MAX_PIXELS)
        desktop.window.close()


def kept_thumbnails(paths: AppPaths) -> int:
    return len(list(paths.thumbnails.rglob("*.jpg")))


def test_thumbnails_can_be_cleared_and_limited_while_the_window_is_open(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, app_paths: AppPaths
) -> None:
    desktop = open_desktop(folder)
    wait_sorted(qtbot, desktop, 5)
    qtbot.waitUntil(lambda: kept_thumbnails(app_paths) == 5, timeout=PATIENCE_MS)
    desktop.window.clear_thumbnails_asked.emit()
    qtbot.waitUntil(lambda: kept_thumbnails(app_paths) == 0, timeout=PATIENCE_MS)
    desktop.window.settings_changed.emit(replace(desktop.window.settings(), thumbnails_mb=0))
    write_photo(folder / "new.jpg", seed=77, blur=20)
    wait_sorted(qtbot, desktop, 6)
    model = desktop.window.model
    qtbot.waitUntil(
        lambda: all(model._tile(slot).pixmap is not None for slot in model.shown_slots()), timeout=PATIENCE_MS
    )
    assert kept_thumbnails(app_paths) == 0
