"""The user's settings: typed, with defaults, kept as one small JSON file."""

import contextlib
import json
import logging
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from maclip_desktop.core.ordering import FlagFilter, SortOrder

ScorerKind = Literal["auto", "maclip", "technical"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """What the window remembers from start to start."""

    sort_order: str = SortOrder.WORST_FIRST
    flag_filter: str = FlagFilter.ALL
    threshold: float = 0.35
    scorer: ScorerKind = "auto"
    weights: str = ""
    window_geometry: str = ""
    """Qt's own description of the window's place, base64."""
    splitter_state: str = ""
    heat_map: bool = False
    """Whether the inspector lays the tiles' scores over the photo."""

    paused: bool = False
    """Whether scoring rests."""
    gentle: bool = False
    """Whether scoring takes little of the machine, so that other programs are not disturbed."""
    gentle_on_battery: bool = True
    """Whether it does so while the machine runs on its battery."""
    max_megapixels: int = 300
    """Larger pictures are refused before they are decoded."""
    thumbnails_mb: int = 2000
    """How much the thumbnail cache may hold, in megabytes; what was not looked at for longest goes first."""

    def __post_init__(self) -> None:
        SortOrder(self.sort_order)
        FlagFilter(self.flag_filter)
        if self.scorer not in get_args(ScorerKind):
            raise ValueError(f"unknown scorer {self.scorer!r}")
        if self.max_megapixels < 1 or self.thumbnails_mb < 0:
            raise ValueError("a limit below its least value")


def load_settings(file: Path) -> Settings:
    """Read settings; what is missing, damaged or of the wrong kind gets its default, with a line in the log."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        log.warning("Settings in %s cannot be read (%s); the defaults are used.", file, error)
        return Settings()
    settings = Settings()
    for field in fields(Settings):
        if isinstance(stored, dict) and field.name in stored:
            settings = _with_value(settings, field.name, stored[field.name])
    return settings


def save_settings(settings: Settings, file: Path) -> None:
    """Write settings so that a crash in the middle, or a full disk, leaves the old file. Raises `OSError`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".tmp")
    try:
        temporary.write_text(json.dumps(asdict(settings), indent=2), encoding="utf-8")
        temporary.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _with_value(settings: Settings, name: str, value: Any) -> Settings:
    kind = type(getattr(settings, name))
    accepted = (int, float) if kind is float else kind if kind in (bool, int) else str
    # To Python True is a number; to people it is none.
    if not isinstance(value, accepted) or isinstance(value, bool) != (kind is bool) or not _is_finite(value):
        log.warning("Setting %s has a value of the wrong kind; its default is used.", name)
        return settings
    try:
        return Settings(**(asdict(settings) | {name: float(value) if kind is float else value}))
    except ValueError as error:
        log.warning("Setting %s: %s; its default is used.", name, error)
        return settings


def _is_finite(value: float | str) -> bool:
    try:
        return isinstance(value, str) or math.isfinite(value)
    except OverflowError:
        # JSON knows whole numbers of any length.
        return False
