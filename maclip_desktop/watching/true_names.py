"""Names as their directories show them: on the drives of macOS and Windows a file opens under any case."""

import os
from collections.abc import Callable
from pathlib import Path

from maclip_desktop.watching.walk import one_form

Listing = Callable[[Path], list[str]]
SameFile = Callable[[Path, Path], bool]


def is_same_file(first: Path, second: Path) -> bool:
    """Whether both paths lead to one file; False where one of them cannot be looked at."""
    try:
        return first.samefile(second)
    except OSError:
        return False


class TrueNames:
    """Tells whether paths below a folder are written as their directories show them.

    It remembers listings, so it is for one lot of paths and no longer.

    Args:
        listing: the names in a directory; raises OSError.
        same_file: whether two paths lead to one file.
    """

    def __init__(self, listing: Listing = os.listdir, same_file: SameFile = is_same_file) -> None:
        self._listing = listing
        self._same_file = same_file
        self._names: dict[Path, frozenset[str] | None] = {}

    def deepest_true(self, folder: Path, path: Path) -> Path:
        """*path* itself if it is written as on the drive; otherwise the last directory around it that is.

        Where case matters, and where a directory cannot be listed, every path counts as well written.
        """
        name = str(path.relative_to(folder))
        other_case = name.swapcase()
        if other_case == name or not self._same_file(path, folder / other_case):
            return path
        true = folder
        for part in path.relative_to(folder).parts:
            names = self._listed(true)
            if names is not None and part not in names:
                return true
            true = true / part
        return path

    def _listed(self, directory: Path) -> frozenset[str] | None:
        if directory not in self._names:
            try:
                self._names[directory] = frozenset(map(one_form, self._listing(directory)))
            except OSError:
                self._names[directory] = None
        return self._names[directory]
