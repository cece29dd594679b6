"""What parent and child say to each other."""

from enum import Enum, auto
from pathlib import Path
from typing import Any, NamedTuple

from maclip_desktop.imaging.picture import Wanted

QUIET, LOUD = "quiet", "loud"
"""An argument of a child: whether what C libraries print in it once it is ready is to be seen."""


class Task(Enum):
    """What is wanted of a photo, and what the answer's value is."""

    PIXELS = auto()
    """Width and height of the original; the pixels follow the answer, bare."""
    INFO = auto()
    """`PhotoInfo`."""
    THUMBNAIL = auto()
    """JPEG bytes."""
    PREVIEW = auto()
    """RGB bytes, width, height."""


class Request(NamedTuple):
    """Parent to child: one photo."""

    task: Task
    path: Path
    wanted: Wanted | None = None
    """For `Task.PIXELS`."""
    side: int = 0
    """For thumbnails and previews, in pixels."""


class Order(NamedTuple):
    """A request with what the child must know to do it as its parent would."""

    request: Request
    folder: str | None
    """What a relative path starts from."""
    max_pixels: int
    log_levels: tuple[tuple[str, int], ...]
    """By name of the logger."""
    seconds: float
    """After so long without an answer the parent must be gone, or it would have ended the child."""
    memory: int
    """How many bytes the child may hold."""


class Granted(NamedTuple):
    """Parent to child: there is room for the pixels; from now on these bounds hold."""

    seconds: float
    memory: int


class Ready(NamedTuple):
    """Child to parent: everything is loaded."""


class RoomWanted(NamedTuple):
    """Child to parent: these pixels are about to be decoded; it waits."""

    pixels: int


class Said(NamedTuple):
    """Child to parent: a line for the log."""

    logger: str
    level: int
    text: str


class Answer(NamedTuple):
    """Child to parent: done."""

    value: Any
    shape: tuple[int, int, int] | None = None
    """Of the array of bytes that follows, if one does."""


class Refused(NamedTuple):
    """Child to parent: a `PhotoError`."""

    sentence: str
    transient: bool
    no_memory: bool
    """Whether memory was refused, by the system or by the child's own bound."""


class Failed(NamedTuple):
    """Child to parent: a bug of this program."""

    details: str
