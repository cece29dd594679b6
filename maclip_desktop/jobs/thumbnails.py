"""Thumbnails and previews, made in a small pool: what is on screen now goes first, what was is dropped."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging.thumbnails import ThumbnailCache, preview

log = logging.getLogger(__name__)

THREADS = 2


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """A photo to be shown, as it was when it was asked for."""

    photo_id: int
    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is ready, or the sentence why there is none."""

    request: PictureRequest
    image: QImage
    error: str | None = None


def load_thumbnail(cache: ThumbnailCache, request: PictureRequest) -> Picture:
    """Runs in a pool thread."""
    try:
        data = cache.load_or_make(request.path, request.size, request.mtime_ns)
    except PhotoError as error:
        return Picture(request, QImage(), str(error))
    return Picture(request, QImage.fromData(data))


def load_preview(side: int, request: PictureRequest) -> Picture:
    """Runs in a pool thread."""
    try:
        pixels, width, height = preview(request.path, side)
    except PhotoError as error:
        return Picture(request, QImage(), str(error))
    # A copy, because QImage does not own the bytes it is made over.
    return Picture(request, QImage(pixels, width, height, 3 * width, QImage.Format.Format_RGB888).copy())


class PictureLoader(QObject):
    """Loads the newest requests first; each call of `request` replaces what still waits.

    Lives in the GUI thread, where it only keeps lists. Signal: ``ready`` (`Picture`).
    """

    ready = Signal(object)
    _loaded = Signal(object)

    def __init__(self, load: Callable[[PictureRequest], Picture], pool: Executor | None = None) -> None:
        super().__init__()
        self._load = load
        self._pool = pool or ThreadPoolExecutor(THREADS, thread_name_prefix="picture")
        self._waiting: list[PictureRequest] = []
        self._loading: set[PictureRequest] = set()
        self._running: set[Future[Picture]] = set()
        self._closed = threading.Event()
        self._loaded.connect(self._take)

    def request(self, wanted: list[PictureRequest]) -> None:
        """Load these, in this order; what was asked for before and has not begun is dropped."""
        self._waiting = [one for one in reversed(wanted) if one not in self._loading]
        self._advance()

    def request_close(self) -> None:
        """Drop everything that has not begun; returns at once."""
        self._closed.set()
        self._waiting.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def close(self, seconds: float | None = None) -> bool:
        """Drop everything and wait for what is running, for *seconds* at most; True where nothing runs any more."""
        self.request_close()
        # What has not begun will not begin; `wait` alone would wait for it.
        running = [future for future in self._running if not future.cancel()]
        if wait(running, timeout=seconds).not_done:
            return False
        self._pool.shutdown(wait=True)
        return True

    def _advance(self) -> None:
        while self._waiting and len(self._loading) < THREADS and not self._closed.is_set():
            request = self._waiting.pop()
            self._loading.add(request)
            future = self._pool.submit(self._load_safely, request)
            self._running = {one for one in self._running if not one.done()} | {future}
            future.add_done_callback(self._hand_over)

    def _load_safely(self, request: PictureRequest) -> Picture:
        """Runs in a pool thread. What never came back would block its place for ever."""
        try:
            return self._load(request)
        except Exception as error:
            log.error("%s could not be shown", request.path, exc_info=error)
            return Picture(request, QImage(), f"{request.path} could not be shown ({type(error).__name__}: {error}).")

    def _hand_over(self, future: "Future[Picture]") -> None:
        """Runs in a pool thread: the signal takes the picture to the GUI thread."""
        if not future.cancelled() and not self._closed.is_set():
            self._loaded.emit(future.result())

    @Slot(object)
    def _take(self, picture: Picture) -> None:
        self._loading.discard(picture.request)
        self.ready.emit(picture)
        self._advance()
