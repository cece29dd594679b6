"""Culling lists as JSON: a list of objects, UTF-8.

A file name that is no UTF-8 stays valid JSON: each of its odd bytes becomes an escape ``\\udcXX``, which Python
reads back to the same name.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from maclip_desktop.core import why
from maclip_desktop.core.photo import Capture, PhotoDetails
from maclip_desktop.core.score import Cues, TechnicalMeasures
from maclip_desktop.core.tiles import TileScores
from maclip_desktop.exporting.values import absolute, finite, iso_time

_PLACE_DECIMALS = 6
"""A hundredth of a pixel of the largest photo."""


def entry(details: PhotoDetails) -> dict[str, Any]:
    """One photo as the object that ``score --json`` gives: the same keys for every photo.

    A failed photo has ``"score": None`` and an ``"error"``. ``technical`` is None and ``prompts`` is empty where
    the scorer does not measure them. NaN and infinity never appear. Scores are not rounded.

    ``why`` is one sentence with the strongest cause of a low score, ``causes`` has a sentence for each, strongest
    first; ``reasons`` are the words of the technical measures alone. ``tiles`` is a list of ``{"left", "top", "width",
    "height", "score"}``, row by row, and ``whole`` the score of the view that shows the whole photo; places are parts
    (0..1) of the width and height of the upright photo. The list is empty and ``whole`` None where there are none.

    ``files`` are all files of the photo, ``path`` first: a RAW file follows its JPEG, a film its HEIC. ``copies`` is
    how many photos of the library have this content. ``captured_at`` carries the camera's zone where the file tells it.
    """
    row, score = details.row, details.score
    cues = score.cues if score else None
    causes = why.sentences(score) if score else ()
    return {
        "path": absolute(row.path),
        "name": row.path.name,
        "files": [absolute(file) for file in row.files],
        "copies": row.copies,
        "score": finite(score.value if score else row.score),
        "scorer": score.scorer if score else None,
        "model_id": score.model_id if score else None,
        **_cue_values(cues),
        "prompts": {prompt: finite(value) for prompt, value in cues.prompts.items()} if cues else {},
        "views": score.views if score else None,
        "technical": _technical(score.technical if score else None),
        "width": row.width,
        "height": row.height,
        "captured_at": iso_time(row.captured_at, details.capture.zone_minutes),
        "camera": row.camera,
        **_capture_values(details.capture),
        "error": row.error,
        "flag": row.flag.word or None,
        "decided_by": row.decided_by.value if row.decided_by else None,
        "reasons": [reason.value for reason in score.reasons] if score else [],
        "why": next(iter(causes), why.NOTHING_WRONG) if score else None,
        "causes": list(causes),
        "whole": finite(score.tiles.whole) if score and score.tiles else None,
        "tiles": list(_tiles(score.tiles)) if score and score.tiles else [],
    }


def chunks(photos: Sequence[PhotoDetails]) -> Iterator[bytes]:
    """The list object by object."""
    before = "[\n"
    for photo in photos:
        # In a JSON string Python's backslash form of a lone surrogate is JSON's own escape of it.
        yield (before + _text(entry(photo))).encode("utf-8", "backslashreplace")
        before = ",\n"
    yield b"[]\n" if not photos else b"\n]\n"


def _text(values: dict[str, Any]) -> str:
    """An entry with one line a key, and one a tile: a large photo has thousands of them."""
    text = _dumped(values | {"tiles": []}, indent=1)
    if not values["tiles"]:
        return text
    lines = ",\n  ".join(_dumped(tile) for tile in values["tiles"])
    return text.removesuffix("[]\n}") + f"[\n  {lines}\n ]\n}}"


def _dumped(values: dict[str, Any], indent: int | None = None) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False, indent=indent)


def _tiles(tiles: TileScores) -> Iterator[dict[str, float | None]]:
    for rectangle, value in zip(tiles.rectangles(), tiles.values, strict=True):
        place = {name: round(part, _PLACE_DECIMALS) for name, part in asdict(rectangle).items()}
        yield {**place, "score": finite(value)}


def _capture_values(capture: Capture) -> dict[str, Any]:
    return {
        "lens": capture.lens,
        "exposure_s": finite(capture.exposure_s),
        "f_number": finite(capture.f_number),
        "iso": capture.iso,
        "focal_mm": finite(capture.focal_mm),
        "has_gps": capture.has_gps,
        "camera_rating": capture.rating,
    }


def _cue_values(cues: Cues | None) -> dict[str, float | None]:
    names = ("q_sim", "q_mag", "w_sim", "w_mag")
    return {name: finite(getattr(cues, name)) if cues else None for name in names}


def _technical(measures: TechnicalMeasures | None) -> dict[str, Any] | None:
    if measures is None:
        return None
    names = ("sharpness", "exposure", "contrast", "noise", "score")
    values: dict[str, Any] = {name: finite(getattr(measures, name)) for name in names}
    return values | {"reasons": [reason.value for reason in measures.reasons]}
