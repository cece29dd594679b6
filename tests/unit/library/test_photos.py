"""Photos: found, identified, scored, moved, forgotten."""

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import FoundFile, PhotoInfo
from maclip_desktop.core.score import Cues, Reason, Score, TechnicalMeasures
from maclip_desktop.core.tiles import TileScores
from maclip_desktop.library.names import relative_name
from maclip_desktop.library.photos import Fault
from maclip_desktop.library.reading import SELECT_ROWS
from maclip_desktop.library.store import Store

if TYPE_CHECKING:
    from tests.unit.library.conftest import Shelf

MAGNITUDE_AWARE = Score(
    value=0.7312345678901234,
    scorer="maclip",
    model_id="maclip-rn50",
    views=5,
    cues=Cues(q_sim=0.6, q_mag=0.8, w_sim=0.55, w_mag=0.45, prompts={"Good image": 0.75, "Sharp image": 1 / 3}),
    technical=TechnicalMeasures(0.1, 0.2, 0.3, 0.4, 0.25, (Reason.BLURRED, Reason.TOO_DARK)),
    tiles=TileScores(width=500, height=224, values=(0.25, 0.5, -0.125), whole=0.7312345678901234),
    embedding=b"\x00\x3c\xff\x00",
)


def plain(value: float, model_id: str = "m") -> Score:
    return Score(value=value, scorer="technical", model_id=model_id)


def test_new_files_are_recorded_in_their_order(shelf: "Shelf") -> None:
    folder = shelf.folder()
    ids = shelf.found(folder, "b.jpg", "a.jpg")
    assert [row.path.name for row in shelf.store.rows(ids)] == ["b.jpg", "a.jpg"]
    (row, _) = shelf.store.rows(ids)
    assert (row.size, row.mtime_ns, row.content_hash, row.error, row.score, row.flag) == (10, 1, None, None, None, 0)


def test_unchanged_files_are_left_alone(shelf: "Shelf") -> None:
    folder = shelf.folder()
    photo_id = shelf.photo(folder, "a.jpg", "content")
    assert shelf.found(folder, "a.jpg") == []
    assert next(shelf.store.rows([photo_id])).content_hash == "content"


@pytest.mark.parametrize("change", [{"size": 11}, {"mtime_ns": 2}])
def test_a_changed_file_is_to_be_identified_anew(shelf: "Shelf", change: dict[str, int]) -> None:
    folder = shelf.folder()
    photo_id = shelf.photo(folder, "a.jpg", "content")
    assert shelf.found(folder, "a.jpg", "new.jpg", **change) == [photo_id, photo_id + 1]
    (row,) = shelf.store.rows([photo_id])
    assert (row.content_hash, row.width, row.error) == (None, None, None)
    assert photo_id in [row.id for row in shelf.store.to_identify(10)]


def test_a_file_outside_the_folder_is_our_mistake_and_nothing_is_recorded(shelf: "Shelf") -> None:
    folder = shelf.folder("/photos")
    with pytest.raises(ValueError, match="photos"):
        shelf.store.record_found(folder, [FoundFile(Path("/photos/a.jpg"), 1, 1), FoundFile(Path("/b.jpg"), 1, 1)])
    assert shelf.names() == []


def test_known_files_are_keyed_by_their_name_below_the_folder(shelf: "Shelf") -> None:
    folder = shelf.folder()
    (photo_id,) = shelf.found(folder, "2024/may/a.jpg", size=5, mtime_ns=6)
    assert shelf.store.known_files(folder.id) == {"2024/may/a.jpg": (photo_id, 5, 6)}
    assert relative_name(folder.path, Path("/photos/2024/may/a.jpg")) == "2024/may/a.jpg"


def test_big_sizes_and_old_times_survive(shelf: "Shelf") -> None:
    folder = shelf.folder()
    shelf.found(folder, "a.tif", size=2**40, mtime_ns=-(10**18))
    assert shelf.store.known_files(folder.id)["a.tif"][1:] == (2**40, -(10**18))


@pytest.mark.parametrize(
    "name", ["caf\udce9/\udcff.jpg", "写真/été 100%_[a].jpg", "quote'\"; --.jpg", "line\nbreak.jpg"]
)
def test_odd_names_survive(shelf: "Shelf", name: str) -> None:
    folder = shelf.folder()
    (photo_id,) = shelf.found(folder, name)
    store = shelf.reopen()
    assert list(store.known_files(folder.id)) == [name]
    assert next(store.rows([photo_id])).path == folder.path / name
    assert shelf.found(folder, name) == []


def test_a_name_that_is_no_text_is_kept_as_its_bytes(shelf: "Shelf") -> None:
    shelf.found(shelf.folder(), "caf\udce9.jpg")
    connection = sqlite3.connect(shelf.path)
    assert connection.execute("SELECT relative_path FROM photo").fetchall() == [(b"caf\xe9.jpg",)]
    connection.close()


def test_photos_to_identify_come_by_id_a_page_at_a_time(shelf: "Shelf") -> None:
    folder = shelf.folder()
    first, second, third = shelf.found(folder, "a.jpg", "b.jpg", "c.jpg")
    assert [row.id for row in shelf.store.to_identify(2)] == [first, second]
    assert [row.id for row in shelf.store.to_identify(2, after_id=second)] == [third]


def test_an_identified_photo_has_what_the_file_says(shelf: "Shelf") -> None:
    (photo_id,) = shelf.found(shelf.folder(), "a.jpg")
    info = PhotoInfo(width=4000, height=3000, captured_at=1.7e9 + 0.25, camera="Canon EOS R5")
    assert shelf.store.record_identified(photo_id, 10, 1, "content", info)
    (row,) = shelf.store.rows([photo_id])
    assert (row.width, row.height, row.captured_at, row.camera) == (4000, 3000, 1.7e9 + 0.25, "Canon EOS R5")
    assert row.content_hash == "content"
    assert shelf.store.to_identify(10) == []


def test_what_was_read_from_a_file_that_changed_meanwhile_is_dropped(shelf: "Shelf") -> None:
    folder = shelf.folder()
    (photo_id,) = shelf.found(folder, "a.jpg")
    shelf.found(folder, "a.jpg", size=20)
    assert not shelf.store.record_identified(photo_id, 10, 1, "old content", None)
    assert not shelf.store.record_failed(photo_id, 10, 1, "old error")
    (row,) = shelf.store.rows([photo_id])
    assert (row.content_hash, row.error) == (None, None)


def test_a_photo_that_failed_rests_until_its_file_changes(shelf: "Shelf") -> None:
    folder = shelf.folder()
    (photo_id,) = shelf.found(folder, "a.jpg")
    assert shelf.store.record_failed(photo_id, 10, 1, "a.jpg is cut short.")
    assert next(shelf.store.rows([photo_id])).error == "a.jpg is cut short."
    assert shelf.store.to_identify(10) == []
    shelf.found(folder, "a.jpg", size=20)
    assert [row.id for row in shelf.store.to_identify(10)] == [photo_id]


def test_a_photo_that_failed_to_score_is_not_offered_again_but_can_be_flagged(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.record_failed(photo_id, 10, 1, "too large")
    assert shelf.store.to_score("m", 10) == []
    assert shelf.store.decide([photo_id], Flag.REJECT, Decider.PERSON, "reject") == [photo_id]


@pytest.mark.parametrize("fault", [Fault.ACCESS, Fault.SCORER])
def test_a_failure_that_may_pass_can_be_forgotten(shelf: "Shelf", fault: Fault) -> None:
    folder = shelf.folder()
    (unread,) = shelf.found(folder, "unread.jpg")
    read, broken = shelf.photo(folder, "a.jpg", "a"), shelf.photo(folder, "b.jpg", "b")
    for photo_id in (unread, read):
        shelf.store.record_failed(photo_id, 10, 1, "not now", fault)
    shelf.store.record_failed(broken, 10, 1, "damaged")
    assert shelf.store.to_score("m", 10) == shelf.store.to_identify(10) == []
    assert shelf.store.forget_failures(fault) == [unread, read]
    assert [row.id for row in shelf.store.to_identify(10)] == [unread]
    assert [row.id for row in shelf.store.to_score("m", 10)] == [read]
    assert [row.error for row in shelf.store.rows()] == [None, None, "damaged"]


def test_known_files_can_be_asked_for_below_a_directory(shelf: "Shelf") -> None:
    folder = shelf.folder()
    shelf.found(folder, "may/a.jpg", "may/caf\udce9.jpg", "may-2/b.jpg", "may", "june/may/c.jpg")
    assert sorted(shelf.store.known_files(folder.id, "may")) == ["may", "may/a.jpg", "may/caf\udce9.jpg"]


def test_only_identified_photos_without_this_models_score_are_to_score(shelf: "Shelf") -> None:
    folder = shelf.folder()
    shelf.found(folder, "unread.jpg")
    scored, other_model, unscored = (shelf.photo(folder, f"{name}.jpg", name) for name in "abc")
    shelf.store.save_scores([("a", plain(0.5)), ("b", plain(0.5, "another model"))])
    assert [row.id for row in shelf.store.to_score("m", 10)] == [other_model, unscored]
    assert [row.id for row in shelf.store.to_score("m", 10, after_id=other_model)] == [unscored]
    assert [row.id for row in shelf.store.to_score("m", 1)] == [other_model]
    assert scored in [row.id for row in shelf.store.to_score("new model", 10)]


def test_of_copies_only_one_is_to_score_also_across_pages(shelf: "Shelf") -> None:
    folder = shelf.folder()
    first = shelf.photo(folder, "a.jpg", "same")
    shelf.photo(folder, "b.jpg", "same")
    assert [row.id for row in shelf.store.to_score("m", 10)] == [first]
    assert shelf.store.to_score("m", 10, after_id=first) == []


def test_a_score_survives_whole(shelf: "Shelf") -> None:
    shelf.store.save_scores([("content", MAGNITUDE_AWARE), ("other", plain(0.25))])
    store = shelf.reopen()
    assert store.score_of("content", "maclip-rn50") == MAGNITUDE_AWARE
    assert store.score_of("other", "m") == plain(0.25)
    assert store.score_of("content", "m") is None


def test_a_later_score_by_the_same_model_replaces_the_earlier(shelf: "Shelf") -> None:
    shelf.store.save_scores([("content", MAGNITUDE_AWARE)])
    later = plain(0.1, MAGNITUDE_AWARE.model_id)
    shelf.store.save_scores([("content", later)])
    assert shelf.store.score_of("content", MAGNITUDE_AWARE.model_id) == later


def test_rows_and_details_show_the_current_models_score(shelf: "Shelf") -> None:
    photo_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.save_scores([("content", MAGNITUDE_AWARE), ("content", plain(0.1))])
    assert shelf.store.current_model() is None
    assert next(shelf.store.rows()).current_score is None
    shelf.store.set_current_model("m")
    assert next(shelf.store.rows()).score == 0.1
    shelf.store.set_current_model(MAGNITUDE_AWARE.model_id)
    assert shelf.reopen().current_model() == MAGNITUDE_AWARE.model_id
    (details,) = shelf.store.details([photo_id])
    assert details.score == MAGNITUDE_AWARE
    assert details.row.score == MAGNITUDE_AWARE.value


def test_another_connection_goes_on_with_its_own_model(shelf: "Shelf") -> None:
    shelf.photo(shelf.folder(), "a.jpg", "content")
    shelf.store.save_scores([("content", plain(0.1, "mine")), ("content", plain(0.9, "theirs"))])
    shelf.store.set_current_model("mine")
    with Store.open(shelf.store.path) as other:
        other.set_current_model("theirs")
        assert next(other.rows()).score == 0.9
    assert next(shelf.store.rows()).score == 0.1
    assert shelf.reopen().current_model() == "theirs"


def test_photos_at_a_path_are_the_file_or_all_below(shelf: "Shelf") -> None:
    folder = shelf.folder()
    names = ["may/a.jpg", "may/deep/b.jpg", "may/caf\udce9.jpg", "may.jpg", "may-2/c.jpg", "caf\udce9/d.jpg"]
    ids = shelf.found(folder, *names)
    assert shelf.store.photos_at(Path("/photos/may/a.jpg")) == (ids[0],)
    assert shelf.store.photos_at(Path("/photos/may")) == tuple(ids[:3])
    assert shelf.store.photos_at(Path("/photos/caf\udce9")) == (ids[5],)
    assert shelf.store.photos_at(Path("/photos/ma")) == ()
    assert shelf.store.photos_at(Path("/photos")) == shelf.store.photos_at(Path("/")) == tuple(ids)
    assert shelf.store.photos_at(Path("/elsewhere")) == ()


def test_rows_come_in_the_order_asked_for_and_skip_what_is_gone(shelf: "Shelf") -> None:
    first, second, third = shelf.found(shelf.folder(), "a.jpg", "b.jpg", "c.jpg")
    shelf.store.forget_photos([second])
    assert [row.id for row in shelf.store.rows([third, second, 999, first])] == [third, first]


def test_rows_with_hash_finds_all_copies(shelf: "Shelf") -> None:
    folder = shelf.folder()
    ids = [shelf.photo(folder, f"{n}.jpg", content) for n, content in enumerate(["x", "y", "x", "z"])]
    assert [row.id for row in shelf.store.rows_with_hash(["z", "x", "none"])] == [ids[0], ids[2], ids[3]]


def test_the_store_can_be_written_to_while_rows_are_read(shelf: "Shelf") -> None:
    folder = shelf.folder()
    shelf.found(folder, "a.jpg", "b.jpg")
    for row in shelf.store.rows():
        shelf.store.record_identified(row.id, 10, 1, f"content {row.id}", None)
    assert shelf.store.to_identify(10) == []


def test_the_grid_reads_scores_without_their_embeddings(shelf: "Shelf") -> None:
    plan = " ".join(str(step) for step in shelf.store._db.all(f"EXPLAIN QUERY PLAN {SELECT_ROWS}"))
    for table in ("current", "earlier", "other"):
        assert f"SEARCH {table} USING COVERING INDEX score_shown" in plan
    assert plan.count("SEARCH") == plan.count("COVERING INDEX") + 2  # folder and decision


def test_a_moved_photo_keeps_its_score_and_its_flag(shelf: "Shelf") -> None:
    shelf.store.set_current_model("m")
    folder = shelf.folder("/photos")
    old = shelf.photo(folder, "a.jpg", "content")
    shelf.store.save_scores([("content", plain(0.3))])
    shelf.store.decide([old], Flag.PICK, Decider.PERSON, "pick")
    shelf.store.forget_photos([old])
    new = shelf.photo(folder, "sorted/renamed.jpg", "content")
    (row,) = shelf.store.rows()
    assert (row.id, row.score, row.flag, row.decided_by) == (new, 0.3, Flag.PICK, Decider.PERSON)
    assert shelf.store.to_score("m", 10) == []


def test_a_folder_added_again_has_its_flags_and_scores_back(shelf: "Shelf") -> None:
    shelf.store.set_current_model("m")
    folder = shelf.folder()
    photo_id = shelf.photo(folder, "a.jpg", "content")
    shelf.store.save_scores([("content", plain(0.3))])
    shelf.store.decide([photo_id], Flag.REJECT, Decider.PERSON, "reject")
    shelf.store.remove_folder(folder.id)
    assert shelf.names() == []
    new_id = shelf.photo(shelf.folder(), "a.jpg", "content")
    assert new_id != photo_id
    (row,) = shelf.store.rows()
    assert (row.score, row.flag) == (0.3, Flag.REJECT)


def test_a_photo_edited_and_put_back_has_its_flag_again(shelf: "Shelf") -> None:
    folder = shelf.folder()
    photo_id = shelf.photo(folder, "a.jpg", "original")
    shelf.store.decide([photo_id], Flag.PICK, Decider.PERSON, "pick")
    shelf.found(folder, "a.jpg", size=20)
    shelf.store.record_identified(photo_id, 20, 1, "edited", None)
    assert next(shelf.store.rows()).flag is Flag.NONE
    shelf.found(folder, "a.jpg", size=10)
    shelf.store.record_identified(photo_id, 10, 1, "original", None)
    assert next(shelf.store.rows()).flag is Flag.PICK


def test_a_batch_is_saved_whole_or_not_at_all(shelf: "Shelf") -> None:
    folder = shelf.folder()
    with shelf.store.batch():
        shelf.found(folder, "kept.jpg")
        shelf.store.set_current_model("m")

    def interrupted() -> None:
        with shelf.store.batch():
            shelf.found(folder, "lost.jpg")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [row.path.name for row in shelf.reopen().rows()] == ["kept.jpg"]


def test_twenty_thousand_photos(shelf: "Shelf") -> None:
    store, folder = shelf.store, shelf.folder()
    names = [f"{n % 7}/{n}.jpg" for n in range(20_000)]
    ids = shelf.found(folder, *names)
    with store.batch():
        for photo_id, name in zip(ids, names, strict=True):
            store.record_identified(photo_id, 10, 1, name, None)
    store.set_current_model("m")
    store.save_scores([(name, plain(n / 20_000)) for n, name in enumerate(names)])
    assert set(store.known_files(folder.id)) == set(names)
    assert [row.score for row in store.rows()] == [n / 20_000 for n in range(20_000)]
    assert [row.id for row in store.rows(reversed(ids))] == ids[::-1]
    assert sum(details.score is not None for details in store.details()) == 20_000
    assert store.decide(ids, Flag.REJECT, Decider.RULE, "cull") == ids
    step = store.undo()
    assert step is not None and list(step.photo_ids) == ids
    assert {row.flag for row in store.rows()} == {Flag.NONE}
    store.forget_photos(ids[:15_000])
    assert store.counts() == {folder.id: 5_000}


def test_writing_elsewhere_is_noticed_once_and_writing_here_is_not(shelf: "Shelf") -> None:
    shelf.folder("/here")
    assert not shelf.store.changed_elsewhere()
    with Store.open(shelf.store.path) as other:
        other.add_folder(Path("/there"), watched=True)
    assert shelf.store.changed_elsewhere()
    assert not shelf.store.changed_elsewhere()
