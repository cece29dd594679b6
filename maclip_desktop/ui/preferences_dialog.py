"""Preferences: how much of the machine the program may take, and what it keeps."""

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from maclip_desktop.settings import Settings

BYTES_PER_PIXEL = 6
"""What decoding takes: three bytes a pixel, once as it is decoded and once as it is turned or converted."""


class PreferencesDialog(QDialog):
    """Shows settings; `settings` and `pairs` say what was chosen.

    Signal: ``clear_thumbnails_asked`` (the button was pressed; this does not wait for OK).
    """

    clear_thumbnails_asked = Signal()

    def __init__(self, settings: Settings, pairs: bool, parent: QWidget | None = None) -> None:
        """*pairs*: whether the files of one name are one photo; the library remembers that."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Preferences"))
        self.setMinimumWidth(480)
        self._gentle = self._check(self.tr("Score &gently"), settings.gentle)
        self._gentle.setToolTip(self.tr("One thread, at low priority: slower, but other programs are not disturbed"))
        self._on_battery = self._check(self.tr("Score gently while on &battery"), settings.gentle_on_battery)
        self._pairs = self._check(self.tr("&RAW and JPEG of one name are one photo"), pairs)
        self._pairs.setToolTip(self.tr("So are a HEIC photo and its film. Marks go to all files of a photo."))
        self._megapixels = self._box(1, 10_000, 50, settings.max_megapixels, self.tr(" megapixels"))
        self._warning = QLabel()
        self._warning.setWordWrap(True)
        self._megapixels.valueChanged.connect(self._warn)
        self._thumbnails = self._box(0, 1_000_000, 500, settings.thumbnails_mb, self.tr(" MB"))
        self._clear = QPushButton(self.tr("&Clear now"))
        self._clear.setToolTip(self.tr("Thumbnails are made again when they are looked at"))
        self._clear.setAutoDefault(False)
        self._clear.clicked.connect(self._ask_clear)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for group in (self._scoring_group(), self._photos_group(), self._thumbnails_group()):
            layout.addWidget(group)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self._warn()

    def settings(self, before: Settings) -> Settings:
        """*before* with what was chosen here."""
        return replace(
            before,
            gentle=self._gentle.isChecked(),
            gentle_on_battery=self._on_battery.isChecked(),
            max_megapixels=self._megapixels.value(),
            thumbnails_mb=self._thumbnails.value(),
        )

    def pairs(self) -> bool:
        return self._pairs.isChecked()

    def _scoring_group(self) -> QGroupBox:
        group = QGroupBox(self.tr("Scoring"))
        column = QVBoxLayout(group)
        column.addWidget(self._gentle)
        column.addWidget(self._on_battery)
        return group

    def _photos_group(self) -> QGroupBox:
        group = QGroupBox(self.tr("Photos"))
        form = QFormLayout(group)
        form.addRow(self._pairs)
        form.addRow(self.tr("&Largest picture:"), self._megapixels)
        form.addRow(self._warning)
        return group

    def _thumbnails_group(self) -> QGroupBox:
        group = QGroupBox(self.tr("Thumbnails"))
        form = QFormLayout(group)
        row = QHBoxLayout()
        row.addWidget(self._thumbnails, 1)
        row.addWidget(self._clear)
        heading = QLabel(self.tr("&Keep at most:"))
        heading.setBuddy(self._thumbnails)
        form.addRow(heading, row)
        about = QLabel(
            self.tr("They lie in a folder of their own, never beside the photos. Those not seen for longest go first.")
        )
        about.setWordWrap(True)
        form.addRow(about)
        return group

    def _check(self, text: str, checked: bool) -> QCheckBox:
        box = QCheckBox(text)
        box.setChecked(checked)
        return box

    def _box(self, least: int, most: int, step: int, value: int, unit: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(least, most)
        box.setSingleStep(step)
        box.setGroupSeparatorShown(True)
        box.setSuffix(unit)
        box.setValue(value)
        return box

    @Slot()
    def _warn(self) -> None:
        gigabytes = BYTES_PER_PIXEL * self._megapixels.value() / 1000
        text = self.tr(
            "Larger pictures are refused before they are opened. One of this size takes about %1 GB of memory; "
            "with less than that free the machine may become slow."
        )
        self._warning.setText(text.replace("%1", f"{gigabytes:.1f}"))

    @Slot()
    def _ask_clear(self) -> None:
        self._clear.setEnabled(False)
        self._clear.setText(self.tr("Cleared"))
        self.clear_thumbnails_asked.emit()
