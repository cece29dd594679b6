"""Getting MA-CLIP: where the weights come from, and how far they have come."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from maclip_desktop.jobs.messages import DownloadProgress
from maclip_desktop.ui import words
from maclip_desktop.ui.printable import printable

PERMILLE = 1000


class WeightsDialog(QDialog):
    """Signals: ``download_asked``, ``file_chosen`` (`Path`)."""

    download_asked = Signal()
    file_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Get MA-CLIP"))
        self.setMinimumWidth(480)
        self._text = QLabel(
            self.tr(
                "MA-CLIP scores photos with OpenAI's CLIP RN50 network. Its weights are a file of about 250 MB that is "
                "downloaded once; nothing about your photos is sent. You can also choose a file you already have."
            )
        )
        self._text.setTextFormat(Qt.TextFormat.PlainText)  # names of files are no markup
        self._text.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setRange(0, PERMILLE)
        self._bar.hide()
        self._download = QPushButton(self.tr("&Download"))
        self._download.setDefault(True)
        self._choose = QPushButton(self.tr("&Choose a file…"))
        close = QPushButton(self.tr("Close"))
        self._download.clicked.connect(self._ask_download)
        self._choose.clicked.connect(self._ask_file)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self._choose, self._download, close):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addWidget(self._text)
        layout.addWidget(self._bar)
        layout.addStretch(1)
        layout.addLayout(buttons)

    @Slot(object)
    def show_progress(self, progress: DownloadProgress) -> None:
        self._bar.show()
        if progress.total:
            self._bar.setRange(0, PERMILLE)
            self._bar.setValue(int(PERMILLE * progress.done / progress.total))
        else:
            self._bar.setRange(0, 0)
        self._text.setText(words.download(progress))

    @Slot(str)
    def show_failure(self, sentence: str) -> None:
        self._bar.hide()
        self._text.setText(sentence)
        self._allow(True)
        self.adjustSize()

    @Slot()
    def _ask_download(self) -> None:
        # A file may still be chosen: that gives the download up.
        self._download.setEnabled(False)
        self._show_busy()
        self.download_asked.emit()

    @Slot()
    def _ask_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Choose a file of CLIP RN50 weights"),
            str(Path.home()),
            self.tr("CLIP weights (*.safetensors *.pt *.pth *.bin);;All files (*)"),
        )
        if chosen:
            self._allow(False)
            reading = self.tr("Reading %1 and keeping what scoring needs of it…")
            self._text.setText(reading.replace("%1", printable(Path(Path(chosen).name))))
            self._show_busy()
            self.file_chosen.emit(Path(chosen))

    def _show_busy(self) -> None:
        self._bar.setRange(0, 0)
        self._bar.show()

    def _allow(self, allowed: bool) -> None:
        for button in (self._download, self._choose):
            button.setEnabled(allowed)
