"""Which photo is scored next."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.library.store import Store

CREDITS = 32
"""Photos handed out and not yet back: enough to keep the model busy, few enough that what is visible goes first."""
BATCHES_AHEAD = 4
"""So many batches at least, where a model scores many photos in one go."""


class ScoringQueue:
    """Hands out photos that want a score, each content once, within the credits.

    The visible ones go first, then those that have just arrived in a watched folder, then all others by id.
    """

    def __init__(self) -> None:
        self.visible: tuple[int, ...] = ()
        self._credits = CREDITS
        self._arrived: dict[int, None] = {}
        self._in_flight: set[str] = set()
        self._reached = 0
        """No photo above this id has been handed out of the backlog."""
        self._exhausted = False

    def reset(self, photos_at_once: int = 1) -> None:
        """What was handed out will not come back: another scorer is at work, which scores so many photos in one go."""
        self._credits = max(CREDITS, BATCHES_AHEAD * photos_at_once)
        self._in_flight.clear()
        self._reached = 0
        self._exhausted = False

    def more_may_wait(self) -> None:
        """Photos were identified: ask the library again."""
        self._exhausted = False

    def arrived(self, photo_ids: Iterable[int]) -> None:
        """These are new while the window stands open, and were identified: they go before the backlog."""
        self._arrived.update(dict.fromkeys(photo_ids))

    def finished(self, rows: Iterable[PhotoRow]) -> None:
        """These came back, scored or not."""
        self._in_flight.difference_update(hash_of(row) for row in rows)

    def take(self, store: Store, model_id: str, offline: Collection[int] = ()) -> tuple[PhotoRow, ...]:
        """The photos to hand out now; empty while enough are under way or nothing waits.

        *offline*: ids of folders that are not there; their photos wait.
        """
        free = self._credits - len(self._in_flight)
        if self._exhausted or free < self._credits // 2:
            return ()
        chosen: list[PhotoRow] = []
        wishes = (
            self._visible(store, model_id),
            self._newcomers(store, model_id),
            self._backlog(store, model_id, offline),
        )
        for rows in wishes:
            there = (row for row in rows if row.folder_id not in offline)
            chosen += islice(self._fresh(there), free - len(chosen))
        self._exhausted = not chosen
        return tuple(chosen)

    def _fresh(self, rows: Iterator[PhotoRow]) -> Iterator[PhotoRow]:
        """Those not under way already, which they are from then on."""
        for row in rows:
            if hash_of(row) not in self._in_flight:
                self._in_flight.add(hash_of(row))
                yield row

    def _visible(self, store: Store, model_id: str) -> Iterator[PhotoRow]:
        return _wanting(store, self.visible, model_id)

    def _newcomers(self, store: Store, model_id: str) -> Iterator[PhotoRow]:
        """Newcomers leave the queue as they are looked at: what is not handed out now wants no score."""
        while self._arrived:
            some = list(islice(self._arrived, CREDITS))
            wanting = {row.id: row for row in _wanting(store, some, model_id)}
            for photo_id in some:
                del self._arrived[photo_id]
                if photo_id in wanting:
                    yield wanting[photo_id]

    def _backlog(self, store: Store, model_id: str, offline: Collection[int]) -> Iterator[PhotoRow]:
        """On from the place reached, for the library would look through all that is done; at the end once more."""
        rows = store.to_score(model_id, 2 * self._credits, self._reached, offline)
        if self._reached and not any(hash_of(row) not in self._in_flight for row in rows):
            rows = store.to_score(model_id, 2 * self._credits, without=offline)
        for row in rows:
            self._reached = max(self._reached, row.id)
            yield row


def _wanting(store: Store, photo_ids: Iterable[int], model_id: str) -> Iterator[PhotoRow]:
    for row in store.rows(photo_ids):
        # By this model: another program may have made another one the library's current model.
        if wants_score(row) and store.score_of(hash_of(row), model_id) is None:
            yield row


def hash_of(row: PhotoRow) -> str:
    """The content hash of a photo that has been identified."""
    if row.content_hash is None:
        raise ValueError(f"photo {row.id} has not been identified")
    return row.content_hash


def wants_score(row: PhotoRow) -> bool:
    """True for a photo that can be scored and has no score by the library's current model."""
    return row.content_hash is not None and row.current_score is None and row.error is None
