"""What can go wrong with one photo, as one sentence for the user."""

import errno
import logging
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rawpy
from PIL import Image, UnidentifiedImageError

from maclip_desktop.errors import PhotoError, TransientPhotoError
from maclip_desktop.imaging.colour import NoNumbersError
from maclip_desktop.imaging.limits import MAX_SIDE, TooLargeError, max_pixels

logger = logging.getLogger(__name__)

_DRIVE_ERRORS = {errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN}
_HANDLE_ERRORS = {errno.EMFILE, errno.ENFILE}
_ACCESS_ERRORS = (FileNotFoundError, NotADirectoryError, PermissionError)


def shown(path: Path) -> str:
    """The path as text that can be printed and stored: bytes that are no UTF-8 become ``\\udcXX``."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def regular_file_size(path: Path) -> int:
    """Size in bytes of a file that is safe to open (see `openable_size`), and not empty. Raises alike."""
    size = openable_size(path)
    if size == 0:
        raise PhotoError(f"{shown(path)} is empty (0 bytes); copy it again from the camera.")
    return size


def openable_size(path: Path) -> int:
    """Size in bytes of a file that is safe to open: a regular one (a named pipe would wait for ever).

    Raises `PhotoError`, or `OSError` where the file cannot be looked at.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise PhotoError(f"{shown(path)} is a folder, not a picture; choose the files in it.")
    if not stat.S_ISREG(status.st_mode):
        raise PhotoError(f"{shown(path)} is no ordinary file; choose a picture file.")
    return status.st_size


@contextmanager
def photo_errors(path: Path) -> Iterator[None]:
    """The boundary between hostile files and this program: whatever fails inside becomes a `PhotoError`.

    Decoders written by others meet files made to break them and raise nearly anything (`struct.error`,
    `KeyError`, `AssertionError`, ...): a list of their exceptions would always miss one.
    """
    try:
        yield
    except PhotoError:
        raise
    except Exception as error:
        logger.debug("%s: %s: %s", shown(path), type(error).__name__, error)
        kind = TransientPhotoError if _may_pass(error) else PhotoError
        raise kind(_sentence(path, error)) from error


def _may_pass(error: Exception) -> bool:
    """Whether the same file may be read another time: the fault lies with the drive or the system."""
    if isinstance(error, OSError):
        return isinstance(error, _ACCESS_ERRORS) or error.errno in _DRIVE_ERRORS | _HANDLE_ERRORS
    return isinstance(error, MemoryError | rawpy.LibRawUnsufficientMemoryError)


def _sentence(path: Path, error: Exception) -> str:
    name = shown(path)
    match error:
        case TooLargeError():
            return _too_large(name, str(error))
        case Image.DecompressionBombError():
            return _too_large(name, _claimed_pixels(error))
        case rawpy.LibRawTooBigError():
            return f"{name} is too large for the reader of RAW files; export it as JPEG or TIFF and open that."
        case UnidentifiedImageError():
            return f"{name} is no picture this program can read; it may be damaged or another kind of file."
        case NoNumbersError():
            return f"{name} holds no picture, as none of its values is a number; export it again."
        case rawpy.LibRawFileUnsupportedError():
            return f"{name} is no RAW file this program can read; export it as JPEG or TIFF from the camera's program."
        case MemoryError() | rawpy.LibRawUnsufficientMemoryError():
            return f"{name} needs more memory than is free; close other programs and try again."
        case OSError():
            return _system_sentence(name, error)
        case _:
            return _damaged(name)


def _system_sentence(name: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return f"{name} is no longer there; it was moved, renamed or deleted."
    if isinstance(error, PermissionError):
        return f"{name} cannot be read because permission is denied; change its permissions or those of its folder."
    if error.errno in _DRIVE_ERRORS:
        return f"{name} cannot be read from its drive ({os.strerror(error.errno)}); check the drive or the connection."
    if error.errno in _HANDLE_ERRORS:
        return f"{name} cannot be opened because too many files are open; close other programs and try again."
    if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
        return f"{name} cannot be opened ({os.strerror(error.errno)}); rename or move it."
    return _damaged(name)


def _too_large(name: str, size: str) -> str:
    limit = f"{max_pixels() / 1_000_000:,.6g} million pixels, {MAX_SIDE:,} on one side"
    return (
        f"{name} is too large to open safely ({size}; the limit is {limit}); raise the limit in the settings or "
        "with --max-megapixels N, or open a smaller copy."
    )


def _damaged(name: str) -> str:
    return f"{name} is cut off or damaged; copy it again from the camera."


def _claimed_pixels(error: Exception) -> str:
    number = re.search(r"\d+", str(error))
    return f"{int(number.group()):,} pixels" if number else "far more pixels than any camera makes"
