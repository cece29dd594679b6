"""Which photo is scored next."""

from collections.abc import Iterable
from itertools import islice

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.library.store import Store

CREDITS = 32
"""Photos handed out and not yet back: enough to keep the model busy, few enough that what is visible goes first."""


class ScoringQueue:
    """Hands out photos that want a score: the visible ones first, each content once, within the credits."""

    def __init__(self) -> None:
        self.visible: tuple[int, ...] = ()
        self._in_flight: set[str] = set()
        self._exhausted = False

    def reset(self) -> None:
        """What was handed out will not come back (another scorer is at work)."""
        self._in_flight.clear()
        self._exhausted = False

    def more_may_wait(self) -> None:
        """Photos were identified: ask the library again."""
        self._exhausted = False

    def finished(self, rows: Iterable[PhotoRow]) -> None:
        """These came back, scored or not."""
        self._in_flight.difference_update(hash_of(row) for row in rows)

    def take(self, store: Store, model_id: str) -> tuple[PhotoRow, ...]:
        """The photos to hand out now; empty while enough are under way or nothing waits."""
        free = CREDITS - len(self._in_flight)
        if self._exhausted or free < CREDITS // 2:
            return ()
        # By this model: another program may have made another one the library's current model.
        visible = [row for row in store.rows(self.visible) if wants_score(row)]
        wanting = [row for row in visible if store.score_of(hash_of(row), model_id) is None]
        wanting += store.to_score(model_id, CREDITS + free)
        fresh: dict[str, PhotoRow] = {}
        for row in wanting:
            if hash_of(row) not in self._in_flight:
                fresh.setdefault(hash_of(row), row)
        chosen = dict(islice(fresh.items(), free))
        self._in_flight.update(chosen)
        self._exhausted = not chosen
        return tuple(chosen.values())


def hash_of(row: PhotoRow) -> str:
    """The content hash of a photo that has been identified."""
    if row.content_hash is None:
        raise ValueError(f"photo {row.id} has not been identified")
    return row.content_hash


def wants_score(row: PhotoRow) -> bool:
    """True for a photo that can be scored and has no score by the library's current model."""
    return row.content_hash is not None and row.score is None and row.error is None
