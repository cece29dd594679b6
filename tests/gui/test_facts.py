"""The inspector's facts: how a photo was taken, its files, its copies, what cannot be read and what is offline."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFormLayout, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from maclip_desktop.core.photo import Capture, PhotoDetails
from maclip_desktop.jobs.messages import Details
from maclip_desktop.jobs.thumbnails import PictureRequest
from maclip_desktop.ui.inspector import Inspector
from maclip_desktop.ui.labels import BREAK, CopyLabel, ElidedLabel
from tests.gui.helping import Pictures, child, photo_row

NOTHING = Capture()
COPIES = tuple(Path(f"/backup/{number}/IMG_1.jpg") for number in range(1, 9))


@pytest.fixture
def inspector(qtbot: QtBot, previews: Pictures) -> Inspector:
    inspector = Inspector(previews.loader)
    qtbot.addWidget(inspector)
    inspector.resize(300, 800)
    inspector.show()
    qtbot.waitExposed(inspector)
    return inspector


def show(
    inspector: Inspector,
    capture: Capture = NOTHING,
    copies_at: tuple[Path, ...] = (),
    missing: Path | None = None,
    thumbnail: QPixmap | None = None,
    **about: Any,
) -> None:
    row = photo_row(1, **about)
    inspector.show_picture(PictureRequest(1, row.path, row.size, row.mtime_ns), thumbnail, missing)
    inspector.show_details(Details(PhotoDetails(row, None, capture, copies_at)))
    QApplication.processEvents()


def _widget(form: QFormLayout, row: int, role: QFormLayout.ItemRole) -> QWidget:
    item = form.itemAt(row, role)
    widget = None if item is None else item.widget()
    assert widget is not None
    return widget


def facts(inspector: Inspector) -> dict[str, str]:
    """Names and values; of a value with several lines, the lines."""
    form = child(inspector, QFormLayout)
    found = {}
    for row in range(form.rowCount()):
        name = _widget(form, row, QFormLayout.ItemRole.LabelRole)
        value = _widget(form, row, QFormLayout.ItemRole.FieldRole)
        assert isinstance(name, QLabel)
        lines = [value] if isinstance(value, QLabel) else value.findChildren(QLabel)
        text = "\n".join(line.text() for line in lines)
        found[name.text()] = text.replace(BREAK, "").replace("\N{NO-BREAK SPACE}", " ")
    return found


def try_again(inspector: Inspector) -> QPushButton:
    return next(one for one in inspector.findChildren(QPushButton) if one.text() == "&Try again")


def test_how_it_was_taken_is_told_as_far_as_it_is_known(inspector: Inspector) -> None:
    capture = Capture(120, "RF 24-70mm F2.8 L IS USM", 0.004, 2.8, 400, 35.0, has_gps=True, rating=3)
    show(inspector, capture, captured_at=86_400.25, camera="Canon EOS R5")
    assert facts(inspector) == {
        "Flag": "No flag",
        "Rating": "★★★☆☆ in the file",
        "Taken": "1970-01-02 00:00:00.25 UTC+2",
        "Camera": "Canon EOS R5",
        "Lens": "RF 24-70mm F2.8 L IS USM",
        "Exposure": "1/250 s · f/2.8 · ISO 400 · 35 mm",
        "Place": "recorded in the file",
        "File": str(Path("/photos/IMG_1.jpg")),
    }


def test_of_a_file_that_says_nothing_nothing_is_said(inspector: Inspector) -> None:
    show(inspector)
    assert list(facts(inspector)) == ["Flag", "File"]


def test_a_camera_that_recorded_no_place_is_told_apart_from_a_file_that_says_nothing(inspector: Inspector) -> None:
    show(inspector, camera="Canon EOS R5")
    assert facts(inspector)["Place"] == "not recorded"


def test_no_rating_is_no_rating(inspector: Inspector) -> None:
    show(inspector, Capture(rating=0))
    assert "Rating" not in facts(inspector)


def test_all_of_it_can_be_copied_and_wraps(inspector: Inspector) -> None:
    show(inspector, Capture(lens="L" * 120))
    lens = next(one for one in inspector.findChildren(CopyLabel) if one.text().replace(BREAK, "") == "L" * 120)
    assert lens.wordWrap() and BREAK in lens.text()
    assert lens.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse


def test_the_photo_s_other_files_are_named(inspector: Inspector) -> None:
    show(inspector, beside=("IMG_1.CR3", "IMG_1.MOV"))
    assert facts(inspector)["Beside it"] == "IMG_1.CR3, IMG_1.MOV"


def test_the_first_copies_are_listed_and_the_others_counted(inspector: Inspector) -> None:
    show(inspector, copies_at=COPIES)
    assert facts(inspector)["Copies"].splitlines() == [*map(str, COPIES[:5]), "and 3 more"]


def test_a_copy_s_whole_path_is_in_its_tip(inspector: Inspector) -> None:
    far = Path("/media/backup") / "a long way" / ("B" * 80) / "IMG_1.jpg"
    show(inspector, copies_at=(far,))
    line = next(one for one in inspector.findChildren(ElidedLabel) if one.text() == str(far))
    assert "…" in line.shown_text() and line.shown_text().endswith("1.jpg")
    assert line.toolTip() == str(far)


def test_a_photo_that_cannot_be_read_can_be_tried_again(qtbot: QtBot, inspector: Inspector) -> None:
    show(inspector, error="IMG_1.jpg is damaged.")
    with qtbot.waitSignal(inspector.retry_asked) as asked:
        QTest.mouseClick(try_again(inspector), Qt.MouseButton.LeftButton)
    assert asked.args == [1]
    show(inspector)
    assert not try_again(inspector).isVisible()


def test_an_offline_photo_says_what_is_not_connected_and_is_not_read(inspector: Inspector, previews: Pictures) -> None:
    show(inspector, missing=Path("/media/EOS_DIGITAL"), error="IMG_1.jpg is damaged.")
    previews.work()
    assert previews.asked == []
    texts = [one.text().replace(BREAK, "") for one in inspector.findChildren(CopyLabel) if one.isVisible()]
    assert "<b>Offline: “EOS_DIGITAL” is not connected.</b>" in texts
    assert not try_again(inspector).isVisible()


def test_a_photo_that_is_back_is_read(inspector: Inspector, previews: Pictures) -> None:
    show(inspector, missing=Path("/media/EOS_DIGITAL"))
    show(inspector)
    previews.work()
    assert previews.asked == [1]
    texts = [one.text() for one in inspector.findChildren(CopyLabel) if one.isVisible()]
    assert not any("Offline" in text for text in texts)
