"""Notes the files that this process opens in a folder."""

import os
import sys
from pathlib import Path


class Openings:
    """Looks on from its making to the end of the process: Python has no way to take an audit hook back."""

    def __init__(self, folder: Path) -> None:
        self.names: list[str] = []
        """The file of each opening, in their order."""
        self._prefix = str(folder).rstrip(os.sep) + os.sep
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(self._prefix):
            self.names.append(arguments[0])
