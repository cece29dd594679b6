"""What decoding asks first: does somebody else do this?

Every function returns None where nobody does: the program has not opted in, or no child can be started. It then does
the work itself. All raise `PhotoError` as the work itself would, and for a photo that hangs, crashes or is greedy.
"""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from maclip_desktop.core.photo import DecodedPhoto, PhotoInfo
from maclip_desktop.imaging.apart.messages import Request, Task
from maclip_desktop.imaging.picture import Wanted
from maclip_desktop.imaging.room import Room


class Asked(Protocol):
    """Who decodes for this program."""

    def ask(self, request: Request, room: Room) -> tuple[Any, NDArray[np.uint8] | None] | None:
        """The answer's value and, for `Task.PIXELS`, the pixels; None where no child can be started."""
        ...


_asked: Asked | None = None


def active() -> Asked | None:
    """Who decodes for this program now; None for the program itself."""
    return _asked


def begin(asked: Asked) -> None:
    """From now on *asked* decodes."""
    global _asked
    _asked = asked


def end() -> None:
    """From now on the program decodes for itself."""
    global _asked
    _asked = None


def photo(path: Path, wanted: Wanted, room: Room) -> DecodedPhoto | None:
    """As `decode.decoded`; *room* is held for the pixels until the caller gives it back."""
    answer = _answer(Request(Task.PIXELS, path, wanted), room)
    if answer is None:
        return None
    (width, height), pixels = answer
    assert pixels is not None
    return DecodedPhoto(pixels, width, height)


def info(path: Path) -> PhotoInfo | None:
    """As `metadata.read_info`."""
    return _value(Request(Task.INFO, path))


def thumbnail(path: Path, side: int) -> bytes | None:
    """As `thumbnails.thumbnail`."""
    return _value(Request(Task.THUMBNAIL, path, side=side))


def preview(path: Path, side: int) -> tuple[bytes, int, int] | None:
    """As `thumbnails.preview`."""
    return _value(Request(Task.PREVIEW, path, side=side))


def _value(request: Request) -> Any | None:
    with Room() as room:
        answer = _answer(request, room)
    return None if answer is None else answer[0]


def _answer(request: Request, room: Room) -> tuple[Any, NDArray[np.uint8] | None] | None:
    asked = _asked  # which another thread may end meanwhile
    return None if asked is None else asked.ask(request, room)
