"""The inspector: one photo opened up, and nothing of another."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFormLayout, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoDetails
from maclip_desktop.core.score import Cues, Reason, Score, TechnicalMeasures
from maclip_desktop.jobs.messages import Details
from maclip_desktop.jobs.thumbnails import PictureRequest
from maclip_desktop.ui.inspector import BREAK, Bar, CopyLabel, Inspector
from tests.gui.helping import Pictures, child, photo_row

MEASURES = TechnicalMeasures(0.1, 0.9, 0.8, 0.7, 0.2, (Reason.BLURRED, Reason.SMALL))
TECHNICAL = Score(0.21, "technical", "technical-1", technical=MEASURES)
MACLIP = Score(
    0.734, "maclip", "maclip-rn50", views=10, cues=Cues(0.61, 0.82, 0.5, 0.5, {"Sharp image": 0.44}), technical=MEASURES
)


@pytest.fixture
def inspector(qtbot: QtBot, previews: Pictures) -> Inspector:
    inspector = Inspector(previews.loader)
    qtbot.addWidget(inspector)
    inspector.resize(300, 700)
    inspector.show()
    qtbot.waitExposed(inspector)
    return inspector


def show(inspector: Inspector, score: Score | None = TECHNICAL, **about: Any) -> None:
    """Choose photo 1, and let its details arrive."""
    row = photo_row(1, None if score is None else score.value, **about)
    inspector.show_picture(PictureRequest(row.id, row.path, row.size, row.mtime_ns), None)
    inspector.show_details(Details(PhotoDetails(row, score)))
    # Qt shows what is put into a layout when it comes back to its events.
    QApplication.processEvents()


def text_of(widget: QWidget) -> str:
    texts = [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]
    return "\n".join(texts).replace(BREAK, "")


def bars(inspector: Inspector) -> dict[str, str]:
    shown = [bar for bar in inspector.findChildren(Bar) if not bar.isHidden()]
    return {bar.accessibleName(): bar.accessibleDescription() for bar in shown}


def test_a_score_comes_with_its_scorer_and_its_reasons(inspector: Inspector) -> None:
    show(inspector)
    assert "Score <b>0.210</b> by technical scorer<br>Why: blurred, low resolution" in text_of(inspector)


def test_the_technical_measures_are_bars(inspector: Inspector) -> None:
    show(inspector)
    assert bars(inspector) == {
        "Sharpness": "0.10",
        "Exposure": "0.90",
        "Contrast": "0.80",
        "Freedom from noise": "0.70",
    }


def test_maclips_cues_and_prompts_come_first(inspector: Inspector) -> None:
    show(inspector, MACLIP)
    assert list(bars(inspector).items())[:3] == [
        ("Prompt similarity", "0.61"),
        ("Feature magnitude", "0.82"),
        ("Sharp image", "0.44"),
    ]
    assert "Score <b>0.734</b> by MA-CLIP" in text_of(inspector)


def test_a_photo_without_a_fault_says_so(inspector: Inspector) -> None:
    show(inspector, Score(0.9, "technical", "technical-1", technical=TechnicalMeasures(1, 1, 1, 1, 0.9)))
    assert "Nothing stands out as wrong." in text_of(inspector)


def test_a_photo_without_a_score_says_so(inspector: Inspector) -> None:
    show(inspector, None)
    assert "Not scored yet." in text_of(inspector)
    assert bars(inspector) == {}


def test_a_broken_photo_says_why_in_the_place_of_its_score(inspector: Inspector, previews: Pictures) -> None:
    previews.broken.add(1)
    show(inspector, None, error="/photos/IMG_1.jpg is cut off; copy it again.")
    previews.work()
    assert "/photos/IMG_1.jpg is cut off; copy it again." in text_of(inspector)
    assert "Not scored yet." not in text_of(inspector)


def test_the_facts_of_the_file_are_listed(inspector: Inspector) -> None:
    show(inspector, width=6000, height=4000, size=24_500_000, captured_at=86_400.0, camera="Canon EOS R5")
    text = text_of(inspector)
    for fact in ("6000 × 4000, 24.5 MB", "1970-01-02 00:00:00", "Canon EOS R5", str(Path("/photos/IMG_1.jpg"))):
        assert fact in text


@pytest.mark.parametrize(
    ("flag", "by", "words"),
    [
        (Flag.NONE, None, "No flag"),
        (Flag.PICK, Decider.PERSON, "Pick (by you)"),
        (Flag.REJECT, Decider.RULE, "Reject (by a rule)"),
    ],
)
def test_the_flag_says_who_set_it(inspector: Inspector, flag: Flag, by: Decider | None, words: str) -> None:
    show(inspector, flag=flag, decided_by=by)
    assert words in text_of(inspector)


def test_a_name_is_never_taken_for_markup(inspector: Inspector) -> None:
    show(inspector, None, path=Path("/photos/<b>a & b.jpg"), error="/photos/<b>a & b.jpg is damaged.")
    text = text_of(inspector)
    assert "<b>&lt;b&gt;a &amp; b.jpg</b>" in text
    assert "&lt;b&gt;a &amp; b.jpg is damaged." in text


def test_a_name_that_is_no_text_can_be_shown(inspector: Inspector) -> None:
    show(inspector, path=Path("/photos/odd\udcff.jpg"))
    assert "odd\\udcff.jpg" in text_of(inspector)


def test_a_long_name_does_not_widen_the_inspector(qtbot: QtBot, inspector: Inspector) -> None:
    inspector.resize(inspector.minimumWidth(), 700)
    show(inspector, None, path=Path("/photos") / ("A" * 180 + ".jpg"), error="A" * 200)
    scroll = child(inspector, QScrollArea)
    body = child(scroll, CopyLabel).parentWidget()
    assert body is not None
    qtbot.waitUntil(lambda: body.width() <= scroll.viewport().width())


def test_a_copied_path_is_the_path(qtbot: QtBot, inspector: Inspector) -> None:
    path = Path("/photos/2026_summer") / ("B" * 60 + ".jpg")
    show(inspector, path=path)
    label = next(one for one in inspector.findChildren(CopyLabel) if one.text().replace(BREAK, "") == str(path))
    assert BREAK in label.text()
    label.copy()
    assert QGuiApplication.clipboard().text() == str(path)
    label.setSelection(0, 9)
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert BREAK not in QGuiApplication.clipboard().text()


def test_details_of_the_photo_before_come_too_late(inspector: Inspector) -> None:
    show(inspector)
    inspector.show_details(Details(PhotoDetails(photo_row(2, 0.9), None)))
    assert "Score <b>0.210</b>" in text_of(inspector)


def test_details_come_too_late_where_no_photo_is_chosen(inspector: Inspector) -> None:
    show(inspector)
    inspector.clear()
    inspector.show_details(Details(PhotoDetails(photo_row(1, 0.9), TECHNICAL)))
    assert "Score" not in text_of(inspector)
    assert bars(inspector) == {}


def test_looking_at_many_photos_leaves_no_empty_rows(inspector: Inspector) -> None:
    for _ in range(5):
        show(inspector)
    form = next(layout for layout in inspector.findChildren(QFormLayout))
    assert form.rowCount() == 3


def preview_colour(inspector: Inspector) -> str:
    return inspector.grab().toImage().pixelColor(inspector.width() // 2, 130).name()


def test_the_thumbnail_stands_in_until_the_preview_has_been_read(inspector: Inspector, previews: Pictures) -> None:
    thumbnail = QPixmap(64, 48)
    thumbnail.fill("#ff0000")
    row = photo_row(1)
    inspector.show_picture(PictureRequest(row.id, row.path, row.size, row.mtime_ns), thumbnail)
    assert preview_colour(inspector) == "#ff0000"
    previews.work()
    assert preview_colour(inspector) == "#336699"


def test_the_preview_of_the_photo_before_is_not_shown(inspector: Inspector, previews: Pictures) -> None:
    show(inspector)
    inspector.clear()
    previews.work()
    assert preview_colour(inspector) != "#336699"


def test_a_preview_is_asked_for_once(inspector: Inspector, previews: Pictures) -> None:
    show(inspector)
    show(inspector)
    previews.work()
    assert previews.asked == [1]
