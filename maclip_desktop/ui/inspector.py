"""The inspector: one photo opened up, with the reasons for its score."""

import re
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPixmap,
    QTextDocument,
)
from PySide6.QtWidgets import (
    QFormLayout,
    QGridLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoDetails
from maclip_desktop.core.score import Score
from maclip_desktop.jobs.messages import Details
from maclip_desktop.jobs.thumbnails import Picture, PictureLoader, PictureRequest
from maclip_desktop.ui import theme, words
from maclip_desktop.ui.photo_model import printable

PREVIEW_SIDE = 900
BREAK = "\u200b"
"""A place where a line may break, without a width of its own."""
UNBROKEN = 20
"""So many letters without a break still fit into the narrowest inspector."""


class Preview(QWidget):
    """A picture as large as the place allows, never cut."""

    def __init__(self) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self._text = ""
        self.setMinimumHeight(160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_pixmap(self, pixmap: QPixmap) -> None:
        self._pixmap, self._text = pixmap, ""
        self.update()

    def show_text(self, text: str) -> None:
        self._pixmap, self._text = QPixmap(), text
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.mat(self.palette()))
        if self._pixmap.isNull():
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), flags, self._text)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size, place = self._pixmap.size(), self.size() - QSize(16, 16)
        if size.width() > place.width() or size.height() > place.height():
            size = size.scaled(place, Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawPixmap(left, top, size.width(), size.height(), self._pixmap)


class Bar(QWidget):
    """A value of 0..1 as a bar with its number beside it."""

    def __init__(self) -> None:
        super().__init__()
        self._value = 0.0
        self.setMinimumSize(120, 18)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_value(self, value: float) -> None:
        self._value = value
        self.setAccessibleDescription(f"{value:.2f}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        number = painter.fontMetrics().horizontalAdvance("0.000") + 6
        track = self.rect().adjusted(0, 5, -number, -5)
        painter.fillRect(track, theme.mat(self.palette()))
        filled = QRect(track)
        filled.setWidth(round(track.width() * min(1.0, max(0.0, self._value))))
        painter.fillRect(filled, theme.score_colour(self._value))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{self._value:.2f}")


class Inspector(QWidget):
    """Preview, score with its parts and its reasons, and what the file says of itself."""

    def __init__(self, loader: PictureLoader) -> None:
        super().__init__()
        self._loader = loader
        self._request: PictureRequest | None = None
        self._preview = Preview()
        self._title = _wrapping_label()
        self._title.setAccessibleName(self.tr("Photo"))
        self._score = _wrapping_label()
        self._parts = QGridLayout()
        self._facts = QFormLayout()
        body = QWidget()
        column = QVBoxLayout(body)
        for widget in (self._title, self._score):
            column.addWidget(widget)
        column.addLayout(self._parts)
        column.addSpacing(6)
        column.addLayout(self._facts)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        for part in (self._preview, scroll):
            parts.addWidget(part)
        parts.setSizes([260, 420])
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 1)
        layout.addWidget(parts)
        self.setMinimumWidth(200)
        loader.ready.connect(self._take_preview)
        self.clear()

    def clear(self) -> None:
        """No photo is chosen."""
        self._request = None
        self._preview.show_text(self.tr("Choose a photo to see why it has its score."))
        self._title.clear()
        self._score.clear()
        self._fill_parts(None)
        _empty_form(self._facts)

    def show_picture(self, request: PictureRequest, thumbnail: QPixmap | None) -> None:
        """Show the thumbnail at once and the preview when it has been read."""
        if request == self._request:
            return
        self._request = request
        self._title.setText(f"<b>{_breakable(printable(Path(request.path.name)))}</b>")
        if thumbnail is None or thumbnail.isNull():
            self._preview.show_text(self.tr("Reading…"))
        else:
            self._preview.show_pixmap(thumbnail)
        self._loader.request([request])

    @Slot(object)
    def _take_preview(self, picture: Picture) -> None:
        if picture.request != self._request:
            return
        if picture.error:
            self._preview.show_text(self.tr("There is no preview of this photo."))
        else:
            self._preview.show_pixmap(QPixmap.fromImage(picture.image))

    def show_details(self, message: Details) -> None:
        """Fill in everything but the picture; answers for a photo looked at before are too late."""
        details = message.details
        if self._request is None or self._request.photo_id != details.row.id:
            return
        self._score.setText(self._verdict(details))
        self._fill_parts(details.score)
        self._fill_facts(details)

    def _verdict(self, details: PhotoDetails) -> str:
        score = details.score
        if details.row.error:
            return _breakable(details.row.error)
        if score is None:
            return self.tr("Not scored yet.")
        reasons = words.reason_words(score.reasons)
        by = words.scorer_words(score.scorer)
        line = self.tr("Score <b>%1</b> by %2").replace("%1", f"{score.value:.3f}").replace("%2", by)
        why = self.tr("Why: %1").replace("%1", reasons) if reasons else self.tr("Nothing stands out as wrong.")
        return f"{line}<br>{why}"

    def _fill_parts(self, score: Score | None) -> None:
        _empty(self._parts)
        for row, (name, value) in enumerate(self._part_values(score)):
            bar = Bar()
            bar.setAccessibleName(name)
            bar.show_value(value)
            label = QLabel(name)
            label.setWordWrap(True)
            self._parts.addWidget(label, row, 0)
            self._parts.addWidget(bar, row, 1)

    def _part_values(self, score: Score | None) -> list[tuple[str, float]]:
        if score is None:
            return []
        values: list[tuple[str, float]] = []
        if score.cues is not None:
            values += [
                (self.tr("Prompt similarity"), score.cues.q_sim),
                (self.tr("Feature magnitude"), score.cues.q_mag),
            ]
            values += list(score.cues.prompts.items())
        if score.technical is not None:
            measures = score.technical
            values += [
                (self.tr("Sharpness"), measures.sharpness),
                (self.tr("Exposure"), measures.exposure),
                (self.tr("Contrast"), measures.contrast),
                (self.tr("Freedom from noise"), measures.noise),
            ]
        return values

    def _fill_facts(self, details: PhotoDetails) -> None:
        _empty_form(self._facts)
        row = details.row
        facts = [(self.tr("Flag"), self._flag(details))]
        if row.width and row.height:
            facts.append((self.tr("Size"), f"{row.width} × {row.height}, {words.file_size(row.size)}"))
        if row.captured_at is not None:
            taken = datetime.fromtimestamp(row.captured_at, UTC)
            facts.append((self.tr("Taken"), f"{taken:%Y-%m-%d %H:%M:%S}"))
        if row.camera:
            facts.append((self.tr("Camera"), row.camera))
        facts.append((self.tr("File"), printable(row.path)))
        if details.score is not None:
            facts.append((self.tr("Model"), details.score.model_id))
        for name, value in facts:
            label = _wrapping_label()
            label.setText(_breakable(value))
            heading = QLabel(name)
            heading.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
            self._facts.addRow(heading, label)

    def _flag(self, details: PhotoDetails) -> str:
        flag = words.flag_words(details.row.flag)
        if details.row.flag is Flag.NONE:
            by_person = details.row.decided_by is Decider.PERSON
            return self.tr("%1 (by you: rules leave it alone)").replace("%1", flag) if by_person else flag
        by = self.tr("by you") if details.row.decided_by is Decider.PERSON else self.tr("by a rule")
        return f"{flag} ({by})"


class CopyLabel(QLabel):
    """A label whose text can be copied, without the places where its lines may break."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Copy")).triggered.connect(self.copy)
        menu.popup(event.globalPos())

    @Slot()
    def copy(self) -> None:
        """Put what is selected, or else all of it, on the clipboard."""
        document = QTextDocument()
        document.setHtml(self.text())
        text = self.selectedText() or document.toPlainText()
        QGuiApplication.clipboard().setText(text.replace(BREAK, ""))


def _wrapping_label() -> CopyLabel:
    label = CopyLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _breakable(text: str) -> str:
    """Rich text of a name or path that wraps after a separator, and anywhere where there is none for long."""
    words_of = re.findall(r"[^/\\:_\-\s]*[/\\:_\-\s]?", text)
    pieces = [piece for word in words_of for piece in ([word] if len(word) <= UNBROKEN else _chopped(word))]
    return BREAK.join(_escaped(piece) for piece in pieces if piece)


def _chopped(word: str) -> list[str]:
    return [word[start : start + 4] for start in range(0, len(word), 4)]


def _empty(layout: QGridLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def _empty_form(form: QFormLayout) -> None:
    # Taking the items out one by one would leave an empty row behind for each.
    while form.rowCount():
        form.removeRow(0)
