"""Opinion scores from a file: the paper's JSON, or a table as CSV."""

import hashlib
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maclip_desktop.errors import UsageError
from maclip_desktop.evaluation.label_files import RawEntry, read_entries


@dataclass(frozen=True, slots=True)
class Label:
    """What people think of one photo."""

    path: str
    """Relative to the folder of images, with ``/`` between its parts."""
    opinion: float
    """On the scale of its data set; finite."""


@dataclass(frozen=True)
class Labels:
    """A file of opinion scores, understood and checked."""

    entries: tuple[Label, ...]
    """In the order of the file, each photo once."""
    sha256: str
    """Of the file's bytes."""
    fields: tuple[str, str]
    """Under which names the file holds the path and the opinion."""
    unrated: tuple[str, ...] = ()
    """Where entries without an opinion stand, such as ``"line 7"``: they were left out."""
    repeated: tuple[str, ...] = ()
    """Where photos stand once more with the same opinion: they count once."""

    def notices(self) -> list[str]:
        """What a person should know of how the file was taken, as sentences."""
        notices = []
        if self.unrated:
            notices.append(f"Left out because they have no opinion score: {_places(self.unrated)}.")
        if self.repeated:
            notices.append(f"Listed once more with the same opinion score, counted once: {_places(self.repeated)}.")
        return notices


def read_labels(file: Path, images: Path) -> Labels:
    """Read opinion scores for photos in the folder *images* (an absolute path).

    Paths in the file are relative to *images*; an absolute one, or one with ``..``, must lead into that folder, and a
    backslash counts as a slash. Symbolic links in the folder are followed. An entry without an opinion is left out and
    counted. Raises `UsageError` naming the first entry that is wrong (no path, an opinion that is no finite number, a
    path that leads elsewhere, two opinions of one photo), and where no entry is left.
    """
    content = _bytes_of(file)
    fields, raw = read_entries(content, file)
    taken = _Taken(images)
    for entry in raw:
        taken.take(entry)
    if taken.problems:
        more = len(taken.problems) - 1
        others = f" {more} more {'entry is' if more == 1 else 'entries are'} wrong as well." if more else ""
        raise UsageError(f"{file}, {taken.problems[0]}; mend the file.{others}")
    if not taken.opinions:
        raise UsageError(f"{file} holds no opinion scores; it needs at least one photo with a number.")
    return Labels(
        entries=tuple(Label(path, opinion) for path, (opinion, _) in taken.opinions.items()),
        sha256=hashlib.sha256(content).hexdigest(),
        fields=fields,
        unrated=tuple(taken.unrated),
        repeated=tuple(taken.repeated),
    )


class _Taken:
    """What was taken of a file so far."""

    def __init__(self, images: Path) -> None:
        self.opinions: dict[str, tuple[float, str]] = {}
        """Path -> opinion, and where it stands."""
        self.problems: list[str] = []
        self.unrated: list[str] = []
        self.repeated: list[str] = []
        self._images = images

    def take(self, entry: RawEntry) -> None:
        try:
            if entry.problem:
                raise ValueError(entry.problem)
            self._take(entry)
        except ValueError as problem:
            self.problems.append(f"{entry.where}: {problem}")

    def _take(self, entry: RawEntry) -> None:
        path = self._inside(entry.path)
        if entry.opinion is None or (isinstance(entry.opinion, str) and not entry.opinion.strip()):
            self.unrated.append(entry.where)
            return
        opinion = _number(entry.opinion, path)
        before = self.opinions.get(path)
        if before is None:
            self.opinions[path] = opinion, entry.where
        elif before[0] == opinion:
            self.repeated.append(entry.where)
        else:
            raise ValueError(f"{path} has the opinion score {opinion:g} here, but {before[0]:g} in {before[1]}")

    def _inside(self, given: Any) -> str:
        if not isinstance(given, str) or not given.strip():
            raise ValueError("the path of the photo is missing")
        text = given.strip()
        # By the letters alone: nothing is opened for a path that leads elsewhere.
        full = Path(os.path.normpath(self._images / text.replace("\\", "/")))
        if "\0" in text or full == self._images or not full.is_relative_to(self._images):
            raise ValueError(f"{text!r} does not lead to a file in the folder {self._images}")
        return full.relative_to(self._images).as_posix()


def _number(given: Any, path: str) -> float:
    try:
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            raise ValueError
        value = float(given)
        if not math.isfinite(value):
            raise ValueError
    except (ValueError, OverflowError):
        raise ValueError(f"the opinion score of {path} is {str(given)[:40]!r}, which is no number") from None
    return value


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"There is no file of labels {file}; check its name.") from None
    except IsADirectoryError:
        raise UsageError(f"{file} is a folder; give the file of labels in it.") from None
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"The labels {file} cannot be read ({reason}); check the file and its permissions.") from error


def _places(places: tuple[str, ...], shown: int = 3) -> str:
    noun = "entry" if len(places) == 1 else "entries"
    rest = ", ..." if len(places) > shown else ""
    return f"{len(places)} {noun} ({', '.join(places[:shown])}{rest})"
