"""Scores kept from photo to photo, so that an evaluation that was broken off can go on."""

import hashlib
import json
import logging
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

PhotoKey = tuple[str, int, int]
"""The photo's path in its folder, its size in bytes and its time of change in nanoseconds."""


class KeptScores:
    """One text file, one line a photo, only ever added to.

    A program that is killed in the middle of a line leaves a torn one, which is cut off the next time. What is kept is
    a help and nothing more: where the file cannot be read or written, `trouble` says so and the evaluation goes on.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any], values: int) -> None:
        """*identity*: everything but the photo that its scores depend on. *values*: how many scores a photo has."""
        text = json.dumps(identity, sort_keys=True, default=str)
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        self.file = folder / f"{digest[:32]}.jsonl"
        self.trouble: OSError | None = None
        self._values = values
        self._known: dict[PhotoKey, tuple[float, ...]] = {}

    def forget(self) -> None:
        """Begin anew."""
        self._known.clear()
        with self._minding_trouble():
            self.file.unlink(missing_ok=True)

    def load(self) -> None:
        """Read what an earlier run left."""
        with self._minding_trouble(), suppress(FileNotFoundError):
            content = self.file.read_bytes()
            whole = content.rfind(b"\n") + 1
            if whole < len(content):
                os.truncate(self.file, whole)
            for line in content[:whole].splitlines():
                self._take(line)

    def get(self, key: PhotoKey) -> tuple[float, ...] | None:
        return self._known.get(key)

    def add(self, scores: Iterable[tuple[PhotoKey, tuple[float, ...]]]) -> None:
        """Keep *scores*; when this returns the system has them, and killing the program loses nothing."""
        lines = [json.dumps([*key, list(values)], allow_nan=False) + "\n" for key, values in scores]
        if not lines or self.trouble:
            return
        with self._minding_trouble():
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("ab") as file:
                file.write("".join(lines).encode("ascii"))

    def _take(self, line: bytes) -> None:
        """Take a line over, or pass over one that is damaged: its photo is scored again."""
        with suppress(ValueError, TypeError, RecursionError):
            path, size, mtime_ns, values = json.loads(line)
            if not all(isinstance(value, float) and math.isfinite(value) for value in values):
                raise ValueError
            if len(values) == self._values:
                self._known[(path, size, mtime_ns)] = tuple(values)

    @contextmanager
    def _minding_trouble(self) -> Iterator[None]:
        """Note an error of the drive instead of raising it."""
        try:
            yield
        except OSError as error:
            logger.debug("Scores cannot be kept in %s", self.file, exc_info=error)
            self.trouble = error
