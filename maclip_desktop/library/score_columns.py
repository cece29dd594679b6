"""Whole scores as columns of the library."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from maclip_desktop.core.score import Cues, Reason, Score, TechnicalMeasures
from maclip_desktop.core.tiles import TileScores

# In the order of score_of_row.
SCORE_COLUMNS = (
    "value, scorer, model_id, views, q_sim, q_mag, w_sim, w_mag, prompts, technical, embedding, "
    "tiles_width, tiles_height, tiles_whole, tiles"
)

_TILE_VALUES = np.dtype("<f4")
"""How the scores of tiles are kept: a photo of 45 megapixels has about 2500 of them."""


def score_of_row(columns: Sequence[Any]) -> Score:
    """A score from its `SCORE_COLUMNS`."""
    value, scorer, model_id, views, q_sim, q_mag, w_sim, w_mag, prompts, technical, embedding, *tiles = columns
    cues = None if prompts is None else Cues(q_sim, q_mag, w_sim, w_mag, json.loads(prompts))
    return Score(value, scorer, model_id, views, cues, _measures(technical), _tiles(*tiles), embedding)


def columns_of_score(score: Score) -> tuple[Any, ...]:
    """Undo `score_of_row`."""
    cues = score.cues
    parts = (
        (None,) * 5
        if cues is None
        else (cues.q_sim, cues.q_mag, cues.w_sim, cues.w_mag, json.dumps(dict(cues.prompts)))
    )
    technical = None if score.technical is None else json.dumps(asdict(score.technical))
    about = (score.value, score.scorer, score.model_id, score.views)
    return (*about, *parts, technical, score.embedding, *_columns_of_tiles(score.tiles))


def _tiles(width: int | None, height: int | None, whole: float | None, values: bytes | None) -> TileScores | None:
    if width is None or height is None or whole is None or values is None:
        return None
    return TileScores(width, height, tuple(np.frombuffer(values, _TILE_VALUES).tolist()), whole)


def _columns_of_tiles(tiles: TileScores | None) -> tuple[Any, ...]:
    if tiles is None:
        return (None,) * 4
    return tiles.width, tiles.height, tiles.whole, np.asarray(tiles.values, _TILE_VALUES).tobytes()


def _measures(text: str | None) -> TechnicalMeasures | None:
    if text is None:
        return None
    values = json.loads(text)
    reasons = tuple(Reason(word) for word in values.pop("reasons"))
    return TechnicalMeasures(**values, reasons=reasons)
