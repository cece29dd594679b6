"""Reading files that are new: a bounded number at once, in a pool."""

from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Executor, Future
from itertools import islice

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.jobs.tasks import Identified, identify, save_identified
from maclip_desktop.library.store import Store

AHEAD = 16


class IdentifyQueue:
    """Asks the library for files nobody has read yet and has them read.

    *deliver* gets each finished future, in a pool thread; the caller takes it to its own thread and ends it
    with `record`.
    """

    def __init__(self, pool: Executor, deliver: Callable[["Future[Identified]"], None]) -> None:
        self._pool = pool
        self._deliver = deliver
        self._reading: set[int] = set()
        self._arrived: dict[int, None] = {}
        self._exhausted = False

    def arrived(self, photo_ids: Iterable[int]) -> None:
        """These files have just come: they are read before all others."""
        self._arrived.update(dict.fromkeys(photo_ids))
        self._exhausted = False

    def more_may_wait(self) -> None:
        """Files were found: ask the library again."""
        self._exhausted = False

    def advance(self, store: Store, offline: Collection[int] = ()) -> None:
        """Start as many readings as there is room for; none in the folders of these ids, which are not there."""
        free = AHEAD - len(self._reading)
        if self._exhausted or free < AHEAD // 2:
            return
        self._read(self._newcomers(store, free, offline))
        free = AHEAD - len(self._reading)
        waiting = store.to_identify(AHEAD + free, without=offline)
        self._read([row for row in waiting if row.id not in self._reading][:free])
        self._exhausted = not waiting

    def _newcomers(self, store: Store, free: int, offline: Collection[int]) -> list[PhotoRow]:
        """Those that do not fit now keep their place; those that were read meanwhile, or are gone, lose it."""
        taken = list(islice(self._arrived, free))
        for photo_id in taken:
            del self._arrived[photo_id]
        rows = (row for row in store.rows(taken) if row.folder_id not in offline and row.id not in self._reading)
        return [row for row in rows if row.content_hash is None and row.error is None]

    def _read(self, rows: list[PhotoRow]) -> None:
        for row in rows:
            self._reading.add(row.id)
            self._pool.submit(identify, row).add_done_callback(self._hand_over)

    def record(self, store: Store, results: list[Identified]) -> list[int]:
        """Save what was read; returns the ids of the photos concerned."""
        save_identified(store, results)
        self._reading.difference_update(result.row.id for result in results)
        return [result.row.id for result in results]

    def _hand_over(self, future: "Future[Identified]") -> None:
        if not future.cancelled():
            self._deliver(future)
