"""Flag low scores: what would happen is shown before it happens."""

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QDoubleSpinBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from maclip_desktop.core.selection import Candidates, Suggestion, below_threshold
from maclip_desktop.ui import words


class FlagBelowDialog(QDialog):
    """Choose a threshold and see the counts; `suggestion` says what was agreed to."""

    def __init__(
        self, candidates: Callable[[], Candidates], threshold: float, place: str, parent: QWidget | None = None
    ) -> None:
        """*candidates* gives the photos meant, *place* says in words which they are."""
        super().__init__(parent)
        self._candidates = candidates
        self._place = place
        self.setWindowTitle(self.tr("Flag low scores"))
        self.setMinimumWidth(460)
        self._box = QDoubleSpinBox()
        self._box.setRange(0.0, 2.0)
        self._box.setDecimals(3)
        self._box.setSingleStep(0.01)
        self._box.setValue(threshold)
        self._box.setAccessibleName(self.tr("Threshold"))
        self._box.valueChanged.connect(self._recount)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow(self.tr("&Reject photos with a score below:"), self._box)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._text)
        layout.addStretch(1)
        layout.addWidget(self._buttons)
        self._recount()

    def threshold(self) -> float:
        return self._box.value()

    def suggestion(self) -> Suggestion:
        """Counted afresh from the photos as they are now."""
        return below_threshold(self._candidates(), self.threshold())

    @Slot()
    def _recount(self) -> None:
        suggestion = self.suggestion()
        count = len(suggestion.reject_ids)
        lines = [
            self.tr("%1 of %2 will be flagged as rejects. You can undo it.")
            .replace("%1", words.photos(count))
            .replace("%2", self._place)
        ]
        if suggestion.already_rejected:
            lines.append(
                self.tr("Rejects by a rule already: %1.").replace("%1", words.photos(suggestion.already_rejected))
            )
        if suggestion.kept_by_person:
            lines.append(
                self.tr("Decided by you and left as they are: %1.").replace(
                    "%1", words.photos(suggestion.kept_by_person)
                )
            )
        if suggestion.outdated:
            lines.append(
                self.tr("Scored by an earlier model only and not touched until scored again: %1.").replace(
                    "%1", words.photos(suggestion.outdated)
                )
            )
        without = suggestion.unscored - suggestion.outdated
        if without:
            lines.append(self.tr("Without a score and not touched: %1.").replace("%1", words.photos(without)))
        lines.append(self.tr("No file is changed, moved or deleted."))
        self._text.setText("\n".join(lines))
        ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setText(self.tr("Flag %1").replace("%1", words.photos(count)))
        ok.setEnabled(count > 0)
