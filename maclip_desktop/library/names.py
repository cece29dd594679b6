"""Paths as the library stores them."""

import json
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path, PureWindowsPath
from typing import TypeGuard, TypeVar

_Item = TypeVar("_Item")

CHUNK = 2000
"""How many rows one statement hands over, and how many ids it is asked for."""


def relative_name(folder: Path, path: Path) -> str:
    """The name of *path* below *folder*, with ``/`` on every system: the key of `Store.known_files`.

    Raises:
        ValueError: *path* is not below *folder*.
    """
    prefix, whole = str(folder), str(path)
    prefix = prefix if prefix.endswith(os.sep) else prefix + os.sep
    # The slower way knows that case does not matter on Windows.
    name = whole[len(prefix) :] if whole.startswith(prefix) else str(path.relative_to(folder))
    return name.replace(os.sep, "/") if os.sep != "/" else name


def to_stored(name: str) -> str | bytes:
    """A name for a column: text, or the file system's own bytes where they are no text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name)
    return name


def from_stored(value: str | bytes) -> str:
    """Undo `to_stored`."""
    return value if isinstance(value, str) else os.fsdecode(value)


def is_inside(stored: object) -> TypeGuard[str | bytes]:
    """Whether a name from a column stays below its folder.

    A library file may come from anywhere: what leads outside (``..``, a name from the root, a drive letter) is never
    made a path that the program opens.
    """
    if not isinstance(stored, str | bytes):
        return False
    name = from_stored(stored)
    # Most names have none of this, and need no closer look.
    if os.name != "nt" and name[:1] not in ("", "/", ".") and ".." not in name and "\0" not in name:
        return True
    parts = name.split("/")
    if "\0" in name or ".." in parts or parts[0] in ("", "."):
        return False
    windows = PureWindowsPath(name)
    return os.name != "nt" or not (windows.drive or windows.root or ".." in windows.parts)


def as_list(values: Iterable[int] | Iterable[str]) -> str:
    """Values for one parameter of a statement that reads ``IN (SELECT value FROM json_each(?))``.

    SQLite limits the number of parameters, but not the length of this one.
    """
    return json.dumps(list(values))


def chunks(items: Iterable[_Item], size: int = CHUNK) -> Iterator[list[_Item]]:
    """Cut *items* into lists of at most *size*."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
