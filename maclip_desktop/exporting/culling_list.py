"""The culling list: what a photo's entry says, in which form, and where it goes."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from maclip_desktop.core.formats import is_photo
from maclip_desktop.core.photo import PhotoDetails
from maclip_desktop.errors import ExportError
from maclip_desktop.exporting import csv_list, json_list, text_list
from maclip_desktop.exporting.atomic import shown, write_atomically
from maclip_desktop.exporting.json_list import entry

__all__ = ["ListFormat", "entry", "render", "write_list"]


class ListFormat(StrEnum):
    """The forms of a list, described in the modules ``csv_list``, ``json_list`` and ``text_list``."""

    CSV = "csv"
    JSON = "json"
    TXT = "txt"


_CHUNKS: dict[ListFormat, Callable[[Sequence[PhotoDetails]], Iterator[bytes]]] = {
    ListFormat.CSV: csv_list.chunks,
    ListFormat.JSON: json_list.chunks,
    ListFormat.TXT: text_list.chunks,
}


def render(photos: Sequence[PhotoDetails], format: ListFormat) -> bytes:  # noqa: A002 - the word everybody uses
    """The whole list as bytes, photos in the order given. Raises `ExportError` (text lists only)."""
    return b"".join(_CHUNKS[format](photos))


def write_list(
    photos: Sequence[PhotoDetails],
    format: ListFormat,  # noqa: A002 - the word everybody uses
    out: Path | None,
    stdout: BinaryIO | None = None,
) -> None:
    """Write the list to the file *out*, or to *stdout* (by default standard output) where *out* is None.

    The file is written whole or not at all; the photos' entries are made one after another, never all at once.
    A photo (by its name, or because the list holds it) and a library are never replaced. Raises `ExportError`. A
    reader of standard output that has gone away raises `BrokenPipeError`, which is the caller's to end quietly on.
    """
    chunks = _CHUNKS[format](photos)
    if out is not None:
        _refuse_to_replace(out, photos)
        write_atomically(out, chunks)
        return
    stream = stdout if stdout is not None else sys.stdout.buffer
    try:
        stream.writelines(chunks)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        if stdout is None:
            sys.stdout = None  # what could not be written waits in it, and Python would try again at exit
        raise ExportError(f"The list cannot be written to standard output ({error.strerror or error}).") from error


_SQLITE_START = b"SQLite format 3\0"


def _refuse_to_replace(out: Path, photos: Sequence[PhotoDetails]) -> None:
    """Raise `ExportError` where *out*, or what it leads to as a link, is nothing a list may replace."""
    real = Path(os.path.realpath(out))
    if is_photo(out) or is_photo(real) or real in (photo.row.path for photo in photos if photo.row.content_hash):
        raise ExportError(f"{shown(out)} is a photo, and a list would replace it; choose another name for the list.")
    if _is_database(real):
        raise ExportError(f"{shown(out)} is a library, and a list would replace it; choose another name for the list.")


def _is_database(file: Path) -> bool:
    if not os.path.isfile(file):  # noqa: PTH113 - pathlib's raises
        return False
    try:
        with file.open("rb") as opened:
            return opened.read(len(_SQLITE_START)) == _SQLITE_START
    except OSError:
        return False  # what cannot be read cannot be recognised; whether it can be replaced shows in a moment
