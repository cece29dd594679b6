"""Reading files that are new: a bounded number at once, in a pool."""

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import islice

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.jobs.tasks import Identified, identify, save_identified
from maclip_desktop.library.store import Store

AHEAD = 128
"""Files that are being read or wait for it."""
AHEAD_BYTES = 64_000_000
"""No more of the backlog than this: who comes now must not wait long behind large files on a slow drive."""
CHUNK_FILES = 16
CHUNK_BYTES = 8_000_000
"""Small files are read many at a go: to hand one over costs more than to read it."""


class IdentifyQueue:
    """Asks the library for files nobody has read yet and has them read.

    *deliver* gets each finished future, in a pool thread; the caller takes it to its own thread and ends what it holds
    with `record`.
    """

    def __init__(self, pool: Executor, deliver: Callable[["Future[list[Identified]]"], None]) -> None:
        self._pool = pool
        self._deliver = deliver
        self._reading: dict[int, int] = {}
        """Bytes of the files under way, by photo."""
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
        if self._exhausted or free < AHEAD // 2 or self._bytes_free() < AHEAD_BYTES // 2:
            return
        self._read(self._newcomers(store, free, offline))
        free = AHEAD - len(self._reading)
        waiting = store.to_identify(AHEAD + free, without=offline)
        self._read(self._fitting([row for row in waiting if row.id not in self._reading][:free]))
        self._exhausted = not waiting

    def _bytes_free(self) -> int:
        return AHEAD_BYTES - sum(self._reading.values())

    def _fitting(self, rows: list[PhotoRow]) -> list[PhotoRow]:
        """The first of them, as many as there is room for; one in any case where nothing is under way."""
        free = self._bytes_free()
        fitting: list[PhotoRow] = []
        for row in rows:
            free -= row.size
            if free < 0 and (fitting or self._reading):
                break
            fitting.append(row)
        return fitting

    def _newcomers(self, store: Store, free: int, offline: Collection[int]) -> list[PhotoRow]:
        """Those that do not fit now keep their place; those that were read meanwhile, or are gone, lose it."""
        taken = list(islice(self._arrived, free))
        for photo_id in taken:
            del self._arrived[photo_id]
        rows = (row for row in store.rows(taken) if row.folder_id not in offline and row.id not in self._reading)
        return [row for row in rows if row.content_hash is None and row.error is None]

    def _read(self, rows: list[PhotoRow]) -> None:
        self._reading.update((row.id, row.size) for row in rows)
        for chunk in _chunks(rows):
            self._pool.submit(_identify_all, chunk).add_done_callback(self._hand_over)

    def record(self, store: Store, results: list[Identified]) -> list[int]:
        """Save what was read; returns the ids of the photos concerned."""
        save_identified(store, results)
        for result in results:
            self._reading.pop(result.row.id, None)
        return [result.row.id for result in results]

    def _hand_over(self, future: "Future[list[Identified]]") -> None:
        if not future.cancelled():
            self._deliver(future)


def _identify_all(rows: list[PhotoRow]) -> list[Identified]:
    """Runs in a pool thread."""
    return [identify(row) for row in rows]


def _chunks(rows: list[PhotoRow]) -> Iterator[list[PhotoRow]]:
    """Rows that are read at a go: few large files, or many small ones."""
    chunk: list[PhotoRow] = []
    held = 0
    for row in rows:
        chunk.append(row)
        held += row.size
        if len(chunk) >= CHUNK_FILES or held >= CHUNK_BYTES:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk
