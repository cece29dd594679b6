"""The table of all photos: slots, updates and removals."""

import math
from pathlib import Path

import numpy as np
import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.ordering import FlagFilter, SortOrder
from maclip_desktop.ui.photo_table import PhotoTable, flag_at
from tests.gui.helping import photo_row


@pytest.fixture
def table() -> PhotoTable:
    table = PhotoTable()
    table.update([photo_row(1, 0.5), photo_row(2, 0.2, Flag.PICK), photo_row(3)])
    return table


def slot_of(table: PhotoTable, photo_id: int) -> int:
    slot = table.slot(photo_id)
    assert slot is not None
    return slot


def test_update_tells_which_photos_are_new(table: PhotoTable) -> None:
    assert table.update([photo_row(2, 0.9), photo_row(4)]) == [4]
    assert len(table) == 4


def test_an_update_replaces_every_value(table: PhotoTable) -> None:
    table.update([photo_row(2, 0.9, Flag.REJECT, decided_by=Decider.RULE, path=Path("/photos/new.jpg"), mtime_ns=77)])
    slot = slot_of(table, 2)
    assert table.column("scores")[slot] == 0.9
    assert flag_at(table, slot) is Flag.REJECT
    assert not table.column("by_person")[slot]
    assert table.path(slot) == Path("/photos/new.jpg")
    assert table.column("mtimes")[slot] == 77


def test_every_folder_is_counted_as_it_stands(table: PhotoTable) -> None:
    assert PhotoTable().folder_counts() == {}
    table.update([photo_row(4, folder_id=7), photo_row(3, folder_id=7)])
    table.remove([1])
    assert table.folder_counts() == {1: 1, 7: 2}
    table.remove([2])
    assert table.folder_counts() == {7: 2}


def test_removing_a_photo_leaves_the_values_of_the_others(table: PhotoTable) -> None:
    table.remove([1])
    assert 1 not in table and len(table) == 2
    assert table.column("scores")[slot_of(table, 2)] == 0.2
    assert math.isnan(table.column("scores")[slot_of(table, 3)])
    assert table.path(slot_of(table, 3)) == Path("/photos/IMG_3.jpg")


def test_removing_the_last_photo_of_the_table_and_unknown_ones_is_fine(table: PhotoTable) -> None:
    table.remove([3, 99])
    assert sorted(table.column("ids").tolist()) == [1, 2]


def test_an_error_goes_with_its_photo(table: PhotoTable) -> None:
    table.update([photo_row(3, error="IMG_3.jpg is damaged.")])
    table.remove([1])
    assert table.error(slot_of(table, 3)) == "IMG_3.jpg is damaged."
    table.update([photo_row(3, 0.4)])
    assert table.error(slot_of(table, 3)) is None


def test_the_table_grows_beyond_its_first_room(table: PhotoTable) -> None:
    table.update(photo_row(photo_id, photo_id / 5000) for photo_id in range(10, 3010))
    assert len(table) == 3003
    assert table.column("scores")[slot_of(table, 3009)] == pytest.approx(3009 / 5000)


def test_a_waiting_photo_has_neither_score_nor_error(table: PhotoTable) -> None:
    table.update([photo_row(4, error="IMG_4.jpg is damaged.")])
    assert [table.is_waiting(photo_id) for photo_id in (1, 3, 4, 99)] == [False, True, False, False]


def test_a_new_name_is_sorted_where_it_belongs(table: PhotoTable) -> None:
    table.order(SortOrder.NAME, FlagFilter.ALL)
    table.update([photo_row(1, 0.5, path=Path("/photos/Z.jpg"))])
    slots = table.order(SortOrder.NAME, FlagFilter.ALL)
    assert table.column("ids")[slots].tolist() == [2, 3, 1]


def test_the_order_holds_only_the_folder_asked_for(table: PhotoTable) -> None:
    table.update([photo_row(9, 0.1, folder_id=2)])
    slots = table.order(SortOrder.WORST_FIRST, FlagFilter.ALL, folder_id=2)
    assert table.column("ids")[slots].tolist() == [9]


def test_candidates_say_who_decided(table: PhotoTable) -> None:
    candidates = table.candidates(np.array([slot_of(table, 2), slot_of(table, 3)]))
    assert candidates.ids.tolist() == [2, 3]
    assert candidates.by_person.tolist() == [True, False]


def test_an_earlier_model_s_score_is_shown_waits_for_the_new_one_and_moves_no_rule(table: PhotoTable) -> None:
    table.update([photo_row(1, 0.5, score_is_old=True, scored_by="maclip"), photo_row(4, error="damaged")])
    slot = slot_of(table, 1)
    assert table.column("scores")[slot] == 0.5
    assert table.waiting().tolist() == [True, False, True, False]
    assert [table.is_waiting(photo_id) for photo_id in (1, 2, 3, 4)] == [True, False, True, False]
    candidates = table.candidates(np.arange(len(table)))
    assert np.isnan(candidates.scores).tolist() == [True, False, True, True]
    assert candidates.outdated.tolist() == [True, False, False, False]
    table.update([photo_row(1, 0.7, scored_by="maclip")])
    assert not table.is_waiting(1) and not table.outdated().any()


def test_earlier_scores_are_sorted_behind_the_current_ones_each_scorer_by_itself(table: PhotoTable) -> None:
    table.update(
        [
            photo_row(4, 0.05, score_is_old=True, scored_by="technical"),
            photo_row(5, 0.9, score_is_old=True, scored_by="maclip"),
            photo_row(6, 0.01, score_is_old=True, scored_by="technical"),
        ]
    )
    slots = table.order(SortOrder.WORST_FIRST, FlagFilter.ALL)
    assert table.column("ids")[slots].tolist() == [2, 1, 6, 4, 5, 3]


def test_removing_photos_keeps_the_others_in_their_order_by_name(table: PhotoTable) -> None:
    table.update(photo_row(photo_id) for photo_id in (30, 10, 20))
    table.remove([2, 10])
    slots = table.order(SortOrder.NAME, FlagFilter.ALL)
    assert table.column("ids")[slots].tolist() == [1, 3, 20, 30]
    table.update([photo_row(15)])
    slots = table.order(SortOrder.NAME, FlagFilter.ALL)
    assert table.column("ids")[slots].tolist() == [1, 3, 15, 20, 30]


def test_a_new_folder_name_is_no_new_place_in_the_order(table: PhotoTable) -> None:
    table.update([photo_row(1, 0.5, path=Path("/moved/IMG_1.jpg"))])
    slots = table.order(SortOrder.NAME, FlagFilter.ALL)
    assert table.column("ids")[slots].tolist() == [1, 2, 3]
    assert table.path(slot_of(table, 1)) == Path("/moved/IMG_1.jpg")


def test_the_files_of_a_photo_are_a_badge(table: PhotoTable) -> None:
    table.update([photo_row(1, beside=("IMG_1.CR3",)), photo_row(2, beside=("IMG_2.MOV",))])
    assert [table.badge(slot_of(table, photo_id)) for photo_id in (1, 2, 3)] == ["RAW+JPG", "Live", ""]
    table.update([photo_row(1)])
    assert table.badge(slot_of(table, 1)) == ""


def test_copies_and_unreadable_photos_can_be_had_alone(table: PhotoTable) -> None:
    table.update([photo_row(1, 0.5, copies=3), photo_row(3, error="IMG_3.jpg is damaged.")])
    for flag_filter, expected in ((FlagFilter.COPIES, [1]), (FlagFilter.UNREADABLE, [3])):
        slots = table.order(SortOrder.NAME, flag_filter)
        assert table.column("ids")[slots].tolist() == expected
