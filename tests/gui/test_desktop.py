"""The whole window with its real workers: real files, real library, real threads; the technical scorer."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QLabel, QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot

from maclip_desktop.app import Desktop
from maclip_desktop.core.flags import Flag
from maclip_desktop.core.patterns import Patterns
from maclip_desktop.core.photo import DecodedPhoto, PhotoRow
from maclip_desktop.core.score import Score
from maclip_desktop.errors import WeightsError
from maclip_desktop.imaging.limits import USUAL_MAX_PIXELS, set_max_pixels
from maclip_desktop.jobs.messages import FolderMoved, FolderOptions
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.factory import ScorerChoice
from maclip_desktop.scoring.parameters import MaclipParameters, Protocol
from maclip_desktop.scoring.scorer import ShouldStop, never
from maclip_desktop.scoring.technical import TechnicalScorer
from maclip_desktop.settings import Settings, load_settings, save_settings
from maclip_desktop.ui.error_dialog import ErrorDialog
from maclip_desktop.ui.weights_dialog import WeightsDialog
from tests.gui.helping import child, write_photo

PATIENCE_MS = 30_000
CTRL = Qt.KeyboardModifier.ControlModifier


class CountingScorer(TechnicalScorer):
    """The technical scorer, counting the photos it is given; it may be held up before each batch."""

    def __init__(self, gate: Callable[[], object] = bool) -> None:
        super().__init__()
        self.scored = 0
        self._gate = gate

    def prepare(self, photo: DecodedPhoto) -> Any:
        self._gate()
        return super().prepare(photo)

    def score(self, prepared: Any, should_stop: ShouldStop = never) -> list[Score]:
        self.scored += len(prepared)
        return list(super().score(prepared))


OpenDesktop = Callable[..., Desktop]


@pytest.fixture
def open_desktop(qtbot: QtBot, app_paths: AppPaths) -> Iterator[OpenDesktop]:
    """Opens windows over one library; at the end each must have ended in time."""
    opened: list[Desktop] = []

    def open_one(*folders: Path, scorer: TechnicalScorer | None = None) -> Desktop:
        return start(lambda *_: scorer or TechnicalScorer(), *folders)

    def start(load: Callable[..., Any], *folders: Path) -> Desktop:
        desktop = Desktop(app_paths, app_paths.library_file, folders, load_scorer=load)
        opened.append(desktop)
        qtbot.addWidget(desktop.window)
        desktop.start()
        return desktop

    open_one.start = start  # type: ignore[attr-defined]
    yield open_one
    for desktop in opened:
        desktop.window.close()
        assert desktop.shutdown(), "a worker did not end in time"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five photos, the less sharp the higher their number."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(5):
        write_photo(folder / f"p{number}.jpg", seed=number, blur=1.5 * number)
    return folder


def scores(desktop: Desktop) -> dict[str, float]:
    table = desktop.window.model.table
    return {table.path(slot).name: float(table.column("scores")[slot]) for slot in range(len(table))}


def flags(desktop: Desktop) -> dict[str, Flag]:
    table = desktop.window.model.table
    return {table.path(slot).name: Flag(int(table.column("flags")[slot])) for slot in range(len(table))}


def shown_names(desktop: Desktop) -> list[str]:
    model = desktop.window.model
    return [model.index(row).data() for row in range(model.rowCount())]


def wait_scored(qtbot: QtBot, desktop: Desktop, count: int) -> None:
    qtbot.waitUntil(
        lambda: len(scores(desktop)) == count and not np.isnan(list(scores(desktop).values())).any(),
        timeout=PATIENCE_MS,
    )


def wait_sorted(qtbot: QtBot, desktop: Desktop, count: int) -> None:
    wait_scored(qtbot, desktop, count)
    qtbot.waitUntil(lambda: desktop.window.model.misplaced() == 0, timeout=PATIENCE_MS)


def saved(paths: AppPaths) -> dict[str, PhotoRow]:
    with Store.open(paths.library_file) as store:
        return {row.path.name: row for row in store.rows()}


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


def test_a_broken_photo_is_shown_with_its_reason(qtbot: QtBot, open_desktop: OpenDesktop, folder: Path) -> None:
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff this is no picture")
    desktop = open_desktop(folder)
    table = desktop.window.model.table
    qtbot.waitUntil(lambda: len(table) == 6 and not table.column("readable").all(), timeout=PATIENCE_MS)
    slot = int(np.flatnonzero(~table.column("readable"))[0])
    assert table.path(slot).name == "broken.jpg"
    assert str(folder / "broken.jpg") in (table.error(slot) or "")


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


def test_a_folder_added_in_the_window_is_scored_and_may_be_removed_again(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path
) -> None:
    desktop = open_desktop()
    window = desktop.window
    qtbot.waitUntil(window.empty.isVisible, timeout=PATIENCE_MS)
    window.folders.add_asked.emit(folder)
    wait_scored(qtbot, desktop, 5)
    window.folders._list.setCurrentRow(1)
    QTest.mouseClick(window.folders._remove, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.empty.isVisible, timeout=PATIENCE_MS)
    assert len(window.model.table) == 0


# --- another scorer --------------------------------------------------------------------------------------------


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


# --- preferences, and what else the window asks of the workers -------------------------------------------------


def folder_id(desktop: Desktop) -> int:
    (state,) = desktop.window.folders._states
    return int(state.id)


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


def test_folder_options_reach_the_library(qtbot: QtBot, open_desktop: OpenDesktop, folder: Path) -> None:
    (folder / "sub").mkdir()
    write_photo(folder / "sub" / "inside.jpg", seed=41)
    desktop = open_desktop(folder)
    wait_scored(qtbot, desktop, 6)
    options = FolderOptions(folder_id(desktop), False, Patterns(exclude=("p0*",)))
    desktop.window.folder_options_asked.emit(options)
    qtbot.waitUntil(lambda: set(scores(desktop)) == {"p1.jpg", "p2.jpg", "p3.jpg", "p4.jpg"}, timeout=PATIENCE_MS)


def test_a_folder_that_was_moved_is_followed_without_scoring_again(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, tmp_path: Path
) -> None:
    scorer = CountingScorer()
    desktop = open_desktop(folder, scorer=scorer)
    wait_scored(qtbot, desktop, 5)
    before = scores(desktop)
    moved = folder.rename(tmp_path / "disk")
    desktop.window.folder_moved.emit(FolderMoved(folder_id(desktop), moved))
    table = desktop.window.model.table
    qtbot.waitUntil(
        lambda: len(table) == 5 and all(table.path(slot).parent == moved for slot in range(5)), timeout=PATIENCE_MS
    )
    assert (scores(desktop), scorer.scored) == (before, 5)


def test_whether_files_of_one_name_are_one_photo_is_kept_in_the_library(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, app_paths: AppPaths
) -> None:
    desktop = open_desktop(folder)
    wait_scored(qtbot, desktop, 5)
    desktop.window.menus.pairs.setChecked(False)

    def pairs() -> bool:
        with Store.open(app_paths.library_file) as store:
            return store.pairs()

    qtbot.waitUntil(lambda: not pairs(), timeout=PATIENCE_MS)
    desktop.window.close()
    again = open_desktop()
    qtbot.waitUntil(lambda: not again.window.menus.pairs.isChecked(), timeout=PATIENCE_MS)


@pytest.mark.qt_log_ignore("does not support raise")
def test_folders_of_a_later_start_are_watched_and_the_window_comes_forward(
    qtbot: QtBot, open_desktop: OpenDesktop, folder: Path, tmp_path: Path
) -> None:
    desktop = open_desktop()
    qtbot.waitUntil(desktop.window.empty.isVisible, timeout=PATIENCE_MS)
    desktop.window.showMinimized()
    desktop.take_folders((folder,))
    wait_scored(qtbot, desktop, 5)
    assert desktop.window.isVisible() and not desktop.window.isMinimized()


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
