"""Scores of the library, by content and model: a copy or a moved photo is never scored again."""

from collections.abc import Collection, Sequence

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.core.score import Score
from maclip_desktop.library.names import as_list
from maclip_desktop.library.part import StorePart
from maclip_desktop.library.reading import rows_where
from maclip_desktop.library.score_columns import SCORE_COLUMNS, columns_of_score, score_of_row

# A clock that was set back does not make a score older than those before it: the latest earlier one is shown.
_SAVE = f"""
    INSERT OR REPLACE INTO score (content_hash, scored_at, {SCORE_COLUMNS})
    VALUES (
        ?1,
        max(?2, coalesce((SELECT max(scored_at) + 0.001 FROM score WHERE content_hash = ?1), ?2))
        {", ?" * len(SCORE_COLUMNS.split(","))}
    )
"""

# Of several copies only the one with the lowest id is handed out. "INDEXED BY" because SQLite would rather look through
# all photos before it for one of its content. The plus keeps it from the index of states: rows found there would first
# have to be put in the order of their ids, all of them for each batch.
_TO_SCORE = """
    +photo.state = 'identified' AND photo.main_id IS NULL AND photo.id > ?1
    AND photo.folder_id NOT IN (SELECT value FROM json_each(?2))
    AND NOT EXISTS (
        SELECT 1 FROM score AS done WHERE done.content_hash = photo.content_hash AND done.model_id = ?3
    )
    AND NOT EXISTS (
        SELECT 1 FROM photo AS twin INDEXED BY photo_by_content
        WHERE twin.content_hash = photo.content_hash AND twin.main_id IS NULL AND twin.state = 'identified'
        AND twin.id < photo.id AND twin.folder_id NOT IN (SELECT value FROM json_each(?2))
    )
    ORDER BY photo.id LIMIT ?4
"""


class ScorePart(StorePart):
    def to_score(self, model_id: str, limit: int, after_id: int = 0, without: Collection[int] = ()) -> list[PhotoRow]:
        """Up to *limit* photos above *after_id* without a score by *model_id*, by id; each content once.

        *without*: ids of folders that are not there now.
        """
        return rows_where(self._db, _TO_SCORE, (after_id, as_list(without), model_id, limit))

    def save_scores(self, scores: Sequence[tuple[str, Score]]) -> None:
        """Save pairs of content hash and score, all or none; an older score by the same model is replaced."""
        scored_at = self._now()
        self._db.run_many(
            _SAVE, [(content_hash, scored_at, *columns_of_score(score)) for content_hash, score in scores]
        )

    def score_of(self, content_hash: str, model_id: str) -> Score | None:
        """The score of one content by one model."""
        row = self._db.one(
            f"SELECT {SCORE_COLUMNS} FROM score WHERE content_hash = ? AND model_id = ?", (content_hash, model_id)
        )
        return score_of_row(row) if row else None

    def set_current_model(self, model_id: str, scorer: str = "") -> None:
        """Choose whose scores `rows` and `details` show, here and wherever the library is opened from now on.

        Whoever has the library open already goes on with their own choice. *scorer*: who the model belongs to. Until
        a photo has a score by *model_id*, its latest earlier one is shown, if there is one by the same scorer.
        """
        with self._db.transaction():
            self._db.run("UPDATE temp.shown_model SET model_id = ?, scorer = ?", (model_id, scorer))
            self._db.run_many(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [("model_id", model_id), ("scorer", scorer)]
            )

    def current_model(self) -> str | None:
        """The model whose scores are shown; None before the first was chosen."""
        row = self._db.one("SELECT model_id FROM temp.shown_model")
        return None if row is None or row[0] is None else str(row[0])
