"""The inspector: one photo opened up, and nothing of another."""

import re
from dataclasses import replace
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
from maclip_desktop.core.tiles import TileScores
from maclip_desktop.jobs.messages import Details, ScorerReady
from maclip_desktop.jobs.thumbnails import PictureRequest
from maclip_desktop.ui.bars import Bar
from maclip_desktop.ui.heat_map import Legend
from maclip_desktop.ui.inspector import Inspector
from maclip_desktop.ui.labels import BREAK, CopyLabel
from maclip_desktop.ui.preview import Canvas
from tests.gui.helping import Pictures, child, photo_row

MEASURES = TechnicalMeasures(0.1, 0.9, 0.8, 0.7, 0.2, (Reason.BLURRED, Reason.SMALL))
TECHNICAL = Score(0.21, "technical", "technical-1", technical=MEASURES)
PROMPTS = {
    "Good image": 0.62,
    "Sharp image": 0.18,
    "sharp edges": 0.44,
    "High resolution image": 0.7,
    "Noise-free image": 0.81,
}
TILES = TileScores(448, 448, (0.3, 0.5, 0.6, 0.7), 0.55)
MACLIP = Score(
    0.734, "maclip", "maclip-rn50", views=5, cues=Cues(0.61, 0.82, 0.54, 0.46, PROMPTS), technical=MEASURES, tiles=TILES
)
UNTILED = replace(MACLIP, tiles=None)


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
    return re.sub(r"</?p[^>]*>", "\n", "\n".join(texts)).replace(BREAK, "").replace("\N{NO-BREAK SPACE}", " ")


def bars(inspector: Inspector) -> dict[str, str]:
    shown = [bar for bar in inspector.findChildren(Bar) if not bar.isHidden()]
    return {bar.accessibleName().replace("\N{NO-BREAK SPACE}", " "): bar.accessibleDescription() for bar in shown}


def test_a_score_comes_with_its_scorer_and_its_reasons(inspector: Inspector) -> None:
    show(inspector)
    text = text_of(inspector)
    assert "Score <b>0.210</b> by technical scorer" in text
    assert "Measures as blurred." in text
    assert "Also: Measures as low in resolution." in text


def test_the_strongest_reason_is_one_sentence(inspector: Inspector) -> None:
    show(inspector, MACLIP)
    assert "\nLooks blurry to MA-CLIP (18 % sharp) and measures as blurred too.\n" in text_of(inspector)


def test_the_technical_measures_are_bars(inspector: Inspector) -> None:
    show(inspector)
    assert bars(inspector) == {
        "Sharpness": "0.10",
        "Exposure": "0.90",
        "Contrast": "0.80",
        "Freedom from noise": "0.70",
    }


def test_maclips_prompts_cues_and_tiles_come_first(inspector: Inspector) -> None:
    show(inspector, MACLIP)
    assert list(bars(inspector).items())[:11] == [
        ("sharp", "18 %"),
        ("sharp edges", "44 %"),
        ("high resolution", "70 %"),
        ("noise-free", "81 %"),
        ("good", "62 %"),
        ("Match with the words, counts 54 %", "0.61"),
        ("Strength of impression, counts 46 %", "0.82"),
        ("Lowest tile", "0.30"),
        ("Highest tile", "0.70"),
        ("Whole photo", "0.55"),
        ("Sharpness", "0.10"),
    ]
    assert "Score <b>0.734</b> by MA-CLIP" in text_of(inspector)


def test_the_cues_have_their_standard_names_for_those_who_know_them(inspector: Inspector) -> None:
    show(inspector, MACLIP)
    tips = [bar.toolTip() for bar in inspector.findChildren(Bar)]
    for name in ("q_sim", "w_sim: 0.540", "q_mag", "w_mag: 0.460", "Means over 5 views", "“Sharp image”"):
        assert any(name in tip for tip in tips), name


def test_prompts_of_ones_own_are_shown(inspector: Inspector) -> None:
    show(inspector, replace(UNTILED, cues=Cues(0.6, 0.9, 0.5, 0.5, {"a <b>rare</b> bird": 0.3, "daylight": 0.9})))
    assert list(bars(inspector).items())[:2] == [("a <b>rare</b> bird", "30 %"), ("daylight", "90 %")]
    assert "\na &lt;b&gt;rare&lt;/b&gt; bird\n" in text_of(inspector)


def test_a_score_of_an_earlier_model_says_so(inspector: Inspector) -> None:
    show(inspector, MACLIP, score_is_old=True)
    assert "an earlier model's score" in text_of(inspector)


def test_a_score_of_unknown_weights_carries_the_warning(inspector: Inspector) -> None:
    inspector.take_scorer(ScorerReady("maclip", "maclip-rn50", "CPU", warning="The scores may mean nothing."))
    show(inspector, MACLIP)
    assert "by MA-CLIP\n\n<i>The scores may mean nothing.</i>\n" in text_of(inspector)
    assert "maclip-rn50 (weights not known)" in text_of(inspector)
    show(inspector, TECHNICAL)
    assert "nothing." not in text_of(inspector)
    assert "not known" not in text_of(inspector)


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


@pytest.mark.parametrize("score", [None, MACLIP, replace(UNTILED, cues=Cues(0.6, 0.9, 0.5, 0.5, {"B" * 200: 0.3}))])
def test_nothing_widens_the_inspector(qtbot: QtBot, inspector: Inspector, score: Score | None) -> None:
    inspector.resize(inspector.minimumWidth(), 700)
    error = None if score else "A" * 200
    show(inspector, score, path=Path("/photos") / ("A" * 180 + ".jpg"), error=error)
    assert inspector.width() == inspector.minimumWidth()
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
    canvas = child(inspector, Canvas)
    return canvas.grab().toImage().pixelColor(canvas.picture_place().center().toPoint()).name()


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


def test_the_heat_map_is_off_until_it_is_asked_for(inspector: Inspector, previews: Pictures) -> None:
    show(inspector, MACLIP)
    previews.work()
    assert preview_colour(inspector) == "#336699"
    assert child(inspector, Legend).words() == ""


def test_the_heat_map_is_laid_over_the_photo(inspector: Inspector, previews: Pictures) -> None:
    show(inspector, MACLIP)
    previews.work()
    inspector.heat_map.trigger()
    assert preview_colour(inspector) != "#336699"
    assert child(inspector, Legend).words() == "From 0.30, the lowest in this photo, to 0.70, the highest"


def test_the_heat_map_stays_on_for_the_next_photo(inspector: Inspector, previews: Pictures) -> None:
    inspector.heat_map.setChecked(True)
    show(inspector, TECHNICAL)
    show(inspector, MACLIP)
    previews.work()
    assert child(inspector, Legend).words()


@pytest.mark.parametrize(
    ("score", "why"),
    [
        (None, "This photo has no score yet, and so no heat map"),
        (TECHNICAL, "The technical scorer looks at the photo as a whole: no heat map"),
        (UNTILED, "This score was made before the scores of parts were kept: no heat map"),
    ],
)
def test_without_tiles_the_switch_says_why(inspector: Inspector, score: Score | None, why: str) -> None:
    inspector.heat_map.setChecked(True)
    show(inspector, score)
    assert not inspector.heat_map.isEnabled()
    assert inspector.heat_map.toolTip() == why
    assert child(inspector, Legend).words() == ""


def test_a_photo_that_cannot_be_read_has_no_map_and_never_will(inspector: Inspector) -> None:
    show(inspector, None, error="photo.jpg is damaged.")
    assert inspector.heat_map.toolTip() == "This photo could not be read: no heat map"


def test_the_map_of_the_photo_before_goes_with_it(inspector: Inspector, previews: Pictures) -> None:
    inspector.heat_map.setChecked(True)
    show(inspector, MACLIP)
    inspector.show_picture(PictureRequest(2, Path("/photos/IMG_2.jpg"), 1, 1), None)
    previews.work()
    assert preview_colour(inspector) == "#336699"
