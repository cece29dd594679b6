"""Which files of a folder are taken, told by patterns of names."""

import re
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache

USUAL_EXCLUDE = (
    ".*",
    "@eaDir",
    "#recycle",
    "$RECYCLE.BIN",
    "System Volume Information",
    "Thumbs.db",
    "*.photoslibrary",
    "*.photolibrary",
    "*.aplibrary",
    "*.lrdata",
    "*.app",
)
"""Hidden files and folders, wastebaskets, thumbnails of network drives, and what is one thing to other programs."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Shell patterns (``*``, ``?``, ``[...]``), compared without regard to case.

    A pattern with a ``/`` is compared with the whole name below the folder, any other with each part of it: ``raw``
    means every folder of that name, ``2024/raw`` one of them.
    """

    include: tuple[str, ...] = ()
    """Only files that match one of these are taken; none: all files."""
    exclude: tuple[str, ...] = USUAL_EXCLUDE
    """Files and folders that match one of these are left out, with all that is in them."""

    def takes(self, name: str) -> bool:
        """Whether the file *name* (below the folder, with ``/``) is taken."""
        if self.leaves_out(name):
            return False
        return not self.include or _matches(self.include, name)

    def takes_here(self, name: str) -> bool:
        """`takes`, where the directory of *name* is known not to be left out: a walk asks for every file."""
        return not _matches(self.exclude, name) and (not self.include or _matches(self.include, name))

    def leaves_out(self, name: str) -> bool:
        """Whether the file or directory *name* (below the folder, with ``/``) is left out, or something around it."""
        parts = name.split("/")
        return any(_matches(self.exclude, "/".join(parts[: count + 1])) for count in range(len(parts)))


USUAL = Patterns()
"""All photos but what `USUAL_EXCLUDE` leaves out."""


def _matches(patterns: tuple[str, ...], name: str) -> bool:
    folded = name.casefold()
    last = folded.rpartition("/")[2]
    whole_pattern, last_pattern = _compiled(patterns)
    return bool(last_pattern.match(last) or whole_pattern.match(folded))


@lru_cache(maxsize=256)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """One expression for whole names, one for their last parts."""
    whole = [one.strip("/").casefold() for one in patterns if "/" in one.strip("/")]
    last = [one.strip("/").casefold() for one in patterns if "/" not in one.strip("/") and one.strip("/")]
    return _any_of(whole), _any_of(last)


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    # An expression that nothing matches where there is no pattern.
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")
