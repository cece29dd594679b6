"""What the GUI tests share: rows, pictures, and a pool that works when it is told to."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PIL import Image, ImageFilter
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QWidget

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.jobs.messages import RowsChanged
from maclip_desktop.jobs.thumbnails import Picture, PictureLoader, PictureRequest

AnyObject = TypeVar("AnyObject", bound=QObject)


def child(parent: QObject, kind: type[AnyObject]) -> AnyObject:
    """The first part of this kind."""
    found = parent.findChild(kind)
    assert found is not None, f"there is no {kind.__name__}"
    return found


def labels(widget: QWidget) -> list[str]:
    """What the labels say that are not hidden."""
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def button(widget: QWidget, text: str) -> QPushButton:
    """The button with these words."""
    return next(one for one in widget.findChildren(QPushButton) if one.text() == text)


def photo_row(photo_id: int, score: float | None = None, flag: Flag = Flag.NONE, **about: Any) -> PhotoRow:
    """A photo as the library would send it; marks are a person's unless *about* says otherwise."""
    values: dict[str, Any] = {
        "folder_id": 1,
        "path": Path(f"/photos/IMG_{photo_id}.jpg"),
        "size": 1000 + photo_id,
        "mtime_ns": 1,
        "content_hash": f"{photo_id:x}",
        "decided_by": None if flag is Flag.NONE else Decider.PERSON,
    }
    return PhotoRow(id=photo_id, score=score, flag=flag, **(values | about))


def rows_changed(*rows: PhotoRow, removed: tuple[int, ...] = ()) -> RowsChanged:
    return RowsChanged(rows=rows, removed=removed)


class HeldPool(Executor):
    """Keeps what is submitted until `work` is called: no threads, no waiting."""

    def __init__(self) -> None:
        self._held: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._held.append((future, lambda: fn(*arguments, **named)))
        return future

    def work(self) -> None:
        """Do all that is held, and all that follows from it."""
        while self._held:
            future, call = self._held.pop(0)
            future.set_result(call())


class Pictures:
    """A picture loader whose pictures come when `work` is called; photos in *broken* give none."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.broken: set[int] = set()
        self._pool = HeldPool()
        self.loader = PictureLoader(self._load, self._pool)

    def work(self) -> None:
        self._pool.work()

    def _load(self, request: PictureRequest) -> Picture:
        self.asked.append(request.photo_id)
        if request.photo_id in self.broken:
            return Picture(request, QImage(), f"{request.path} is damaged.")
        image = QImage(64, 48, QImage.Format.Format_RGB888)
        image.fill(0x336699)
        return Picture(request, image)


def write_photo(path: Path, seed: int, blur: float = 0.0) -> Path:
    """A small JPEG of its own content; the more *blur*, the lower it scores."""
    noise = np.random.default_rng(seed).integers(0, 256, (15, 20, 3), dtype=np.uint8)
    picture = Image.fromarray(noise).resize((320, 240), Image.Resampling.NEAREST)
    picture.filter(ImageFilter.GaussianBlur(blur)).save(path, quality=90)
    return path


def in_dialog(act: Callable[[QDialog], None]) -> None:
    """Do something in the dialog that will open next."""

    def soon() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        act(dialog)

    QTimer.singleShot(0, soon)
