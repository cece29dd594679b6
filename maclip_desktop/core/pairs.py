"""Which files of one name are one photo: a RAW file with its JPEG, a HEIC with its film."""

from collections.abc import Iterable

from maclip_desktop.core.formats import FILM_SUFFIXES, RAW_SUFFIXES

_SHOWN_FIRST = (".jpg", ".jpeg", ".jpe", ".jfif", ".heic", ".heif", ".hif")
"""What a camera writes beside a RAW file or a film, best first: it is what the camera made of the shot."""


def stem_of(name: str) -> str:
    """The name without its suffix: what the files of one photo share, directory included."""
    return name[: len(name) - len(_suffix(name))]


def mains(names: Iterable[str]) -> dict[str, str | None]:
    """For files of one `stem_of`: each one's main file, or None for a file that is a photo of its own.

    A RAW file belongs to the finished picture beside it; a film belongs to that picture or, where there is none, to the
    only RAW file. Whatever is ambiguous stays visible: two finished pictures are two photos, two RAW files alone as
    well. A film without a photo has itself as its main file.
    """
    suffixes = {name: _suffix(name).lower() for name in sorted(names)}
    finished = sorted(
        (name for name, suffix in suffixes.items() if suffix in _SHOWN_FIRST),
        key=lambda name: _SHOWN_FIRST.index(suffixes[name]),
    )
    raws = [name for name, suffix in suffixes.items() if suffix in RAW_SUFFIXES]
    main = finished[0] if finished else raws[0] if len(raws) == 1 else None
    return {name: _main_of(name, suffix, main, bool(finished)) for name, suffix in suffixes.items()}


def _suffix(name: str) -> str:
    """As pathlib has it, a good deal faster: this is asked for every file of a library."""
    last = name.rpartition("/")[2]
    place = last.rfind(".")
    return last[place:] if 0 < place < len(last) - 1 else ""


def _main_of(name: str, suffix: str, main: str | None, is_finished: bool) -> str | None:
    if suffix in FILM_SUFFIXES:
        return main or name
    return main if suffix in RAW_SUFFIXES and is_finished else None
