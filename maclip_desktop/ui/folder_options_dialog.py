"""What of a folder belongs to the library."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from maclip_desktop.core.patterns import USUAL_EXCLUDE, Patterns
from maclip_desktop.jobs.messages import FolderOptions, FolderState
from maclip_desktop.ui.labels import ElidedLabel
from maclip_desktop.ui.printable import printable


class FolderOptionsDialog(QDialog):
    """Subfolders and patterns of one folder; `options` says what was chosen."""

    def __init__(self, folder: FolderState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder_id = folder.id
        self.setWindowTitle(self.tr("Folder options"))
        self.resize(480, 460)
        path = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        path.setText(printable(folder.path))
        path.setToolTip(path.text())
        self._recursive = QCheckBox(self.tr("Include &subfolders"))
        self._recursive.setChecked(folder.recursive)
        self._include = self._lines(folder.patterns.include, self.tr("*.jpg\nbest/*"))
        self._exclude = self._lines(folder.patterns.exclude, "")
        usual = QPushButton(self.tr("&Usual ones"))
        usual.setToolTip(self.tr("Hidden files, wastebaskets, thumbnails of network drives, other programs' libraries"))
        usual.setAutoDefault(False)
        usual.clicked.connect(self._fill_usual)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(path)
        layout.addWidget(self._recursive)
        layout.addWidget(self._heading(self.tr("&Only files matching (empty: all photos):"), self._include))
        layout.addWidget(self._include, 1)
        above = QHBoxLayout()
        above.addWidget(self._heading(self.tr("&Leave out:"), self._exclude), 1)
        above.addWidget(usual)
        layout.addLayout(above)
        layout.addWidget(self._exclude, 2)
        layout.addWidget(self._note())
        layout.addWidget(buttons)

    def options(self) -> FolderOptions:
        """What the person chose; lines without a pattern are passed over."""
        patterns = Patterns(include=_patterns(self._include), exclude=_patterns(self._exclude))
        return FolderOptions(self._folder_id, self._recursive.isChecked(), patterns)

    def _lines(self, patterns: tuple[str, ...], example: str) -> QPlainTextEdit:
        edit = QPlainTextEdit("\n".join(patterns))
        edit.setPlaceholderText(example)
        edit.setTabChangesFocus(True)
        edit.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        return edit

    def _heading(self, text: str, edit: QPlainTextEdit) -> QLabel:
        label = QLabel(text)
        label.setBuddy(edit)
        edit.setAccessibleName(text.replace("&", ""))
        return label

    def _note(self) -> QLabel:
        label = QLabel(
            self.tr(
                "One pattern a line: * stands for anything, ? for one letter. To take only what is in a folder, write "
                "best/*. Left out, raw means every folder or file of that name, 2024/raw one of them. Photos that are "
                "left out keep their flags and scores; no file is touched."
            )
        )
        label.setWordWrap(True)
        return label

    @Slot()
    def _fill_usual(self) -> None:
        self._exclude.setPlainText("\n".join(USUAL_EXCLUDE))


def _patterns(edit: QPlainTextEdit) -> tuple[str, ...]:
    lines = (line.strip() for line in edit.toPlainText().splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))
