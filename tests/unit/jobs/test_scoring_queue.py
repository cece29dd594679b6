"""Which photo is scored next: what is on screen first, each content once, few at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.core.score import Score
from maclip_desktop.jobs.scoring_queue import CREDITS, ScoringQueue, hash_of, wants_score
from maclip_desktop.library.photos import Fault
from maclip_desktop.library.store import Store
from tests.helpers.pictures import write_photo, write_photos

MODEL = "fake-1"
Identified = Callable[[], list[PhotoRow]]


@pytest.fixture(autouse=True)
def current_model(store: Store) -> None:
    store.set_current_model(MODEL)


def names(rows: tuple[PhotoRow, ...]) -> list[str]:
    return [row.path.name for row in rows]


def score(store: Store, rows: tuple[PhotoRow, ...], model: str = MODEL) -> None:
    store.save_scores([(hash_of(row), Score(0.5, "technical", model)) for row in rows])


def test_photos_are_handed_out_once(store: Store, photos: Path, identified: Identified) -> None:
    write_photos(photos, 3)
    identified()
    queue = ScoringQueue()
    assert len(queue.take(store, MODEL)) == 3
    assert queue.take(store, MODEL) == ()


def test_what_is_visible_comes_first_in_the_order_of_the_screen(
    store: Store, photos: Path, identified: Identified
) -> None:
    write_photos(photos, 5)
    rows = identified()
    queue = ScoringQueue()
    queue.visible = (rows[4].id, rows[2].id)
    assert names(queue.take(store, MODEL)) == [f"IMG_{number:03}.jpg" for number in (4, 2, 0, 1, 3)]


def test_no_more_are_under_way_than_the_credits(store: Store, photos: Path, identified: Identified) -> None:
    write_photos(photos, CREDITS + 20)
    identified()
    queue = ScoringQueue()
    first = queue.take(store, MODEL)
    assert len(first) == CREDITS
    queue.finished(first[:4])
    assert queue.take(store, MODEL) == ()  # not for a handful
    score(store, first)
    queue.finished(first)
    assert len(queue.take(store, MODEL)) == 20


def test_copies_are_scored_once(store: Store, photos: Path, identified: Identified) -> None:
    for name in ("a.jpg", "b.jpg", "deep/c.jpg"):
        write_photo(photos / name, 100)
    rows = identified()
    queue = ScoringQueue()
    queue.visible = (rows[2].id, rows[0].id)
    assert len(queue.take(store, MODEL)) == 1


def test_the_library_is_not_asked_again_until_there_may_be_more(
    store: Store, photos: Path, identified: Identified
) -> None:
    queue = ScoringQueue()
    assert queue.take(store, MODEL) == ()
    write_photos(photos, 1)
    identified()
    assert queue.take(store, MODEL) == ()
    queue.more_may_wait()
    assert len(queue.take(store, MODEL)) == 1


def test_after_a_change_of_scorer_everything_is_handed_out_again(
    store: Store, photos: Path, identified: Identified
) -> None:
    write_photos(photos, 2)
    identified()
    queue = ScoringQueue()
    score(store, queue.take(store, MODEL))
    store.set_current_model("fake-2")
    queue.reset()
    assert len(queue.take(store, "fake-2")) == 2


def test_what_is_visible_and_scored_is_not_scored_for_ever_where_another_model_is_shown(
    store: Store, photos: Path, identified: Identified
) -> None:
    """A command in another process makes another model the library's current one."""
    write_photos(photos, 2)
    rows = identified()
    queue = ScoringQueue()
    queue.visible = tuple(row.id for row in rows)
    taken = queue.take(store, MODEL)
    score(store, taken)
    store.set_current_model("somebody else's")
    queue.finished(taken)
    queue.more_may_wait()
    assert queue.take(store, MODEL) == ()


def test_photos_unread_failed_or_scored_want_no_score(store: Store, photos: Path, identified: Identified) -> None:
    write_photos(photos, 3)
    (photos / "z_broken.jpg").write_bytes(b"no picture")
    rows = identified()
    score(store, (rows[0],))
    store.record_failed(rows[1].id, rows[1].size, rows[1].mtime_ns, "damaged")
    assert [wants_score(row) for row in store.rows()] == [False, False, True, False]


def test_a_photo_that_was_not_read_has_no_hash() -> None:
    with pytest.raises(ValueError, match="not been identified"):
        hash_of(PhotoRow(7, 1, Path("/a.jpg"), 1, 1))


def test_what_has_just_arrived_comes_after_the_visible_and_before_the_backlog(
    store: Store, photos: Path, identified: Identified
) -> None:
    write_photos(photos, 5)
    rows = identified()
    queue = ScoringQueue()
    queue.visible = (rows[4].id,)
    queue.arrived([rows[3].id, rows[2].id])
    assert names(queue.take(store, MODEL)) == [f"IMG_{number:03}.jpg" for number in (4, 3, 2, 0, 1)]


def test_what_arrived_and_is_scored_already_is_passed_over(store: Store, photos: Path, identified: Identified) -> None:
    write_photos(photos, 3)
    rows = identified()
    score(store, (rows[1],))
    queue = ScoringQueue()
    queue.arrived([rows[1].id, 999, rows[2].id])
    assert names(queue.take(store, MODEL)) == ["IMG_002.jpg", "IMG_000.jpg"]


def test_more_arrivals_than_credits_keep_their_place(store: Store, photos: Path, identified: Identified) -> None:
    write_photos(photos, CREDITS + 20)
    rows = identified()
    queue = ScoringQueue()
    queue.arrived(row.id for row in rows[15:])
    first = queue.take(store, MODEL)
    assert [row.id for row in first] == [row.id for row in rows[15 : 15 + CREDITS]]
    score(store, first)
    queue.finished(first)
    assert [row.id for row in queue.take(store, MODEL)] == [row.id for row in rows[15 + CREDITS :] + rows[:15]]


def test_a_photo_below_the_place_reached_is_not_forgotten(store: Store, photos: Path, identified: Identified) -> None:
    write_photos(photos, 4)
    rows = identified()
    store.record_failed(rows[0].id, rows[0].size, rows[0].mtime_ns, "away", Fault.ACCESS)
    queue = ScoringQueue()
    first = queue.take(store, MODEL)
    score(store, first)
    queue.finished(first)
    assert queue.take(store, MODEL) == ()
    store.forget_failures(Fault.ACCESS)
    queue.more_may_wait()
    assert [row.id for row in queue.take(store, MODEL)] == [rows[0].id]


def test_a_model_that_scores_many_at_once_is_given_several_batches(
    store: Store, photos: Path, identified: Identified
) -> None:
    write_photos(photos, 90)
    identified()
    queue = ScoringQueue()
    queue.reset(photos_at_once=20)
    assert len(queue.take(store, MODEL)) == 80


def test_a_photo_with_an_old_score_wants_a_new_one(store: Store, photos: Path, identified: Identified) -> None:
    write_photos(photos, 2)
    rows = identified()
    score(store, tuple(rows))
    store.set_current_model("fake-2")
    queue = ScoringQueue()
    queue.visible = (rows[1].id,)
    assert [row.id for row in queue.take(store, "fake-2")] == [rows[1].id, rows[0].id]
