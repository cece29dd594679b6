"""Culling lists as CSV (RFC 4180): one line a photo, comma-separated, CRLF, UTF-8 without a byte order mark.

Every name comes back exactly as it is on disk, also one that begins with ``=``. A spreadsheet may take such a
name for a formula; the usual defence, an apostrophe before it, would make another name of it, and a list whose
names are wrong is worth nothing to the program that is to act on it. ``path``, the column to act on, is absolute
and so never looks like a formula. Whoever opens lists of strangers' photos in a spreadsheet should import the
columns as text.

``reason`` holds the words of the technical measures, apart by semicolons; ``why`` is one sentence with the strongest
cause of all, the model's opinion included. ``prompts`` holds the probabilities of MA-CLIP's prompts in plain words, as
in "sharp 0.75; good 0.5". ``files`` names the photo's other files, which lie beside it (the RAW file of a JPEG), apart
by slashes. The scores of tiles, of which a photo may have thousands, are in JSON only.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from maclip_desktop.core import why
from maclip_desktop.core.photo import PhotoDetails
from maclip_desktop.exporting.values import absolute, encoded, finite, iso_time

_CUES = ("q_sim", "q_mag", "w_sim", "w_mag")
_MEASURES = ("sharpness", "exposure", "contrast", "noise")
_CAPTURE = ("lens", "exposure_s", "f_number", "iso", "focal_mm")
HEADER = (
    *("path", "name", "score", "scorer", "flag", "reason", "why"),
    *(*_CUES, "prompts"),
    *_MEASURES,
    *("width", "height", "captured_at", "camera", *_CAPTURE, "decided_by", "views", "model_id", "files", "error"),
)
"""The columns, in their order."""

_DECIMALS = 6
_FILES_APART = "/"
"""The one sign that no file name holds on any system."""


def chunks(photos: Sequence[PhotoDetails]) -> Iterator[bytes]:
    """The list line by line, the header first."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(HEADER)
    yield _taken(buffer)
    for photo in photos:
        writer.writerow(_line(photo))
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return encoded(text)


def _line(photo: PhotoDetails) -> list[str]:
    values = _row_values(photo) | _score_values(photo)
    return [_cell(values.get(column)) for column in HEADER]


def _row_values(photo: PhotoDetails) -> dict[str, Any]:
    row = photo.row
    return {name: getattr(photo.capture, name) for name in _CAPTURE} | {
        "path": absolute(row.path),
        "name": row.path.name,
        "score": row.score,
        "flag": row.flag.word,
        "decided_by": row.decided_by,
        "width": row.width,
        "height": row.height,
        "captured_at": iso_time(row.captured_at, photo.capture.zone_minutes),
        "camera": row.camera,
        "files": _FILES_APART.join(row.beside),
        "error": row.error,
    }


def _score_values(photo: PhotoDetails) -> dict[str, Any]:
    score = photo.score
    if score is None:
        return {}
    values: dict[str, Any] = {
        "score": score.value,
        "scorer": score.scorer,
        "model_id": score.model_id,
        "views": score.views,
        "reason": "; ".join(score.reasons),
        "why": why.sentence(score),
    }
    for part, names in ((score.cues, _CUES), (score.technical, _MEASURES)):
        if part is not None:
            values |= {name: getattr(part, name) for name in names}
    if score.cues is not None:
        values["prompts"] = "; ".join(
            f"{why.prompt_words(prompt)} {_number(value)}" for prompt, value in why.ordered_prompts(score.cues)
        )
    return values


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return _number(value) if isinstance(value, float) else str(value)


def _number(value: float) -> str:
    """At most six decimals, no exponent, a point whatever the country; empty for NaN and infinity."""
    if finite(value) is None:
        return ""
    text = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
