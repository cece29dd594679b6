"""A file of weights from the outside: is it there, its hash, what safetensors say of themselves. Imports no torch."""

import hashlib
import io
import json
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maclip_desktop.errors import WeightsError

_LENGTH_BYTES = 8
_MAX_HEADER_BYTES = 100_000_000
"""The format's own limit."""


@dataclass(frozen=True)
class SafetensorsHeader:
    """The beginning of a safetensors file."""

    metadata: dict[str, str]
    tensors: dict[str, Any]
    """Name -> ``{"dtype": "F16", "shape": [...], "data_offsets": [begin, end]}``."""
    data_start: int
    """Bytes before the tensors."""

    @property
    def file_size(self) -> int:
        """Bytes of a file that holds all its tensors."""
        return self.data_start + max((tensor["data_offsets"][1] for tensor in self.tensors.values()), default=0)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {name: tuple(tensor["shape"]) for name, tensor in self.tensors.items()}


def first_bytes(path: Path, count: int = 16) -> bytes:
    """The beginning of *path*. Raises `WeightsError` unless it is an ordinary file that can be read and holds some."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise WeightsError(f"{path} is a folder, not a weights file; choose the file itself.")
        if not stat.S_ISREG(mode):
            raise WeightsError(f"{path} is no ordinary file; choose a file of CLIP weights.")
        with path.open("rb") as file:
            start = file.read(count)
    except (FileNotFoundError, NotADirectoryError):
        raise WeightsError(f"There is no weights file {path}; check its name.") from None
    except OSError as error:
        raise unreadable(path, error) from error
    if not start:
        raise WeightsError(f"{path} is empty; get the weights file again.")
    return start


def file_sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file's content. Raises `WeightsError` where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


def looks_like_safetensors(start: bytes) -> bool:
    """Whether a file that begins with *start* (9 bytes or more) is meant to be safetensors."""
    return start[_LENGTH_BYTES : _LENGTH_BYTES + 1] == b"{"


def read_header(path: Path) -> SafetensorsHeader | None:
    """What a safetensors file says of itself, None for a file of another kind.

    Raises `WeightsError`, also for a file that is shorter or longer than it says.
    """
    if not looks_like_safetensors(first_bytes(path)):
        return None
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(_LENGTH_BYTES))
            header = parse_header(file.read(min(length, _MAX_HEADER_BYTES)), length, path)
            size = file.seek(0, io.SEEK_END)
    except OSError as error:
        raise unreadable(path, error) from error
    if size != header.file_size:
        raise damaged(path)
    return header


def parse_header(content: bytes, length: int, path: Path) -> SafetensorsHeader:
    """Understand the *content* of a header that should have *length* bytes. Raises `WeightsError`."""
    try:
        if len(content) != length:
            raise EOFError
        tensors = json.loads(content)
        metadata = tensors.pop("__metadata__", {})
        if not all(_is_entry(**tensor) for tensor in tensors.values()):
            raise ValueError
        return SafetensorsHeader(dict(metadata), tensors, _LENGTH_BYTES + length)
    except (EOFError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise damaged(path) from error


def split_header(content: bytes, path: Path) -> SafetensorsHeader:
    """The header of a whole safetensors file's *content*. Raises `WeightsError`."""
    if len(content) < _LENGTH_BYTES:
        raise damaged(path)
    (length,) = struct.unpack("<Q", content[:_LENGTH_BYTES])
    return parse_header(content[_LENGTH_BYTES : _LENGTH_BYTES + min(length, _MAX_HEADER_BYTES)], length, path)


def _is_entry(dtype: object, shape: list[object], data_offsets: list[object]) -> bool:
    """Whether a line of the table of tensors is one; raises ``TypeError`` where it has other parts."""
    begin, end = data_offsets
    return isinstance(dtype, str) and all(type(number) is int and number >= 0 for number in (*shape, begin, end))


def damaged(path: Path) -> WeightsError:
    return WeightsError(f"{path} is damaged or incomplete; get the file again.")


def unreadable(path: Path, error: OSError) -> WeightsError:
    return WeightsError(
        f"The weights file {path} cannot be read ({error.strerror or error}); check the file and its permissions."
    )
