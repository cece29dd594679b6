"""The inspector: one photo opened up, with the reasons for its score."""

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QPixmap
from PySide6.QtWidgets import QFormLayout, QLabel, QScrollArea, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoDetails
from maclip_desktop.core.score import Score
from maclip_desktop.jobs.messages import Details, ScorerReady
from maclip_desktop.jobs.thumbnails import Picture, PictureLoader, PictureRequest
from maclip_desktop.ui import words
from maclip_desktop.ui.heat_map import HeatMap
from maclip_desktop.ui.labels import breakable, wrapping_label
from maclip_desktop.ui.photo_model import printable
from maclip_desktop.ui.preview import Preview
from maclip_desktop.ui.score_parts import ScoreParts

PREVIEW_SIDE = 900


class Inspector(QWidget):
    """Preview, score with its parts and its reasons, and what the file says of itself."""

    def __init__(self, loader: PictureLoader) -> None:
        super().__init__()
        self._loader = loader
        self._request: PictureRequest | None = None
        self._details: Details | None = None
        self._warnings: dict[str, str | None] = {}
        self._preview = Preview()
        self._title = wrapping_label()
        self._title.setAccessibleName(self.tr("Photo"))
        self._score = wrapping_label()
        self._parts = ScoreParts()
        self._facts = QFormLayout()
        body = QWidget()
        column = QVBoxLayout(body)
        for widget in (self._title, self._score, self._parts):
            column.addWidget(widget)
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

    @property
    def heat_map(self) -> QAction:
        """The switch of the heat map, for the menu."""
        return self._preview.heat_map

    def take_scorer(self, scorer: ScorerReady) -> None:
        """A scorer is at work; what must be said beside its scores is said from now on."""
        self._warnings[scorer.model_id] = scorer.warning
        if self._details is not None:
            self.show_details(self._details)

    def clear(self) -> None:
        """No photo is chosen."""
        self._request = self._details = None
        self._preview.show_no_map(self.tr("No photo is chosen"))
        self._preview.canvas.show_text(self.tr("Choose a photo to see why it has its score."))
        self._title.clear()
        self._score.clear()
        self._parts.show_score(None)
        _empty_form(self._facts)

    def show_picture(self, request: PictureRequest, thumbnail: QPixmap | None) -> None:
        """Show the thumbnail at once and the preview when it has been read."""
        if request == self._request:
            return
        self._request, self._details = request, None
        self._preview.show_no_map("")
        self._title.setText(f"<b>{breakable(printable(Path(request.path.name)))}</b>")
        if thumbnail is None or thumbnail.isNull():
            self._preview.canvas.show_text(self.tr("Reading…"))
        else:
            self._preview.canvas.show_pixmap(thumbnail)
        self._loader.request([request])

    @Slot(object)
    def _take_preview(self, picture: Picture) -> None:
        if picture.request != self._request:
            return
        if picture.error:
            self._preview.canvas.show_text(self.tr("There is no preview of this photo."))
        else:
            self._preview.canvas.show_pixmap(QPixmap.fromImage(picture.image))

    def show_details(self, message: Details) -> None:
        """Fill in everything but the picture; answers for a photo looked at before are too late."""
        details = message.details
        if self._request is None or self._request.photo_id != details.row.id:
            return
        self._details = message
        self._score.setText(self._verdict(details))
        self._parts.show_score(details.score)
        self._show_map(details)
        self._fill_facts(details)

    def _verdict(self, details: PhotoDetails) -> str:
        score = details.score
        if details.row.error:
            return breakable(details.row.error)
        if score is None:
            return self.tr("Not scored yet.")
        line = self.tr("Score <b>%1</b> by %2").replace("%1", f"{score.value:.3f}")
        strongest, *others = (breakable(sentence) for sentence in words.why(score))
        paragraphs = [line.replace("%2", words.scorer_words(score.scorer)), strongest]
        if details.row.score_is_old:
            paragraphs.insert(1, self.tr("This is an earlier model's score, until the new one is in."))
        warning = self._warnings.get(score.model_id)
        if warning:
            paragraphs.insert(1, f"<i>{breakable(warning)}</i>")
        if others:
            paragraphs.append(self.tr("Also: %1").replace("%1", " ".join(others)))
        return "".join(f"<p style='margin:0 0 4px 0'>{text}</p>" for text in paragraphs)

    def _show_map(self, details: PhotoDetails) -> None:
        score = details.score
        if score is not None and score.tiles is not None:
            self._preview.show_map(HeatMap.of(score.tiles))
        elif details.row.error:
            self._preview.show_no_map(self.tr("This photo could not be read: no heat map"))
        elif score is None:
            self._preview.show_no_map(self.tr("This photo has no score yet, and so no heat map"))
        elif score.cues is None:
            self._preview.show_no_map(self.tr("The technical scorer looks at the photo as a whole: no heat map"))
        else:
            self._preview.show_no_map(self.tr("This score was made before the scores of parts were kept: no heat map"))

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
            facts.append((self.tr("Model"), self._model(details.score)))
        for name, value in facts:
            label = wrapping_label()
            label.setText(breakable(value))
            heading = QLabel(name)
            heading.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
            self._facts.addRow(heading, label)

    def _model(self, score: Score) -> str:
        known = not self._warnings.get(score.model_id)
        return score.model_id if known else self.tr("%1 (weights not known)").replace("%1", score.model_id)

    def _flag(self, details: PhotoDetails) -> str:
        flag = words.flag_words(details.row.flag)
        if details.row.flag is Flag.NONE:
            by_person = details.row.decided_by is Decider.PERSON
            return self.tr("%1 (by you: rules leave it alone)").replace("%1", flag) if by_person else flag
        by = self.tr("by you") if details.row.decided_by is Decider.PERSON else self.tr("by a rule")
        return f"{flag} ({by})"


def _empty_form(form: QFormLayout) -> None:
    # Taking the items out one by one would leave an empty row behind for each.
    while form.rowCount():
        form.removeRow(0)
