"""Photos as plain data, from the file on disk to the row in the window."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.patterns import USUAL, Patterns
from maclip_desktop.core.score import Score


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A photo file as a directory listing shows it: the cheap identity."""

    path: Path
    size: int
    """Bytes."""
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Capture:
    """How a photo was taken, as its file says; None where it does not say."""

    zone_minutes: int | None = None
    """What the camera's clock is ahead of UTC, in minutes."""
    lens: str | None = None
    exposure_s: float | None = None
    """Exposure time in seconds."""
    f_number: float | None = None
    iso: int | None = None
    focal_mm: float | None = None
    """Focal length in millimetres, as engraved on the lens."""
    has_gps: bool = False
    """Whether the file says where it was taken; the place itself is not kept."""
    rating: int | None = None
    """Stars given in the camera or by another program: 0 to 5, or -1 for rejected."""


@dataclass(frozen=True, slots=True)
class PhotoInfo:
    """What a file says of itself, without decoding its pixels."""

    width: int
    """Pixels, upright (after EXIF orientation)."""
    height: int
    captured_at: float | None = None
    """Capture time as seconds since 1970 of the camera's clock read as UTC, or None."""
    camera: str | None = None
    capture: Capture = Capture()


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
    patterns: Patterns = USUAL
    """Which of its files are photos of the library."""
    identity: str | None = None
    """What told the directory from another one at its place when it was last looked through; None before that."""


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
    copies: int = 1
    """How many photos of the library have this content, this one included."""
    beside: tuple[str, ...] = ()
    """Names of the photo's other files, which lie in the same directory: the RAW file of a JPEG, the film of a HEIC."""

    @property
    def files(self) -> tuple[Path, ...]:
        """All files of the photo, the one that is shown and scored first."""
        return (self.path, *(self.path.with_name(name) for name in self.beside))

    @property
    def current_score(self) -> float | None:
        """The score by the library's current model id, and by no other: what rules go by."""
        return None if self.score_is_old else self.score


@dataclass(frozen=True, slots=True)
class PhotoDetails:
    """A row with the whole score that it shows: for the inspector and the lists."""

    row: PhotoRow
    score: Score | None
    capture: Capture = Capture()
    copies_at: tuple[Path, ...] = ()
    """Where the other photos of this content lie."""
