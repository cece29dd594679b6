"""So many changes at once that some may have gone unheard."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from maclip_desktop.core.photo import Folder
from maclip_desktop.jobs.scan import is_below

BURST_PATHS = 2000
"""More changes of one folder than this before it is quiet again, and the folder is looked through afterwards: Windows
and macOS do not say, or not through the library used here, that they have dropped some."""


class Bursts:
    """Counts changes until things are quiet. Plain data: the caller decides when they are."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._all = False

    def note(self, folders: Iterable[Folder], paths: Iterable[Path]) -> None:
        """These paths have changed."""
        noted = list(paths)
        for folder in folders:
            self._counts[folder.id] += sum(is_below(path, folder.path) for path in noted)

    def lose(self) -> None:
        """Changes went unheard, nobody knows where."""
        self._all = True

    def take(self, folders: Iterable[Folder]) -> list[Folder]:
        """The folders to look through, now that it is quiet; counting begins anew."""
        concerned = [folder for folder in folders if self._all or self._counts[folder.id] > BURST_PATHS]
        self._counts.clear()
        self._all = False
        return concerned
