"""The whole window with its real workers: another scorer, and weights."""

import gc
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from maclip_desktop.app import Desktop
from maclip_desktop.errors import WeightsError
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.factory import ScorerChoice
from maclip_desktop.scoring.parameters import MaclipParameters, Protocol
from maclip_desktop.scoring.scorer import ShouldStop
from maclip_desktop.scoring.technical import TechnicalScorer
from maclip_desktop.settings import Settings, load_settings, save_settings
from maclip_desktop.ui.weights_dialog import WeightsDialog
from tests.gui.desktop import PATIENCE_MS, CountingScorer, OpenDesktop, wait_scored
from tests.gui.helping import child, write_photo


class NamedMaclip(CountingScorer):
    """Stands in for MA-CLIP where only its name matters."""

    name = "maclip"
    model_id = "maclip-stand-in"


def load_by_file(choice: ScorerChoice, *_: Any) -> TechnicalScorer:
    """Technical at first; a stand-in for MA-CLIP from a file called good, and a refusal of any other."""
    if choice.kind != "maclip":
        return TechnicalScorer()
    if choice.weights is None or choice.weights.stem != "good":
        raise WeightsError(f"{choice.weights} holds no CLIP weights; choose another file.")
    return NamedMaclip()


def test_how_to_score_is_asked_for_and_by_what_comes_from_the_settings(qtbot: QtBot, app_paths: AppPaths) -> None:
    save_settings(Settings(scorer="technical", weights="/weights/mine.pt"), app_paths.settings_file)
    native = ScorerChoice(device="cpu", parameters=MaclipParameters(protocol=Protocol.NATIVE))
    desktop = Desktop(app_paths, app_paths.library_file, (), native)
    qtbot.addWidget(desktop.window)
    filled_in = replace(native, kind="technical", remembered_weights=Path("/weights/mine.pt"))
    assert desktop._choice == filled_in
    desktop.window.close()


def test_a_scorer_that_is_asked_for_is_not_changed_by_the_settings(qtbot: QtBot, app_paths: AppPaths) -> None:
    save_settings(Settings(scorer="technical"), app_paths.settings_file)
    desktop = Desktop(app_paths, app_paths.library_file, (), ScorerChoice("maclip"))
    qtbot.addWidget(desktop.window)
    assert desktop._choice == ScorerChoice("maclip")
    desktop.window.close()


def weights_dialog(desktop: Desktop) -> WeightsDialog:
    desktop.window.weights_asked.emit()
    return child(desktop.window, WeightsDialog)


def test_weights_that_cannot_be_used_are_refused_in_the_dialog_and_the_work_goes_on(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, tmp_path: Path
) -> None:
    desktop = open_desktop.start(load_by_file, folder)  # type: ignore[attr-defined]
    wait_scored(qtbot, desktop, 5)
    dialog = weights_dialog(desktop)
    dialog.file_chosen.emit(tmp_path / "bad.pt")
    sentence = f"{tmp_path / 'bad.pt'} holds no CLIP weights; choose another file."
    qtbot.waitUntil(lambda: child(dialog, QLabel).text() == sentence, timeout=PATIENCE_MS)
    assert dialog.isVisible()
    write_photo(folder / "new.jpg", seed=99)
    wait_scored(qtbot, desktop, 6)
    assert "technical" in desktop.window.status._scorer.text()


def test_weights_that_work_score_all_photos_afresh_and_are_remembered(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, tmp_path: Path, app_paths: AppPaths
) -> None:
    desktop = open_desktop.start(load_by_file, folder)  # type: ignore[attr-defined]
    wait_scored(qtbot, desktop, 5)
    dialog = weights_dialog(desktop)
    dialog.file_chosen.emit(tmp_path / "good.pt")
    # Closed before the answer has come: the choice counts all the same.
    dialog.reject()
    qtbot.waitUntil(lambda: "MA-CLIP" in desktop.window.status._scorer.text(), timeout=PATIENCE_MS)
    wait_scored(qtbot, desktop, 5)
    desktop.window.close()
    # They were taken into the data folder, where the next start finds them.
    assert load_settings(app_paths.settings_file).weights == ""


def test_a_download_is_shown_below_the_grid_and_can_be_cancelled_there(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path
) -> None:
    def load(choice: ScorerChoice, _: Path, report: Any, allow_download: bool, should_stop: ShouldStop) -> Any:
        if not allow_download:
            return TechnicalScorer()
        while not should_stop():
            report("Downloading CLIP RN50 weights", 10_000_000, 250_000_000)
            threading.Event().wait(0.02)
        raise WeightsError("The download was stopped.")

    desktop = open_desktop.start(load, folder)  # type: ignore[attr-defined]
    wait_scored(qtbot, desktop, 5)
    banner = desktop.window.scorer_banner
    dialog = weights_dialog(desktop)
    dialog.download_asked.emit()
    qtbot.waitUntil(lambda: "10 MB / 250 MB" in child(dialog, QLabel).text(), timeout=PATIENCE_MS)
    dialog.reject()
    qtbot.waitUntil(lambda: "10 MB / 250 MB" in banner.text(), timeout=PATIENCE_MS)
    # Scoring goes on meanwhile.
    write_photo(folder / "new.jpg", seed=99)
    wait_scored(qtbot, desktop, 6)
    QTest.mouseClick(banner._button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: banner.text() == "The download was stopped.", timeout=PATIENCE_MS)


def test_what_the_scorer_brought_is_spared_by_the_collector_until_the_end(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path
) -> None:
    desktop = open_desktop.start(load_by_file, folder)  # type: ignore[attr-defined]
    wait_scored(qtbot, desktop, 5)
    assert gc.get_freeze_count() > 0
    desktop.window.close()
    assert gc.get_freeze_count() == 0
