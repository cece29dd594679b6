"""Reading files: what has just arrived is read before a backlog."""

from pathlib import Path

from maclip_desktop.core.photo import Folder, FoundFile
from maclip_desktop.jobs.identifying import AHEAD, AHEAD_BYTES, CHUNK_BYTES, CHUNK_FILES, IdentifyQueue
from maclip_desktop.jobs.scan import scan
from maclip_desktop.library.store import Store
from tests.helpers.pictures import write_photos
from tests.helpers.pools import LazyExecutor


def begun(pool: LazyExecutor) -> list[int]:
    return [row.id for _, arguments, _ in pool.submitted for row in arguments[0]]


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
    queue.record(store, [one for future in delivered for one in future.result()])  # type: ignore[attr-defined]
    queue.advance(store)
    assert begun(pool) == ids[10 : 10 + 2 * AHEAD]


def test_small_files_are_read_many_at_a_go_and_large_ones_alone(store: Store, folder: Folder) -> None:
    found = [FoundFile(folder.path / f"{number:02}.jpg", 1000, 1) for number in range(CHUNK_FILES + 1)]
    large = [FoundFile(folder.path / f"large{number}.jpg", CHUNK_BYTES, 1) for number in range(2)]
    store.record_found(folder, found + large)
    pool = LazyExecutor()
    IdentifyQueue(pool, lambda _: None).advance(store)
    assert [len(arguments[0]) for _, arguments, _ in pool.submitted] == [CHUNK_FILES, 2, 1]


def test_large_files_of_the_backlog_leave_room_for_newcomers(store: Store, folder: Folder) -> None:
    files = [FoundFile(folder.path / f"{number}.cr2", AHEAD_BYTES // 2, 1) for number in range(4)]
    ids = store.record_found(folder, files)
    pool = LazyExecutor()
    queue = IdentifyQueue(pool, lambda _: None)
    queue.advance(store)
    assert begun(pool) == ids[:2]


def test_a_file_larger_than_all_room_is_read_as_well(store: Store, folder: Folder) -> None:
    [photo_id] = store.record_found(folder, [FoundFile(folder.path / "a.tif", 2 * AHEAD_BYTES, 1)])
    pool = LazyExecutor()
    IdentifyQueue(pool, lambda _: None).advance(store)
    assert begun(pool) == [photo_id]
