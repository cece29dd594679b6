"""The library's rows as the program's own types."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoDetails, PhotoRow
from maclip_desktop.core.score import Cues, Reason, Score, TechnicalMeasures
from maclip_desktop.core.tiles import TileScores
from maclip_desktop.library.database import LibraryDatabase
from maclip_desktop.library.names import CHUNK, as_list, chunks, from_stored

# In the order of score_of_row.
SCORE_COLUMNS = (
    "value, scorer, model_id, views, q_sim, q_mag, w_sim, w_mag, prompts, technical, embedding, "
    "tiles_width, tiles_height, tiles_whole, tiles"
)

_TILE_VALUES = np.dtype("<f4")
"""How the scores of tiles are kept: a photo of 45 megapixels has about 2500 of them."""

_PHOTO_COLUMNS = """
    photo.id, photo.folder_id, folder.path, photo.relative_path, photo.size, photo.mtime_ns, photo.content_hash,
    photo.width, photo.height, photo.captured_at, photo.camera,
    coalesce(decision.flag, 0), decision.decided_by, coalesce(current.value, earlier.value), earlier.value IS NOT NULL,
    coalesce(current.scorer, earlier.scorer), photo.error
"""

# This connection's own choice: another process on the same library may show another model's scores.
_CURRENT_MODEL = "(SELECT model_id FROM temp.shown_model)"

# What to show until the current model's score is in. A photo that failed by the current model has its answer.
_EARLIER_MODEL = """
    CASE WHEN current.value IS NULL AND photo.error IS NULL THEN (
        SELECT other.model_id FROM score AS other INDEXED BY score_shown
        WHERE other.content_hash = photo.content_hash
        ORDER BY other.scorer = (SELECT scorer FROM temp.shown_model) DESC, other.scored_at DESC, other.model_id
        LIMIT 1
    ) END
"""

# "INDEXED BY" because SQLite would rather use the primary key, and read a page with an embedding for each photo.
_PHOTOS = f"""
    FROM photo
    JOIN folder ON folder.id = photo.folder_id
    LEFT JOIN decision ON decision.content_hash = photo.content_hash
    LEFT JOIN score AS current INDEXED BY score_shown
        ON current.content_hash = photo.content_hash AND current.model_id = {_CURRENT_MODEL}
    LEFT JOIN score AS earlier INDEXED BY score_shown
        ON earlier.content_hash = photo.content_hash AND earlier.model_id = {_EARLIER_MODEL}
"""

SELECT_ROWS = f"SELECT {_PHOTO_COLUMNS} {_PHOTOS}"
"""The start of a statement whose rows `row_of` understands."""

_PHOTO_WIDTH = 17
_WHOLE_SCORE = ", ".join(f"whole.{name.strip()}" for name in SCORE_COLUMNS.split(","))
SELECT_DETAILS = f"""
    SELECT {_PHOTO_COLUMNS}, {_WHOLE_SCORE} {_PHOTOS}
    LEFT JOIN score AS whole ON whole.content_hash = photo.content_hash
        AND whole.model_id = coalesce(current.model_id, earlier.model_id)
"""
"""The start of a statement whose rows `details_of` understands."""


def select_photos(
    db: LibraryDatabase, select: str, photo_ids: Iterable[int] | None = None
) -> Iterator[tuple[Any, ...]]:
    """Run *select* over all photos by id, or over *photo_ids* in their order, a chunk of rows at a time.

    No statement is left open between two rows, so the caller may write meanwhile.
    """
    if photo_ids is None:
        yield from _all_photos(db, select)
        return
    for chunk in chunks(photo_ids):
        found = {
            row[0]: row
            for row in db.all(f"{select} WHERE photo.id IN (SELECT value FROM json_each(?))", (as_list(chunk),))
        }
        yield from (found[photo_id] for photo_id in chunk if photo_id in found)


def _all_photos(db: LibraryDatabase, select: str) -> Iterator[tuple[Any, ...]]:
    last_id = -1
    while rows := db.all(f"{select} WHERE photo.id > ? ORDER BY photo.id LIMIT {CHUNK}", (last_id,)):
        yield from rows
        last_id = rows[-1][0]


def row_of(columns: Sequence[Any]) -> PhotoRow:
    """A photo from a row of `SELECT_ROWS`."""
    (photo_id, folder_id, folder, relative, size, mtime_ns, content_hash, width, height) = columns[:9]
    (captured_at, camera, flag, decided_by, value, is_old, scorer, error) = columns[9:_PHOTO_WIDTH]
    return PhotoRow(
        id=photo_id,
        folder_id=folder_id,
        path=stored_path(folder) / from_stored(relative),
        size=size,
        mtime_ns=mtime_ns,
        content_hash=content_hash,
        width=width,
        height=height,
        captured_at=captured_at,
        camera=camera,
        flag=Flag(flag),
        decided_by=Decider(decided_by) if decided_by else None,
        score=value,
        score_is_old=bool(is_old),
        scored_by=scorer,
        error=error,
    )


def details_of(columns: Sequence[Any]) -> PhotoDetails:
    """A photo with its score from a row of `SELECT_DETAILS`."""
    score_columns = columns[_PHOTO_WIDTH:]
    return PhotoDetails(row_of(columns), score_of_row(score_columns) if score_columns[0] is not None else None)


@lru_cache(maxsize=256)
def stored_path(value: str | bytes) -> Path:
    """A folder's path from its column; every photo of a folder asks for the same one."""
    return Path(from_stored(value))


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
