"""Reading files: what has just arrived is read before a backlog."""

from pathlib import Path

from maclip_desktop.core.photo import Folder
from maclip_desktop.jobs.identifying import AHEAD, IdentifyQueue
from maclip_desktop.jobs.scan import scan
from maclip_desktop.library.store import Store
from tests.helpers.pictures import write_photos
from tests.helpers.pools import LazyExecutor


def begun(pool: LazyExecutor) -> list[int]:
    return [arguments[0].id for _, arguments, _ in pool.submitted]


def test_newcomers_are_read_first_and_the_rest_by_id(store: Store, photos: Path, folder: Folder) -> None:
    write_photos(photos, AHEAD + 10)
    list(scan(store, folder))
    ids = [row.id for row in store.rows()]
    pool = LazyExecutor()
    queue = IdentifyQueue(pool, lambda _: None)
    queue.arrived([ids[-1], ids[-2], 999])
    queue.advance(store)
    assert begun(pool) == [ids[-1], ids[-2], *ids[: AHEAD - 2]]


def test_newcomers_that_do_not_fit_are_next(store: Store, photos: Path, folder: Folder) -> None:
    write_photos(photos, 2 * AHEAD + 10)
    list(scan(store, folder))
    ids = [row.id for row in store.rows()]
    pool = LazyExecutor()
    delivered: list[object] = []
    queue = IdentifyQueue(pool, delivered.append)
    queue.arrived(ids[10:])
    queue.advance(store)
    for work, arguments, future in list(pool.submitted):
        future.set_result(work(*arguments))
    queue.record(store, [future.result() for future in delivered])  # type: ignore[attr-defined]
    queue.advance(store)
    assert begun(pool) == ids[10 : 10 + 2 * AHEAD]
