"""Paths as people type them."""

import os
from pathlib import Path


def whole(path: Path | str) -> Path:
    """The absolute path that *path* means, so that one photo has one name however it is reached.

    ``~`` means the home also where the shell left it; a file that merely begins with it stays what it is.
    Symbolic links stay as they are named, unless ``..`` is in the way: where that leads depends on them.
    """
    absolute = Path(os.path.expanduser(path)).absolute()  # noqa: PTH111 - pathlib's raises for "~draft.jpg"
    return Path(os.path.realpath(absolute)) if ".." in absolute.parts else absolute
