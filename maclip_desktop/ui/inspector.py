"""The inspector: one photo opened up, with the reasons for its score."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QPixmap
from PySide6.QtWidgets import QPushButton, QScrollArea, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from maclip_desktop.core.photo import PhotoDetails
from maclip_desktop.core.score import Score
from maclip_desktop.jobs.messages import Details, ScorerReady
from maclip_desktop.jobs.thumbnails import Picture, PictureLoader, PictureRequest
from maclip_desktop.ui import words
from maclip_desktop.ui.facts import Facts
from maclip_desktop.ui.heat_map import HeatMap
from maclip_desktop.ui.labels import breakable, wrapping_label
from maclip_desktop.ui.preview import Preview
from maclip_desktop.ui.printable import printable, printable_name
from maclip_desktop.ui.score_parts import ScoreParts

PREVIEW_SIDE = 900


class Inspector(QWidget):
    """Preview, score with its parts and its reasons, and what the file says of itself.

    Signal: ``retry_asked`` (id of a photo that could not be read and is to be tried again).
    """

    retry_asked = Signal(object)

    def __init__(self, loader: PictureLoader) -> None:
        super().__init__()
        self._loader = loader
        self._request: PictureRequest | None = None
        self._missing: Path | None = None
        self._details: Details | None = None
        self._warnings: dict[str, str | None] = {}
        self._preview = Preview()
        self._title = wrapping_label()
        self._title.setAccessibleName(self.tr("Photo"))
        self._score = wrapping_label()
        self._parts = ScoreParts()
        self._facts = Facts()
        self._offline = wrapping_label()
        self._retry = QPushButton(self.tr("&Try again"))
        self._retry.setToolTip(self.tr("Read the file again, for example after it was copied anew"))
        self._retry.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        # A click here must not take the keys from the grid.
        self._retry.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._retry.clicked.connect(self._ask_retry)
        body = QWidget()
        column = QVBoxLayout(body)
        for widget in (self._title, self._offline, self._score, self._retry, self._parts):
            column.addWidget(widget)
        column.addSpacing(6)
        column.addWidget(self._facts)
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
        self._request = self._details = self._missing = None
        self._preview.show_no_map(self.tr("No photo is chosen"))
        self._preview.canvas.show_text(self.tr("Choose a photo to see why it has its score."))
        self._title.clear()
        self._score.clear()
        self._offline.hide()
        self._retry.hide()
        self._parts.show_score(None)
        self._facts.clear()

    def show_picture(self, request: PictureRequest, thumbnail: QPixmap | None, missing: Path | None = None) -> None:
        """Show the thumbnail at once and the preview when it has been read.

        *missing*: the folder of the photo, where that is not there now; there is no preview then.
        """
        if (request, missing) == (self._request, self._missing):
            return
        self._request, self._details, self._missing = request, None, missing
        self._preview.show_no_map("")
        self._offline.setVisible(missing is not None)
        if missing is not None:
            text = self.tr("Offline: “%1” is not connected.").replace("%1", printable_name(missing))
            self._offline.setText(f"<b>{breakable(text)}</b>")
            self._offline.setToolTip(printable(missing))
        self._title.setText(f"<b>{breakable(printable(Path(request.path.name)))}</b>")
        if thumbnail is None or thumbnail.isNull():
            self._preview.canvas.show_text(self.tr("Reading…") if missing is None else self.tr("Offline"))
        else:
            self._preview.canvas.show_pixmap(thumbnail)
        # What waits for an earlier photo is dropped, also where nothing is to be read now.
        self._loader.request([request] if missing is None else [])

    @Slot(object)
    def _take_preview(self, picture: Picture) -> None:
        if picture.request != self._request or self._missing is not None:
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
        self._retry.setVisible(details.row.error is not None and self._missing is None)
        self._show_map(details)
        self._facts.show_details(details, "" if details.score is None else self._model(details.score))

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

    def _model(self, score: Score) -> str:
        known = not self._warnings.get(score.model_id)
        return score.model_id if known else self.tr("%1 (weights not known)").replace("%1", score.model_id)

    @Slot()
    def _ask_retry(self) -> None:
        if self._request is not None:
            self.retry_asked.emit(self._request.photo_id)
