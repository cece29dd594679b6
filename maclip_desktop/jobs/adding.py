"""Under which name a directory comes into the library."""

import os
from pathlib import Path

from maclip_desktop.library.store import Store
from maclip_desktop.watching.walk import one_form


def place_in_library(store: Store, path: Path) -> Path:
    """The name under which the directory *path* is to be added, so that no file gets two names.

    A directory that the library knows by another name (through a link) is meant by that name, and so is one inside it.
    Folders of the library that lie in *path* under another name get their name in it: they are then taken up by it.
    """
    path = Path(one_form(os.path.abspath(path)))  # noqa: PTH100 - pathlib's keeps ".."
    real = Path(os.path.realpath(path))
    known = [(folder.path, Path(os.path.realpath(folder.path))) for folder in store.folders()]
    for name, place in known:
        if real == place or (real.is_relative_to(place) and not path.is_relative_to(name)):
            return name / real.relative_to(place)
    for name, place in known:
        if place.is_relative_to(real) and not name.is_relative_to(path):
            store.relocate(name, path / place.relative_to(real))
    return path
