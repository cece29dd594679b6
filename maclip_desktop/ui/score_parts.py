"""A score opened up into its parts: headings, and below them bars with their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from maclip_desktop.core.score import Cues, Score, TechnicalMeasures
from maclip_desktop.core.tiles import TileScores
from maclip_desktop.core.why import ordered_prompts
from maclip_desktop.ui import words
from maclip_desktop.ui.bars import Bar
from maclip_desktop.ui.labels import breakable


@dataclass(frozen=True, slots=True)
class Part:
    """One line: a name, a value, and what it means for those who want to know."""

    name: str
    value: float
    text: str
    meaning: str
    middle: bool = False


class ScoreParts(QWidget):
    """What a score is made of."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)

    def show_score(self, score: Score | None) -> None:
        """Fill in the parts of *score*, in place of those shown before."""
        _empty(self._grid)
        if score is None:
            return
        if score.cues is not None:
            self._add(self.tr("What MA-CLIP takes it for"), self._prompts(score.cues))
            self._add(self.tr("What the score is made of"), self._cues(score.cues, score.views))
        if score.tiles is not None:
            self._add(self.tr("Across the photo"), self._tiles(score.tiles))
        if score.technical is not None:
            self._add(self.tr("What was measured"), self._measures(score.technical))

    def _add(self, heading: str, parts: Sequence[Part]) -> None:
        row = self._grid.rowCount()
        title = QLabel(f"<b>{heading}</b>")
        title.setWordWrap(True)
        title.setContentsMargins(0, 6, 0, 0)
        self._grid.addWidget(title, row, 0, 1, 2)
        for place, part in enumerate(parts, row + 1):
            label = QLabel(breakable(part.name))
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setWordWrap(True)
            bar = Bar(part.name, part.value, part.text, part.middle)
            for widget in (label, bar):
                widget.setToolTip(part.meaning)
                self._grid.addWidget(widget, place, 0 if widget is label else 1)

    def _prompts(self, cues: Cues) -> list[Part]:
        return [
            Part(words.prompt_words(prompt), value, f"{100 * value:.0f} %", self._meaning(prompt), middle=True)
            for prompt, value in ordered_prompts(cues)
        ]

    def _meaning(self, prompt: str) -> str:
        text = self.tr("How much closer the photo is to the prompt “%1” than to its opposite; 50 % is neither")
        return text.replace("%1", prompt)

    def _cues(self, cues: Cues, views: int) -> list[Part]:
        similarity = self.tr("q_sim, prompt similarity: the mean of the probabilities above. Weight w_sim: %1.")
        magnitude = self.tr(
            "q_mag, feature magnitude: how strongly the photo excites the network, whatever it shows. Weight w_mag: %1."
        )
        means = " " + self.tr("Means over %1 views.").replace("%1", f"{views:,}")
        lines = (
            (self.tr("Match with the words"), cues.q_sim, cues.w_sim, similarity),
            (self.tr("Strength of impression"), cues.q_mag, cues.w_mag, magnitude),
        )
        counts = self.tr("%1, counts\N{NO-BREAK SPACE}%2\N{NO-BREAK SPACE}%")
        return [
            Part(
                counts.replace("%2", f"{100 * weight:.0f}").replace("%1", name),
                value,
                f"{value:.2f}",
                meaning.replace("%1", f"{weight:.3f}") + means,
            )
            for name, value, weight, meaning in lines
        ]

    def _tiles(self, tiles: TileScores) -> list[Part]:
        of = self.tr("Of %1 tiles, each 224 × 224 pixels of the photo as the model was shown it")
        of = of.replace("%1", f"{len(tiles.values):,}")
        whole = self.tr("The score of the view that shows the whole photo, 224 × 224 pixels small")
        lines = (
            (self.tr("Lowest tile"), min(tiles.values), of),
            (self.tr("Highest tile"), max(tiles.values), of),
            (self.tr("Whole photo"), tiles.whole, whole),
        )
        return [Part(name, value, f"{value:.2f}", meaning) for name, value, meaning in lines]

    def _measures(self, measures: TechnicalMeasures) -> list[Part]:
        meaning = self.tr("Measured without a model, from 0 to 1")
        lines = (
            (self.tr("Sharpness"), measures.sharpness),
            (self.tr("Exposure"), measures.exposure),
            (self.tr("Contrast"), measures.contrast),
            (self.tr("Freedom from noise"), measures.noise),
        )
        return [Part(name, value, f"{value:.2f}", meaning) for name, value in lines]


def _empty(layout: QGridLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
