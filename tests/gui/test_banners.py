"""Messages below the grid, those about the scorer, and what stands in the grid's place."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from maclip_desktop.jobs.messages import DownloadProgress
from maclip_desktop.ui import words
from maclip_desktop.ui.banner import Banner
from maclip_desktop.ui.empty_state import EmptyState
from maclip_desktop.ui.scorer_banner import ScorerBanner
from tests.gui.helping import button, child, labels


def test_a_message_stays_until_it_is_closed(qtbot: QtBot) -> None:
    banner = Banner("Message")
    qtbot.addWidget(banner)
    assert banner.isHidden()
    banner.say("A card was taken out.")
    assert banner.isVisible() and banner.text() == "A card was taken out."
    QTest.mouseClick(child(banner, QToolButton), Qt.MouseButton.LeftButton)
    assert not banner.isVisible()


def test_a_message_offers_its_action(qtbot: QtBot) -> None:
    acted: list[bool] = []
    banner = Banner("Message")
    qtbot.addWidget(banner)
    banner.say("No weights.", "Get them…", lambda: acted.append(True))
    QTest.mouseClick(button(banner, "Get them…"), Qt.MouseButton.LeftButton)
    assert acted == [True]


def test_a_message_without_an_action_has_no_button(qtbot: QtBot) -> None:
    banner = Banner("Message")
    qtbot.addWidget(banner)
    banner.say("No weights.", "Get them…", lambda: None)
    banner.say("All is well.")
    assert not child(banner, QPushButton).isVisible()


def test_a_message_about_a_name_that_is_no_text_can_be_shown(qtbot: QtBot) -> None:
    banner = Banner("Message")
    qtbot.addWidget(banner)
    banner.say("/photos/odd\udcff.jpg is damaged.")
    assert banner.text() == "/photos/odd\\udcff.jpg is damaged."


def test_the_empty_state_offers_what_helps(qtbot: QtBot) -> None:
    empty = EmptyState(QIcon())
    qtbot.addWidget(empty)
    empty.show()
    empty.say("Add a folder", "Its photos are scored.", "Add folder…")
    with qtbot.waitSignal(empty.acted):
        QTest.mouseClick(button(empty, "Add folder…"), Qt.MouseButton.LeftButton)
    empty.say("Nothing yet", "Wait a moment.")
    assert not child(empty, QPushButton).isVisible()
    assert "Nothing yet" in labels(empty)


@pytest.fixture
def scorer_banner(qtbot: QtBot) -> ScorerBanner:
    banner = ScorerBanner()
    qtbot.addWidget(banner)
    return banner


def test_a_download_says_how_far_it_is_and_can_be_cancelled(qtbot: QtBot, scorer_banner: ScorerBanner) -> None:
    scorer_banner.show_download(DownloadProgress("Downloading CLIP RN50 weights", 12_000_000, 250_000_000))
    assert scorer_banner.text() == "Downloading CLIP RN50 weights: 12 MB / 250 MB"
    with qtbot.waitSignal(scorer_banner.download_cancelled):
        button(scorer_banner, "Cancel").click()


def test_a_scorer_that_fails_can_be_tried_again(qtbot: QtBot, scorer_banner: ScorerBanner) -> None:
    scorer_banner.show_halt("Scoring has stopped.")
    assert scorer_banner.text() == "Scoring has stopped."
    with qtbot.waitSignal(scorer_banner.retry_asked):
        button(scorer_banner, "Try again").click()
    assert scorer_banner.isHidden()


def test_a_scorer_that_cannot_be_had_leaves_the_way_to_another(qtbot: QtBot, scorer_banner: ScorerBanner) -> None:
    scorer_banner.show_unavailable("The download was stopped.")
    with qtbot.waitSignal(scorer_banner.weights_asked):
        button(scorer_banner, "Get MA-CLIP…").click()


@pytest.mark.parametrize(("count", "text"), [(0, "0 KB"), (1, "1 KB"), (36_400, "36 KB"), (24_500_000, "24.5 MB")])
def test_sizes_come_in_a_unit_a_person_would_choose(count: int, text: str) -> None:
    assert words.file_size(count) == text
