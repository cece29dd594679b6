"""The dialogs: what they say before anything happens, and what they hand on."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from maclip_desktop.core.culling import Select
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.selection import Candidates
from maclip_desktop.exporting.culling_list import ListFormat
from maclip_desktop.jobs.messages import DownloadProgress
from maclip_desktop.ui.export_dialog import ExportDialog
from maclip_desktop.ui.flag_below_dialog import FlagBelowDialog
from maclip_desktop.ui.weights_dialog import WeightsDialog
from tests.gui.helping import child, photo_row

COUNTS = {Select.REJECTS: 1, Select.PICKS: 2, Select.UNFLAGGED: 3000, Select.ALL: 3003}


def text_of(dialog: ExportDialog | FlagBelowDialog | WeightsDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def button(dialog: ExportDialog | FlagBelowDialog, kind: QDialogButtonBox.StandardButton) -> QPushButton:
    return child(dialog, QDialogButtonBox).button(kind)


# --- flag low scores -------------------------------------------------------------------------------------------


@pytest.fixture
def flag_below(qtbot: QtBot) -> FlagBelowDialog:
    rows = [
        photo_row(1, 0.1),
        photo_row(2, 0.2, Flag.PICK),
        photo_row(3, 0.25, Flag.NONE, decided_by=Decider.PERSON),
        photo_row(4, 0.3, Flag.REJECT, decided_by=Decider.RULE),
        photo_row(5, 0.6),
        photo_row(6),
        photo_row(7, 0.1, score_is_old=True),
    ]
    dialog = FlagBelowDialog(lambda: Candidates.of(rows), 0.5, "all folders")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_the_counts_say_what_would_happen_and_what_would_not(flag_below: FlagBelowDialog) -> None:
    text = text_of(flag_below)
    assert "1 photo of all folders will be flagged as rejects." in text
    assert "Rejects by a rule already: 1 photo." in text
    assert "Decided by you and left as they are: 2 photos." in text
    assert "Without a score and not touched: 1 photo." in text
    assert "Scored by an earlier model only and not touched until scored again: 1 photo." in text
    assert "No file is changed, moved or deleted." in text


def test_what_a_person_decided_is_never_suggested(flag_below: FlagBelowDialog) -> None:
    child(flag_below, QDoubleSpinBox).setValue(2.0)
    assert flag_below.suggestion().reject_ids == (1, 5)


def test_the_counts_follow_the_threshold(qtbot: QtBot, flag_below: FlagBelowDialog) -> None:
    box = child(flag_below, QDoubleSpinBox)
    box.selectAll()
    QTest.keyClicks(box, box.locale().toString(0.7, "f", 3))
    assert flag_below.threshold() == 0.7
    assert button(flag_below, QDialogButtonBox.StandardButton.Ok).text() == "Flag 2 photos"


def test_there_is_nothing_to_agree_to_where_nothing_would_be_flagged(flag_below: FlagBelowDialog) -> None:
    ok = button(flag_below, QDialogButtonBox.StandardButton.Ok)
    assert ok.isEnabled()
    child(flag_below, QDoubleSpinBox).setValue(0.05)
    assert ok.text() == "Flag 0 photos"
    assert not ok.isEnabled()


# --- export ----------------------------------------------------------------------------------------------------


@pytest.fixture
def export(qtbot: QtBot) -> ExportDialog:
    dialog = ExportDialog(COUNTS)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def choose(dialog: ExportDialog, data: Select | ListFormat) -> None:
    for box in dialog.findChildren(QComboBox):
        if box.findData(data) >= 0:
            box.setCurrentIndex(box.findData(data))


def test_rejects_as_csv_is_what_one_gets_by_default(export: ExportDialog) -> None:
    request = export.request()
    assert (request.select, request.format) == (Select.REJECTS, ListFormat.CSV)
    assert request.out == Path.home() / "culling_list.csv"


def test_the_request_is_what_was_chosen(export: ExportDialog, tmp_path: Path) -> None:
    choose(export, Select.PICKS)
    choose(export, ListFormat.JSON)
    child(export, QLineEdit).setText(str(tmp_path / "best.json"))
    request = export.request()
    assert (request.out, request.format, request.select) == (tmp_path / "best.json", ListFormat.JSON, Select.PICKS)


def test_every_choice_says_how_many_photos_it_means(export: ExportDialog) -> None:
    texts = [box.itemText(index) for box in export.findChildren(QComboBox) for index in range(box.count())]
    assert {"Rejects (1)", "Picks (2)", "Unflagged (3,000)", "All photos (3,003)"} <= set(texts)
    choose(export, Select.UNFLAGGED)
    assert "3,000 photos of all folders, worst first." in text_of(export)


def test_the_ending_of_the_file_follows_the_form(export: ExportDialog) -> None:
    file = child(export, QLineEdit)
    file.setText("/lists/rejects.csv")
    choose(export, ListFormat.TXT)
    assert file.text() == str(Path("/lists/rejects.txt"))


def test_an_ending_of_ones_own_stays(export: ExportDialog) -> None:
    file = child(export, QLineEdit)
    file.setText("/lists/rejects.list")
    choose(export, ListFormat.TXT)
    assert file.text() == "/lists/rejects.list"


def test_a_late_answer_about_another_file_changes_nothing(qtbot: QtBot, export: ExportDialog, tmp_path: Path) -> None:
    there = tmp_path / "there.csv"
    there.write_text("old")
    child(export, QLineEdit).setText(str(there))
    qtbot.waitUntil(lambda: "will be replaced" in text_of(export))
    export._take_answer(tmp_path / "earlier.csv", False)
    assert "will be replaced" in text_of(export)


def test_a_file_that_would_be_replaced_is_named(qtbot: QtBot, export: ExportDialog, tmp_path: Path) -> None:
    there = tmp_path / "there.csv"
    there.write_text("old")
    file = child(export, QLineEdit)
    file.setText(str(there))
    qtbot.waitUntil(lambda: "will be replaced" in text_of(export))
    file.setText(str(tmp_path / "new.csv"))
    assert "will be replaced" not in text_of(export)


def test_a_list_needs_a_file(export: ExportDialog) -> None:
    save = button(export, QDialogButtonBox.StandardButton.Save)
    assert save.isEnabled()
    child(export, QLineEdit).setText("  ")
    assert not save.isEnabled()


def test_a_home_folder_written_as_a_tilde_is_understood(export: ExportDialog) -> None:
    child(export, QLineEdit).setText("~/list.csv")
    assert export.request().out == Path.home() / "list.csv"


# --- weights ---------------------------------------------------------------------------------------------------


@pytest.fixture
def weights(qtbot: QtBot) -> WeightsDialog:
    dialog = WeightsDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def press(qtbot: QtBot, dialog: WeightsDialog, text: str) -> None:
    buttons = [one for one in dialog.findChildren(QPushButton) if one.text() == text]
    QTest.mouseClick(buttons[0], Qt.MouseButton.LeftButton)


def enabled(dialog: WeightsDialog) -> dict[str, bool]:
    return {one.text(): one.isEnabled() for one in dialog.findChildren(QPushButton)}


def test_download_is_asked_for_once(qtbot: QtBot, weights: WeightsDialog) -> None:
    with qtbot.waitSignal(weights.download_asked):
        press(qtbot, weights, "&Download")
    assert enabled(weights) == {"&Choose a file…": True, "&Download": False, "Close": True}


def test_a_file_that_is_read_shows_that_something_happens(
    qtbot: QtBot, weights: WeightsDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "RN50.pt"), ""))
    with qtbot.waitSignal(weights.file_chosen):
        press(qtbot, weights, "&Choose a file…")
    assert text_of(weights) == "Reading RN50.pt and keeping what scoring needs of it…"
    assert child(weights, QProgressBar).isVisible()
    assert child(weights, QProgressBar).maximum() == 0
    assert enabled(weights) == {"&Choose a file…": False, "&Download": False, "Close": True}


def test_progress_says_how_far_it_is(weights: WeightsDialog) -> None:
    weights.show_progress(DownloadProgress("CLIP RN50", 61_000_000, 244_000_000))
    assert text_of(weights) == "CLIP RN50: 61 MB / 244 MB"
    bar = child(weights, QProgressBar)
    assert bar.value() == bar.maximum() // 4


def test_progress_of_unknown_length_says_what_has_come(weights: WeightsDialog) -> None:
    weights.show_progress(DownloadProgress("CLIP RN50", 61_000_000, None))
    assert text_of(weights) == "CLIP RN50: 61 MB"
    assert child(weights, QProgressBar).maximum() == 0


def test_a_failure_is_said_and_may_be_tried_again(qtbot: QtBot, weights: WeightsDialog) -> None:
    press(qtbot, weights, "&Download")
    sentence = "The weights could not be downloaded (no network); connect and try again, or choose a file. " * 4
    weights.show_failure(sentence)
    assert text_of(weights) == sentence
    assert enabled(weights) == {"&Choose a file…": True, "&Download": True, "Close": True}
    assert not child(weights, QProgressBar).isVisible()


def test_a_long_failure_is_not_cut_off(qtbot: QtBot, weights: WeightsDialog) -> None:
    weights.show_failure("The weights could not be downloaded because nothing answered. " * 12)
    label = child(weights, QLabel)
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()))
