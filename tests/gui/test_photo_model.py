"""The grid's model: what is shown, in which order, and what stands still."""

from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage, QPixmap
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from maclip_desktop.core.flags import Flag
from maclip_desktop.core.ordering import FlagFilter, SortOrder
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.jobs.messages import RowsChanged
from maclip_desktop.jobs.thumbnails import Picture, PictureRequest
from maclip_desktop.ui.photo_model import PhotoModel, PixmapCache, Role
from tests.gui.helping import photo_row, rows_changed


def shown_ids(model: PhotoModel) -> list[int]:
    return [model.photo_id(row) for row in range(model.rowCount())]


def filled(*scores: float | None) -> PhotoModel:
    """Photos 1, 2, ... with these scores, in the order they came."""
    model = PhotoModel()
    model.apply(rows_changed(*(photo_row(number, score) for number, score in enumerate(scores, start=1))))
    return model


def test_qt_finds_nothing_wrong_with_the_model(qtmodeltester: ModelTester, qtbot: QtBot) -> None:
    model = filled(0.5, None, 0.1)
    changes: list[Callable[[], None]] = [
        lambda: model.apply(rows_changed(photo_row(4, 0.3), photo_row(5))),
        lambda: model.apply(rows_changed(removed=(1, 3, 4))),
        model.resort,
        lambda: model.set_view(SortOrder.NAME, FlagFilter.PICKS, None),
    ]
    # The tester goes on watching the model's signals after its first look.
    for change in [lambda: None, *changes]:
        change()
        qtmodeltester.check(model)  # type: ignore[no-untyped-call]


def test_new_photos_come_at_the_end_until_a_sort() -> None:
    model = filled(0.5, 0.4)
    model.apply(rows_changed(photo_row(3, 0.1)))
    assert shown_ids(model) == [1, 2, 3]
    model.resort()
    assert shown_ids(model) == [3, 2, 1]


def test_the_order_stands_still_while_scores_arrive() -> None:
    model = filled(None, None, None)
    before = shown_ids(model)
    model.apply(rows_changed(photo_row(2, 0.1), photo_row(1, 0.9), photo_row(3, 0.5)))
    assert shown_ids(model) == before
    assert model.misplaced() == 3
    model.resort()
    assert shown_ids(model) == [2, 3, 1]
    assert model.misplaced() == 0


def test_photos_without_a_score_come_last() -> None:
    model = filled(None, 0.2, None, 0.1)
    model.resort()
    assert shown_ids(model) == [4, 2, 1, 3]


def test_a_mark_under_a_filter_hides_the_photo() -> None:
    model = filled(0.1, 0.2, 0.3)
    model.set_view(SortOrder.WORST_FIRST, FlagFilter.UNFLAGGED, None)
    model.apply(rows_changed(photo_row(2, 0.2, Flag.REJECT)))
    assert shown_ids(model) == [1, 3]
    assert model.row(2) is None


def test_a_mark_without_a_filter_leaves_the_photo_where_it_is() -> None:
    model = filled(0.1, 0.2, 0.3)
    model.apply(rows_changed(photo_row(2, 0.2, Flag.REJECT)))
    assert shown_ids(model) == [1, 2, 3]
    assert model.index(1).data(Role.TILE).flag is Flag.REJECT


def test_a_removed_photo_is_gone() -> None:
    model = filled(0.1, 0.2, 0.3)
    model.apply(rows_changed(removed=(1, 77)))
    assert shown_ids(model) == [2, 3]
    assert len(model.table) == 2


def test_many_scattered_photos_are_hidden_in_one_go(qtbot: QtBot) -> None:
    model = filled(*(0.1 for _ in range(1000)))
    model.set_view(SortOrder.NAME, FlagFilter.UNFLAGGED, None)
    rejected = rows_changed(*(photo_row(number, 0.1, Flag.REJECT) for number in range(1, 1000, 2)))
    with qtbot.assertNotEmitted(model.rowsRemoved), qtbot.waitSignal(model.layoutChanged):
        model.apply(rejected)
    assert shown_ids(model) == list(range(2, 1001, 2))


def test_only_the_chosen_folder_is_shown() -> None:
    model = filled(0.1, 0.2)
    model.apply(rows_changed(photo_row(3, 0.05, folder_id=2)))
    model.set_view(SortOrder.WORST_FIRST, FlagFilter.ALL, 2)
    assert shown_ids(model) == [3]


def test_selection_and_current_photo_follow_their_photos_through_a_sort() -> None:
    model = filled(0.9, 0.5, 0.1)
    selection = QItemSelectionModel(model)
    current = QPersistentModelIndex(model.index(0))
    selection.select(model.index(0), QItemSelectionModel.SelectionFlag.Select)
    selection.select(model.index(1), QItemSelectionModel.SelectionFlag.Select)
    model.resort()
    assert model.photo_id(current.row()) == 1
    assert sorted(model.photo_id(index.row()) for index in selection.selectedIndexes()) == [1, 2]


def test_a_photo_a_filter_hides_leaves_the_selection() -> None:
    model = filled(0.9, 0.5)
    selection = QItemSelectionModel(model)
    selection.select(model.index(0), QItemSelectionModel.SelectionFlag.Select)
    model.set_view(SortOrder.WORST_FIRST, FlagFilter.PICKS, None)
    assert not selection.hasSelection()


def test_the_tip_says_path_score_and_flag() -> None:
    model = PhotoModel()
    model.apply(rows_changed(photo_row(7, 0.1234, Flag.PICK)))
    tip = model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == f"{Path('/photos/IMG_7.jpg')}\nscore 0.123\npicked"
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == tip


def test_the_tip_of_a_broken_photo_says_why() -> None:
    model = PhotoModel()
    model.apply(rows_changed(photo_row(7, error="IMG_7.jpg is damaged.")))
    assert "IMG_7.jpg is damaged." in model.index(0).data(Qt.ItemDataRole.ToolTipRole)


def test_names_that_are_no_text_can_be_shown() -> None:
    model = PhotoModel()
    model.apply(rows_changed(photo_row(7, path=Path("/photos/odd\udcff.jpg"))))
    for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
        assert "odd\\udcff.jpg" in model.index(0).data(role)
    assert model.index(0).data(Role.TILE).name == "odd\\udcff.jpg"


def test_a_thumbnail_is_found_by_its_photo_and_not_by_its_row() -> None:
    model = filled(0.9, 0.1)
    request = model.picture_request(0)
    assert request is not None
    model.resort()
    image = QImage(8, 8, QImage.Format.Format_RGB888)
    image.fill(0)
    model.take_picture(Picture(request, image))
    assert model.index(0).data(Role.TILE).pixmap is None
    assert model.index(1).data(Role.TILE).pixmap is not None


def test_a_thumbnail_of_the_file_as_it_was_before_is_not_shown() -> None:
    model = filled(0.9)
    request = model.picture_request(0)
    assert request is not None
    model.apply(rows_changed(photo_row(1, mtime_ns=2)))
    image = QImage(8, 8, QImage.Format.Format_RGB888)
    image.fill(0)
    model.take_picture(Picture(request, image))
    assert model.index(0).data(Role.TILE).pixmap is None


# --- any order of events ---------------------------------------------------------------------------------------

_scores = st.one_of(st.none(), st.floats(0.0, 1.5, allow_nan=False))
_rows = st.builds(
    photo_row,
    st.integers(1, 30),
    _scores,
    st.sampled_from(Flag),
    folder_id=st.integers(1, 2),
    copies=st.integers(1, 2),
    error=st.sampled_from([None, "Damaged."]),
)
_messages = st.builds(
    lambda rows, removed: rows_changed(*rows, removed=tuple(removed)),
    st.lists(_rows, max_size=8, unique_by=lambda row: row.id),
    st.lists(st.integers(1, 30), max_size=4),
)


def _as_sorted(rows: dict[int, PhotoRow], flag_filter: FlagFilter, folder_id: int | None) -> list[int]:
    passes: Callable[[PhotoRow], bool] = {
        FlagFilter.ALL: lambda row: True,
        FlagFilter.UNFLAGGED: lambda row: row.flag is Flag.NONE,
        FlagFilter.PICKS: lambda row: row.flag is Flag.PICK,
        FlagFilter.REJECTS: lambda row: row.flag is Flag.REJECT,
        FlagFilter.NOT_REJECTED: lambda row: row.flag is not Flag.REJECT,
        FlagFilter.COPIES: lambda row: row.copies > 1,
        FlagFilter.UNREADABLE: lambda row: row.error is not None,
    }[flag_filter]
    kept = [row for row in rows.values() if passes(row) and folder_id in (None, row.folder_id)]
    # The names end in the id, so that equal scores are in the order of the ids.
    return [row.id for row in sorted(kept, key=lambda row: (row.score is None, row.score or 0.0, row.id))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    messages=st.lists(_messages, max_size=8),
    flag_filter=st.sampled_from(FlagFilter),
    folder_id=st.sampled_from([None, 1, 2]),
)
def test_after_any_events_a_sort_shows_what_a_plain_sort_would(
    qtbot: QtBot, messages: list[RowsChanged], flag_filter: FlagFilter, folder_id: int | None
) -> None:
    model = PhotoModel()
    model.set_view(SortOrder.WORST_FIRST, flag_filter, folder_id)
    rows: dict[int, PhotoRow] = {}
    for message in messages:
        model.apply(message)
        rows = {photo_id: row for photo_id, row in rows.items() if photo_id not in message.removed}
        rows |= {row.id: row for row in message.rows}
        expected = _as_sorted(rows, flag_filter, folder_id)
        assert set(shown_ids(model)) <= set(expected)
        assert all(model.row(photo_id) == row for row, photo_id in enumerate(shown_ids(model)))
    model.resort()
    assert shown_ids(model) == _as_sorted(rows, flag_filter, folder_id)
    assert len(model.table) == len(rows)


# --- the cache of thumbnails -----------------------------------------------------------------------------------


def request(number: int) -> PictureRequest:
    return PictureRequest(number, Path(f"/{number}.jpg"), 1, 1)


def test_the_cache_keeps_within_its_bytes_and_drops_the_oldest(qtbot: QtBot) -> None:
    cache: PixmapCache[PictureRequest] = PixmapCache(limit=3 * 10 * 10 * 4)
    for number in range(4):
        cache.put(request(number), QPixmap(10, 10))
    assert [cache.get(request(number)) is not None for number in range(4)] == [False, True, True, True]


def test_what_was_looked_at_last_stays_in_the_cache(qtbot: QtBot) -> None:
    cache: PixmapCache[PictureRequest] = PixmapCache(limit=2 * 10 * 10 * 4)
    cache.put(request(1), QPixmap(10, 10))
    cache.put(request(2), QPixmap(10, 10))
    cache.get(request(1))
    cache.put(request(3), QPixmap(10, 10))
    assert cache.get(request(1)) is not None
    assert cache.get(request(2)) is None


def test_replacing_a_thumbnail_does_not_count_it_twice(qtbot: QtBot) -> None:
    cache: PixmapCache[PictureRequest] = PixmapCache(limit=2 * 10 * 10 * 4)
    cache.put(request(1), QPixmap(10, 10))
    for _ in range(5):
        cache.put(request(2), QPixmap(10, 10))
    assert cache.get(request(1)) is not None


def test_the_tooltip_says_that_a_score_is_an_earlier_model_s() -> None:
    model = PhotoModel()
    model.apply(rows_changed(photo_row(1, 0.5, score_is_old=True), photo_row(2, 0.5)))
    tips = [model.index(row).data(Qt.ItemDataRole.ToolTipRole).splitlines()[1] for row in range(2)]
    assert tips == ["score 0.500 by an earlier model; will be scored again", "score 0.500"]


def test_a_tile_knows_its_copies_and_its_files() -> None:
    model = PhotoModel()
    model.apply(rows_changed(photo_row(1, 0.5, copies=3, beside=("IMG_1.CR3",)), photo_row(2, 0.6)))
    tiles = [model.index(row).data(Role.TILE) for row in range(2)]
    assert [(tile.copies, tile.files, tile.offline) for tile in tiles] == [(3, "RAW+JPG", False), (1, "", False)]
    assert model.index(0).data(Qt.ItemDataRole.ToolTipRole).splitlines()[2:] == ["files: RAW+JPG", "3 copies"]


def test_photos_of_a_missing_folder_are_offline_and_repainted(qtbot: QtBot) -> None:
    model = PhotoModel()
    model.apply(rows_changed(photo_row(1, folder_id=1), photo_row(2, folder_id=2)))
    with qtbot.waitSignals([model.dataChanged, model.content_changed]):
        assert model.set_missing(frozenset({2}))
    assert [model.index(row).data(Role.TILE).offline for row in range(2)] == [False, True]
    with qtbot.assertNotEmitted(model.dataChanged):
        assert not model.set_missing(frozenset({2}))


def test_what_gave_no_thumbnail_while_offline_is_asked_for_when_the_folder_is_back(qtbot: QtBot) -> None:
    model = PhotoModel()
    model.apply(rows_changed(photo_row(1), photo_row(2)))
    model.set_missing(frozenset({1}))
    image = QImage(8, 8, QImage.Format.Format_RGB888)
    image.fill(0)
    requests = [model.picture_request(row) for row in range(2)]
    assert requests[0] is not None and requests[1] is not None
    model.take_picture(Picture(requests[0], QImage(), "There is no such file."))
    model.take_picture(Picture(requests[1], image))
    model.set_missing(frozenset())
    assert [model.pixmaps.get(one) is not None for one in requests if one is not None] == [False, True]
