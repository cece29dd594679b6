"""Photos as plain data, from the file on disk to the row in the window."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.score import Score


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A photo file as a directory listing shows it: the cheap identity."""

    path: Path
    size: int
    """Bytes."""
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """What a file says of itself, without decoding its pixels."""

    width: int
    """Pixels, upright (after EXIF orientation)."""
    height: int
    captured_at: float | None = None
    """Capture time as seconds since 1970 of the camera's clock read as UTC, or None."""
    camera: str | None = None


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """The pixels of one photo, upright, RGB."""

    pixels: NDArray[np.uint8]
    """Shape (height, width, 3), values 0..255, C-contiguous."""
    width: int
    """Pixels of the original, upright; larger than ``pixels`` where it was decoded reduced."""
    height: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A root directory of the library."""

    id: int
    path: Path
    watched: bool
    """True where the window watches it; False where only the command line scored something in it."""
    recursive: bool = True


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """What the window and the lists need to know of one photo."""

    id: int
    folder_id: int
    path: Path
    size: int
    mtime_ns: int
    content_hash: str | None = None
    """Hexadecimal; None until the file has been read."""
    width: int | None = None
    height: int | None = None
    captured_at: float | None = None
    camera: str | None = None
    flag: Flag = Flag.NONE
    decided_by: Decider | None = None
    score: float | None = None
    """The score by the library's current model id, or, until that one is in, the latest of an earlier model."""
    score_is_old: bool = False
    """True where ``score`` is an earlier model's: to be shown, but neither compared nor judged by."""
    scored_by: str | None = None
    """Which scorer ``score`` is of."""
    error: str | None = None

    @property
    def current_score(self) -> float | None:
        """The score by the library's current model id, and by no other: what rules go by."""
        return None if self.score_is_old else self.score


@dataclass(frozen=True, slots=True)
class PhotoDetails:
    """A row with the whole score that it shows: for the inspector and the lists."""

    row: PhotoRow
    score: Score | None
