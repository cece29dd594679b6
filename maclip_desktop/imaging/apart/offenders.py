"""Photos that made a child hang, crash or take too much memory: they are not tried again."""

from dataclasses import dataclass
from pathlib import Path

from maclip_desktop.errors import PhotoError


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it is now; another one once it changes."""

    path: Path
    size: int
    """Bytes; 0 where the file cannot be looked at."""
    mtime_ns: int


def state_of(path: Path) -> FileState:
    """Never raises: what is wrong with a file, its decoder finds out."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return FileState(path, 0, 0)
    return FileState(path, status.st_size, status.st_mtime_ns)


class Offenders:
    """Remembered for the life of the program; a library remembers failures for longer. Thread-safe."""

    def __init__(self) -> None:
        self._sentences: dict[FileState, str] = {}

    def remember(self, state: FileState, sentence: str) -> None:
        """Refuse this file with this *sentence* from now on."""
        self._sentences[state] = sentence

    def refuse(self, state: FileState) -> None:
        """Raises `PhotoError` for a file that is remembered and has not changed since."""
        sentence = self._sentences.get(state)
        if sentence is not None:
            raise PhotoError(sentence)
