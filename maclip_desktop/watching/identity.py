"""What tells a directory from another one at its place, such as an empty mount point."""

import os
from dataclasses import dataclass
from pathlib import Path


def identity_of(folder: Path) -> str | None:
    """The directory's drive and number, as text; None where there is none that can be looked at."""
    try:
        status = os.stat(folder)  # noqa: PTH116 - pathlib's is the slower way round
    except OSError:
        return None
    return f"{status.st_dev}:{status.st_ino}"


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """What a folder was when it was last looked through: kept as text in the library."""

    identity: str
    mounts: frozenset[str] = frozenset()
    """Names, below the folder and with ``/``, of directories that were on other drives."""

    @classmethod
    def read(cls, text: str | None) -> "KnownPlace | None":
        """From the library's text; None where it was never looked through."""
        if not text:
            return None
        identity, *mounts = text.split("\n")
        return cls(identity, frozenset(mounts))

    def written(self) -> str:
        """Undo `read`."""
        return "\n".join([self.identity, *sorted(filter(_can_be_kept, self.mounts))])


def is_drive_of_its_own(directory: Path) -> bool:
    """Whether another drive than the one around it begins at *directory*; False where that cannot be told."""
    try:
        return os.lstat(directory).st_dev != os.lstat(directory.parent).st_dev
    except OSError:
        return False


def _can_be_kept(name: str) -> bool:
    """False for names that would be two lines, or are no text: those drives are not remembered."""
    return "\n" not in name and name.encode(errors="replace").decode() == name
