"""What a photo's files are, in a word that fits on a thumbnail: no Qt, no files."""

from collections.abc import Iterable
from pathlib import PurePath

from maclip_desktop.core.formats import FILM_SUFFIXES, RAW_SUFFIXES

RAW = "RAW"
LIVE = "Live"
"""A still picture with the film that the phone took around it."""
_SHORT = {"jpeg": "JPG", "jpe": "JPG", "jfif": "JPG", "heif": "HEIC", "hif": "HEIC"}


def file_badge(names: Iterable[str]) -> str:
    """``RAW+JPG``, ``RAW+HEIC``, ``Live``, ``RAW+JPG+Live``; empty for a single file."""
    suffixes = [PurePath(name).suffix.lower() for name in names]
    if len(suffixes) < 2:
        return ""
    finished = [one for one in suffixes if one not in RAW_SUFFIXES | FILM_SUFFIXES]
    has_raw, has_film = (any(one in kinds for one in suffixes) for kinds in (RAW_SUFFIXES, FILM_SUFFIXES))
    words = [RAW, *map(_short, finished)] if has_raw else []
    return "+".join(dict.fromkeys([*words, *([LIVE] if has_film else [])]))


def _short(suffix: str) -> str:
    bare = suffix.removeprefix(".")
    return _SHORT.get(bare, bare.upper())
