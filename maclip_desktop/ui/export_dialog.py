"""The export dialog: which photos, which form, which file."""

from pathlib import Path

from PySide6.QtCore import QObject, QThreadPool, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from maclip_desktop.core.culling import Select
from maclip_desktop.disk import is_file
from maclip_desktop.exporting.culling_list import ListFormat
from maclip_desktop.jobs.messages import ExportRequest
from maclip_desktop.ui import words


class FileProbe(QObject):
    """Finds out away from the GUI thread whether a file is there: a drive that has gone makes one wait.

    Signal: ``answered`` (`Path`, True where it is a file).
    """

    answered = Signal(object, bool)

    def ask(self, path: Path) -> None:
        QThreadPool.globalInstance().start(lambda: self.answered.emit(path, is_file(path)))


class ExportDialog(QDialog):
    """Ends accepted with a complete `request`."""

    def __init__(self, counts: dict[Select, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export a culling list"))
        self.setMinimumWidth(560)
        self._counts = counts
        self._replaces: Path | None = None
        self._probe = FileProbe()
        self._probe.answered.connect(self._take_answer)
        self._select = QComboBox()
        for select, name in (
            (Select.REJECTS, self.tr("Rejects")),
            (Select.PICKS, self.tr("Picks")),
            (Select.UNFLAGGED, self.tr("Unflagged")),
            (Select.ALL, self.tr("All photos")),
        ):
            self._select.addItem(f"{name} ({counts[select]:,})", select)
        self._format = QComboBox()
        self._format.addItem(self.tr("CSV table, with scores and reasons"), ListFormat.CSV)
        self._format.addItem(self.tr("JSON, with everything"), ListFormat.JSON)
        self._format.addItem(self.tr("Text, one path a line"), ListFormat.TXT)
        self._out = QLineEdit(str(Path.home() / "culling_list.csv"))
        browse = QPushButton(self.tr("&Browse…"))
        browse.clicked.connect(self._browse)
        self._note = QLabel()
        self._note.setWordWrap(True)
        place = QHBoxLayout()
        place.addWidget(self._out, 1)
        place.addWidget(browse)
        form = QFormLayout()
        form.addRow(self.tr("&Photos:"), self._select)
        form.addRow(self.tr("&Form:"), self._format)
        file = QLabel(self.tr("F&ile:"))
        file.setBuddy(self._out)
        form.addRow(file, place)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self._buttons.button(QDialogButtonBox.StandardButton.Save).setText(self.tr("&Save list"))
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._note)
        layout.addStretch(1)
        layout.addWidget(self._buttons)
        self._select.currentIndexChanged.connect(self._tell)
        self._format.currentIndexChanged.connect(self._follow_format)
        self._out.textChanged.connect(self._look_and_tell)
        self._look_and_tell()

    def request(self) -> ExportRequest:
        """What the person asked for."""
        return ExportRequest(
            out=Path(self._out.text()).expanduser(),
            format=ListFormat(self._format.currentData()),
            select=Select(self._select.currentData()),
        )

    @Slot()
    def _browse(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Save the culling list"),
            self._out.text(),
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if chosen:
            self._out.setText(chosen)

    @Slot()
    def _follow_format(self) -> None:
        """The file's ending goes with the form, as long as it is one of ours."""
        out = Path(self._out.text())
        if out.suffix.lower() in (".csv", ".json", ".txt"):
            self._out.setText(str(out.with_suffix(f".{ListFormat(self._format.currentData()).value}")))
        self._tell()

    @Slot()
    def _look_and_tell(self) -> None:
        self._probe.ask(self.request().out)
        self._tell()

    @Slot(object, bool)
    def _take_answer(self, path: Path, is_there: bool) -> None:
        # Answers may overtake each other: one about a name given up meanwhile says nothing of the present one.
        if path == self.request().out:
            self._replaces = path if is_there else None
            self._tell()

    @Slot()
    def _tell(self) -> None:
        request = self.request()
        count = self._counts[request.select]
        text = self.tr("%1 of all folders, worst first. Only the list is written; no photo is touched.").replace(
            "%1", words.photos(count)
        )
        if request.out == self._replaces:
            text += "\n" + self.tr("The file is there already and will be replaced.")
        self._note.setText(text)
        self._buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(bool(self._out.text().strip()))
