"""What must not stand in a log or a report: the name of the person's home, and characters that forge lines."""

import os
import re
import sys
from functools import cache
from pathlib import Path

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_CONTROLS = {code: text for code, text in _CONTROLS.items() if chr(code) not in "\n\t"}
_CONTINUED = "\n    "


def without_home(text: str) -> str:
    """*text* with ``~`` wherever the person's home is named."""
    for pattern in _homes(os.path.expanduser("~")):  # noqa: PTH111 - pathlib's raises where there is no home
        text = pattern.sub("~", text)
    return text


def as_entry(text: str) -> str:
    """*text* as one entry of a log: its further lines are indented, so that none can pass for an entry of its own."""
    shown = text.translate(_CONTROLS).replace("\n", _CONTINUED)
    return without_home(shown).encode("utf-8", "backslashreplace").decode("utf-8")


@cache
def _homes(home: str) -> tuple[re.Pattern[str], ...]:
    """What to look for: the home as it is named and as it really lies; nothing where that is the whole disk."""
    found = dict.fromkeys((home, os.path.realpath(home)))
    return tuple(_pattern(Path(one)) for one in found if Path(one).is_absolute() and len(Path(one).parts) > 1)


def _pattern(home: Path) -> re.Pattern[str]:
    drive, *folders = (re.escape(part.strip("\\/")) for part in home.parts)
    # Backslashes stand there twice where a path was printed by repr().
    written = (rf"{drive}[\\/]+" if drive else r"[\\/]") + r"[\\/]+".join(folders)
    flags = re.IGNORECASE if sys.platform in ("win32", "darwin") else 0
    return re.compile(rf"(?<![\w.]){written}(?![\w-]|\.\w)", flags)
