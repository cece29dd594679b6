"""Paths as the library stores them."""

import json
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

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
