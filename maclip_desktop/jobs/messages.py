"""What the workers and the window say to each other: frozen data, sent through ``Signal(object)``."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from maclip_desktop.core.culling import Select
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.patterns import USUAL, Patterns
from maclip_desktop.core.photo import PhotoDetails, PhotoRow
from maclip_desktop.exporting.culling_list import ListFormat


@dataclass(frozen=True, slots=True)
class RowsChanged:
    """Photos that are new or have changed, as saved, and ids of photos that are gone."""

    rows: tuple[PhotoRow, ...] = ()
    removed: tuple[int, ...] = ()


class FolderStatus(StrEnum):
    """How a watched folder is doing."""

    SCANNING = "scanning"
    WATCHED = "watched"
    POLLED = "polled"
    """The system sends no events for it; it is looked at now and then."""
    UNWATCHED = "unwatched"
    """Something in it was scored from the command line; the window shows that, and watches it once it is added."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class FolderState:
    """One line of the folder list."""

    id: int
    path: Path
    status: FolderStatus
    recursive: bool = True
    patterns: Patterns = USUAL


@dataclass(frozen=True, slots=True)
class FoldersChanged:
    """All folders of the library, in the order of the list."""

    folders: tuple[FolderState, ...]


@dataclass(frozen=True, slots=True)
class FolderOptions:
    """What of a folder belongs to the library."""

    folder_id: int
    recursive: bool
    patterns: Patterns


@dataclass(frozen=True, slots=True)
class FolderMoved:
    """The person says that a folder of the library lies somewhere else now."""

    folder_id: int
    path: Path


@dataclass(frozen=True, slots=True)
class ScorerReady:
    """Which scorer works now, and where."""

    name: str
    model_id: str
    device: str
    precision: str = ""
    photos_at_once: int = 8
    """How many photos it scores in one go."""
    warning: str | None = None
    """What must stand beside its scores, a sentence; None where there is nothing to warn of."""


@dataclass(frozen=True, slots=True)
class ToScore:
    """Photos that want a score, in this order, and the model they want it of."""

    model_id: str
    rows: tuple[PhotoRow, ...]


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far the weights have come; *total* is None while unknown."""

    what: str
    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class FlagRequest:
    """A mark to be set, by a person or by a rule."""

    photo_ids: tuple[int, ...]
    flag: Flag
    by: Decider
    action: str
    """What the undo entry is called."""


@dataclass(frozen=True, slots=True)
class UndoState:
    """What undo and redo would do next; None where there is nothing."""

    undo: str | None
    redo: str | None


@dataclass(frozen=True, slots=True)
class StepUndone:
    """Marks went back (or forth): the photos to select again."""

    photo_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A culling list to be written."""

    out: Path
    format: ListFormat
    select: Select


@dataclass(frozen=True, slots=True)
class ExportDone:
    """A list lies where it was asked for."""

    out: Path
    photos: int


@dataclass(frozen=True, slots=True)
class Details:
    """One photo opened up for the inspector."""

    details: PhotoDetails


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the user; *serious* where something did not work."""

    text: str
    serious: bool = True
    report: str | None = None
    """Of an error inside the program: what those who mend it want to know."""
