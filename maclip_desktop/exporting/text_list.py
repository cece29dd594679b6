"""Culling lists as text: one absolute path a line, in the very bytes the name has on disk; all files of a photo.

A name that holds a line break cannot be one line. Left out, it would be missing without a word; written in two
lines or escaped, the next tool would act on other files than meant. So such a list is refused, and CSV and JSON,
which can hold the name, are pointed to.
"""

from collections.abc import Iterator, Sequence

from maclip_desktop.core.photo import PhotoDetails
from maclip_desktop.errors import ExportError
from maclip_desktop.exporting.values import absolute, encoded


def chunks(photos: Sequence[PhotoDetails]) -> Iterator[bytes]:
    """The list line by line. Raises `ExportError` before the first line if a name holds a line break."""
    for photo in photos:
        for file in photo.row.files:
            _check(absolute(file))
    for photo in photos:
        for file in photo.row.files:
            yield encoded(absolute(file) + "\n")


def _check(path: str) -> None:
    if "\n" in path or "\r" in path:
        raise ExportError(f"The name {path!r} holds a line break, which a text list cannot keep; export CSV or JSON.")
