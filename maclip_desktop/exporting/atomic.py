"""Writing a file so that there is always either the old one or the whole new one."""

import errno
import logging
import os
import stat
import uuid
from collections.abc import Iterable
from pathlib import Path

from maclip_desktop.disk import sync_folder
from maclip_desktop.errors import ExportError

logger = logging.getLogger(__name__)


def write_atomically(out: Path, chunks: Iterable[bytes]) -> None:
    """Write *chunks* to *out* by way of a temporary file in the same folder.

    A symbolic link is written through to the file it leads to. What is no ordinary file (``/dev/stdout``, a
    named pipe) is written directly. If anything fails, also while *chunks* are being made, a file that was
    there before stays as it was. Raises `ExportError`, and whatever *chunks* raises.
    """
    try:
        if out.is_dir():
            raise ExportError(f"{shown(out)} is a folder; give the name of a file in it.")
        if out.exists() and not out.is_file():
            _write_directly(out, chunks)
        else:
            _write_and_rename(Path(os.path.realpath(out)), chunks)
    except OSError as error:
        raise ExportError(_sentence(out, error)) from error


def require_place(out: Path) -> None:
    """Raise now the `ExportError` that `write_atomically` would raise after the work, as far as it can be foreseen."""
    try:
        if out.is_dir():
            raise ExportError(f"{shown(out)} is a folder; give the name of a file in it.")
        if out.exists() and not out.is_file():
            return
        target = Path(os.path.realpath(out))
        target.parent.stat()
        if not os.access(target.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        _mode_of(target)
    except OSError as error:
        raise ExportError(_sentence(out, error)) from error


def _write_directly(out: Path, chunks: Iterable[bytes]) -> None:
    with out.open("wb") as file:
        file.writelines(chunks)


def _write_and_rename(target: Path, chunks: Iterable[bytes]) -> None:
    mode = _mode_of(target)
    temporary = target.with_name(f".{uuid.uuid4().hex}.tmp")
    # Plain `open` and not `tempfile`: the list gets the permissions any new file of this user gets.
    with temporary.open("xb") as file:
        try:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            if mode is not None:
                temporary.chmod(mode)
            temporary.replace(target)
        except BaseException:
            file.close()
            temporary.unlink(missing_ok=True)
            raise
    sync_folder(target.parent)


def _mode_of(target: Path) -> int | None:
    """Permissions of the file to be replaced, None for a new one. A write-protected file is not replaced."""
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        return None
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return mode


def _sentence(out: Path, error: OSError) -> str:
    name = shown(out)
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return f"{name} cannot be written because its folder does not exist; make the folder or choose another."
        case errno.ENOSPC | errno.EDQUOT:
            return f"{name} cannot be written because the disk is full; free some space or choose another disk."
        case errno.EROFS:
            return f"{name} cannot be written because its disk is read-only; choose another folder."
        case errno.EACCES | errno.EPERM:
            return (
                f"{name} cannot be written because permission is denied or another program holds it; "
                "close that program or choose another folder."
            )
        case errno.ENAMETOOLONG:
            return f"{name} cannot be written because the name is too long; choose a shorter one."
        case _:
            return f"{name} cannot be written ({error.strerror or error}); choose another folder."


def shown(path: Path) -> str:
    """The path as text that can be printed: bytes that are no UTF-8 become ``\\udcXX``."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")
