"""Where the window of a library can be spoken to."""

import getpass
import hashlib
import os
import sys
import tempfile
from pathlib import Path

LOCK_ENDING = ".window-lock"
_HASH_LETTERS = 20


def lock_file(library_file: Path) -> Path:
    """Beside the library, where every start finds it, by whatever way the library is named."""
    real = Path(os.path.realpath(library_file))
    return real.with_name(real.name + LOCK_ENDING)


def server_address(library_file: Path) -> str:
    """The socket's path, or the pipe's name on Windows: one for each library of each person."""
    who = getpass.getuser() if sys.platform == "win32" else str(os.getuid())
    key = f"{who}\0{os.path.realpath(library_file)}"
    name = "maclip-desktop-" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LETTERS]
    return name if sys.platform == "win32" else str(_sockets_folder() / name)


def _sockets_folder() -> Path:
    """The person's own folder for such things where the system has one."""
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(own) if own and os.access(own, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
