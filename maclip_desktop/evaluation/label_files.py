"""The two forms of label files, taken apart into entries that nobody has judged yet."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maclip_desktop.errors import UsageError

PATH_FIELDS = (
    *("img_path", "path", "image", "image_path", "image_name", "img", "img_name", "dist_img"),
    *("filename", "file_name", "file", "name"),
)
"""What the column of paths may be called, best first; in any case, with spaces or hyphens for the underscores."""

OPINION_FIELDS = ("gt_score", "mos", "mos_quality", "mean_opinion_score", "opinion", "opinion_score", "score")
"""What the column of opinions may be called, best first. Not ``dmos``: in some sets it rises with quality."""

_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One entry as it stands in the file."""

    where: str
    """``"line 7"`` of a CSV, ``"entry 7"`` of a JSON list."""
    path: Any
    opinion: Any
    problem: str = ""
    """What is wrong with its form, or empty."""


def read_entries(content: bytes, file: Path) -> tuple[tuple[str, str], Iterator[RawEntry]]:
    """The names of the path's and the opinion's field in *file*, and its entries.

    JSON is told by its first letter. Raises `UsageError` where the file as a whole cannot be understood.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not text in UTF-8; save the labels as JSON or CSV in UTF-8.") from None
    if not text.strip():
        raise UsageError(f"{file} is empty; it should list photos and their opinion scores.")
    return _json_entries(text, file) if text.lstrip()[0] in "[{" else _csv_entries(text, file)


def _json_entries(text: str, file: Path) -> tuple[tuple[str, str], Iterator[RawEntry]]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{file} is no valid JSON ({error.msg} in line {error.lineno}); mend the file.") from error
    except (RecursionError, ValueError) as error:
        raise UsageError(f"{file} is no list of labels; it should hold objects with img_path and gt_score.") from error
    if not isinstance(content, list):
        raise UsageError(f"{file} should be a JSON list of objects with img_path and gt_score; it is something else.")
    names = list(dict.fromkeys(name for one in content if isinstance(one, dict) for name in one))
    path, opinion = fields = _fields(names, file)

    def entries() -> Iterator[RawEntry]:
        for number, one in enumerate(content, start=1):
            if isinstance(one, dict):
                yield RawEntry(f"entry {number}", one.get(path), one.get(opinion))
            else:
                yield RawEntry(f"entry {number}", None, None, f"{str(one)[:40]!r} is no object with {path}")

    return fields, entries()


def _csv_entries(text: str, file: Path) -> tuple[tuple[str, str], Iterator[RawEntry]]:
    head = text.lstrip().splitlines()[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=delimiter)
    skipped = text[: len(text) - len(text.lstrip("\r\n"))].count("\n")
    rows = _rows(reader, file, skipped)
    header = next(rows)[1]
    path, opinion = fields = _fields(header, file)

    def entries() -> Iterator[RawEntry]:
        for line, row in rows:
            if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
                problem = f"it has {len(row)} cells, but the header has {len(header)}"
                yield RawEntry(f"line {line}", None, None, problem)
            elif any(cell.strip() for cell in row):
                cells = dict(zip(header, row, strict=False))
                yield RawEntry(f"line {line}", cells.get(path), cells.get(opinion))

    return fields, entries()


def _rows(reader: Any, file: Path, skipped: int) -> Iterator[tuple[int, list[str]]]:
    try:
        for row in reader:
            yield reader.line_num + skipped, row
    except csv.Error as error:
        line = reader.line_num + skipped
        raise UsageError(f"{file} is no valid CSV ({error} in line {line}); mend the file.") from error


def _fields(names: Sequence[str], file: Path) -> tuple[str, str]:
    return (
        _field(names, PATH_FIELDS, "the photo's path", file),
        _field(names, OPINION_FIELDS, "the opinion score", file),
    )


def _field(names: Sequence[str], known: Sequence[str], what: str, file: Path) -> str:
    by_plain_name = {name.strip().lower().replace(" ", "_").replace("-", "_"): name for name in reversed(names)}
    for candidate in known:
        if candidate in by_plain_name:
            return by_plain_name[candidate]
    found = ", ".join(repr(name[:40]) for name in names[:8]) or "nothing"
    raise UsageError(
        f"{file} has no field for {what} (it has {found}); name one {known[0]} in the first line of a CSV or in the"
        " objects of a JSON list."
    )
