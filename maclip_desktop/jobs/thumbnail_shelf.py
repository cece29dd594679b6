"""The thumbnail cache behind the grid, as the person may change it while it is in use."""

import threading
from pathlib import Path

from maclip_desktop.imaging.thumbnail_limit import evict
from maclip_desktop.imaging.thumbnails import ThumbnailCache
from maclip_desktop.jobs.thumbnails import Picture, PictureRequest, load_thumbnail

_MEGABYTE = 1_000_000


class ThumbnailShelf:
    """Thumbnails in *folder*, of up to *megabytes* together. Nothing here waits for a disk but `load`."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self._folder = folder
        self._megabytes = megabytes
        self._cache = self._make(megabytes)
        self._stop = threading.Event()

    def load(self, request: PictureRequest) -> Picture:
        """Runs in a pool thread."""
        return load_thumbnail(self._cache, request)

    def set_limit(self, megabytes: int) -> None:
        """Keep no more than that from now on."""
        if megabytes != self._megabytes:
            self._megabytes, old = megabytes, self._cache
            self._cache = self._make(megabytes)
            self._in_background(old, megabytes)

    def clear(self) -> None:
        """Delete all thumbnails; they are made again as they are wanted."""
        self._in_background(None, 0)

    def close(self) -> None:
        """End what is deleted in the background; what is left goes another time."""
        self._stop.set()
        self._cache.close()

    def _make(self, megabytes: int) -> ThumbnailCache:
        return ThumbnailCache(self._folder, limit_bytes=megabytes * _MEGABYTE)

    def _in_background(self, old: ThumbnailCache | None, megabytes: int) -> None:
        def work() -> None:
            if old is not None:
                old.close()
            evict(self._folder, megabytes * _MEGABYTE, self._stop)

        # A daemon: a program that ends does not wait for it, and it may stop anywhere.
        threading.Thread(target=work, name="picture-cache", daemon=True).start()
