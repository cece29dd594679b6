"""The whole path without a window."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.score import Score
from maclip_desktop.errors import DeviceError
from maclip_desktop.jobs.headless import HeadlessRun
from maclip_desktop.library.store import Store
from maclip_desktop.scoring.scorer import ShouldStop, never
from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.pools import InlineExecutor


class Bench:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.reports: list[tuple[str, int, int]] = []
        self.said: list[str] = []
        self.work = HeadlessRun(
            store, InlineExecutor(), 4, lambda *report: self.reports.append(report), self.said.append
        )

    def run(self, *paths: Path, scorer: FakeScorer | None = None, recursive: bool = True) -> dict[Path, str]:
        ids, problems = self.work.find(paths, recursive)
        self.work.read(ids)
        self.work.score(ids, scorer or FakeScorer())
        self.ids = ids
        return problems

    def names(self) -> list[str]:
        return [row.path.name for row in self.store.rows(self.ids)]


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    yield Bench(store)


def test_a_folder_is_scored(bench: Bench, photos: Path) -> None:
    write_photos(photos, 3)
    assert bench.run(photos) == {}
    assert [row.score for row in bench.store.rows()] == pytest.approx([20 / 255, 86 / 255, 153 / 255], abs=0.01)
    assert bench.reports[-1] == ("scoring", 3, 3)


def test_a_second_run_asks_the_model_for_nothing(bench: Bench, photos: Path) -> None:
    write_photos(photos, 3)
    bench.run(photos)
    again = FakeScorer()
    bench.run(photos, scorer=again)
    assert again.call_count == 0


def test_a_new_model_scores_again_and_leaves_flags_alone(bench: Bench, photos: Path) -> None:
    write_photos(photos, 2)
    bench.run(photos)
    bench.store.decide(bench.ids, Flag.PICK, Decider.PERSON, "pick")
    other = FakeScorer("fake-2")
    bench.run(photos, scorer=other)
    assert other.call_count == 2
    assert [row.flag for row in bench.store.rows()] == [Flag.PICK, Flag.PICK]


def test_a_moved_photo_keeps_score_and_flag(bench: Bench, photos: Path) -> None:
    path = write_photo(photos / "a.jpg")
    bench.run(photos)
    bench.store.decide(bench.ids, Flag.PICK, Decider.PERSON, "pick")
    (photos / "deep").mkdir()
    path.rename(photos / "deep" / "renamed.jpeg")
    again = FakeScorer()
    bench.run(photos, scorer=again)
    (row,) = bench.store.rows(bench.ids)
    assert (row.path.name, row.flag, again.call_count) == ("renamed.jpeg", Flag.PICK, 0)
    assert row.score is not None


def test_copies_are_scored_once(bench: Bench, photos: Path) -> None:
    for name in "abc":
        write_photo(photos / f"{name}.jpg", 70)
    scorer = FakeScorer()
    bench.run(photos, scorer=scorer)
    assert scorer.call_count == 1
    assert all(row.score is not None for row in bench.store.rows())


def test_a_named_file_is_taken_whatever_it_is_called(bench: Bench, tmp_path: Path) -> None:
    path = write_photo(tmp_path / "picture.download")
    bench.run(path)
    assert [row.score is not None for row in bench.store.rows(bench.ids)] == [True]


def test_only_what_was_named_is_scored(bench: Bench, photos: Path) -> None:
    first, _ = write_photos(photos, 2)
    bench.run(first)
    assert bench.names() == [first.name]


def test_a_path_given_twice_counts_once(bench: Bench, photos: Path) -> None:
    first, _ = write_photos(photos, 2)
    bench.run(photos, first, photos)
    assert len(bench.ids) == 2


@pytest.mark.parametrize(("recursive", "names"), [(True, ["a.jpg", "b.jpg"]), (False, ["a.jpg"])])
def test_folders_inside_are_taken_only_if_asked_for(
    bench: Bench, photos: Path, recursive: bool, names: list[str]
) -> None:
    write_photo(photos / "a.jpg", 10)
    write_photo(photos / "deep" / "b.jpg", 20)
    bench.run(photos, recursive=recursive)
    assert bench.names() == names


def test_a_flat_run_over_a_known_tree_takes_only_its_top(bench: Bench, photos: Path) -> None:
    write_photo(photos / "a.jpg", 10)
    write_photo(photos / "deep" / "b.jpg", 20)
    bench.run(photos)
    bench.run(photos, recursive=False)
    assert bench.names() == ["a.jpg"]


def test_a_folder_inside_a_known_one_is_brought_up_to_date(bench: Bench, photos: Path) -> None:
    write_photo(photos / "deep" / "a.jpg", 10)
    bench.run(photos)
    write_photo(photos / "deep" / "b.jpg", 20)
    write_photo(photos / "c.jpg", 30)
    bench.run(photos / "deep")
    assert bench.names() == ["a.jpg", "b.jpg"]


def test_a_watched_folder_inside_is_brought_up_to_date_too(bench: Bench, photos: Path) -> None:
    write_photo(photos / "watched" / "a.jpg", 10)
    bench.store.add_folder(photos / "watched", watched=True)
    bench.run(photos)
    write_photo(photos / "watched" / "b.jpg", 20)
    bench.run(photos)
    assert bench.names() == ["a.jpg", "b.jpg"]


def test_a_missing_path_is_a_problem_and_the_others_go_on(bench: Bench, photos: Path) -> None:
    write_photos(photos, 1)
    problems = bench.run(photos / "missing", photos)
    assert list(problems) == [photos / "missing"]
    assert "does not exist" in problems[photos / "missing"]
    assert len(bench.names()) == 1


def test_a_name_too_long_for_the_system_is_a_problem_too(bench: Bench, photos: Path) -> None:
    assert list(bench.run(photos / ("x" * 5000))) == [photos / ("x" * 5000)]


def test_a_vanished_watched_folder_inside_is_a_problem(bench: Bench, photos: Path) -> None:
    bench.store.add_folder(photos / "watched", watched=True)
    write_photo(photos / "a.jpg")
    problems = bench.run(photos)
    assert list(problems) == [photos / "watched"]
    assert bench.names() == ["a.jpg"]


def test_what_failed_is_tried_again_when_it_is_asked_for(bench: Bench, photos: Path) -> None:
    path = photos / "a.jpg"
    path.write_bytes(b"not yet")
    bench.run(photos)
    (row,) = bench.store.rows()
    assert row.error
    before = path.stat()
    write_photo(path)
    os.truncate(path, path.stat().st_size)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 10))
    bench.run(photos)
    (row,) = bench.store.rows()
    assert (row.error, row.score is not None) == (None, True)


def test_a_folder_that_vanishes_between_two_runs_loses_nothing(bench: Bench, photos: Path) -> None:
    write_photos(photos, 2)
    bench.run(photos)
    shutil.rmtree(photos)
    assert list(bench.run(photos)) == [photos]
    assert sum(bench.store.counts().values()) == 2


def test_a_flat_run_keeps_what_another_folder_s_walk_passed_over(bench: Bench, photos: Path, tmp_path: Path) -> None:
    for folder in (photos, tmp_path / "other"):
        (folder / "deep").mkdir(parents=True)
        for path in (folder / "notes.txt", folder / "deep" / "more.txt"):
            path.write_text("no photo")
    bench.run(photos, tmp_path / "other")
    again = Bench(bench.store)
    again.run(photos, tmp_path / "other", recursive=False)
    assert again.work.passed_over == [photos / "notes.txt", tmp_path / "other" / "notes.txt"]


def test_a_file_passed_over_by_two_walks_is_told_once(bench: Bench, photos: Path) -> None:
    bench.store.add_folder(photos / "inner", watched=True)
    (photos / "inner").mkdir()
    (photos / "inner" / "notes.txt").write_text("no photo")
    bench.run(photos, photos / "inner")
    assert bench.work.passed_over == [photos / "inner" / "notes.txt"]


@pytest.mark.parametrize("file_first", [True, False])
def test_a_file_named_beside_its_folder_is_scored_and_not_passed_over(
    bench: Bench, photos: Path, file_first: bool
) -> None:
    write_photo(photos / "a.jpg", 50)
    named = write_photo(photos / "b.download", 90)
    bench.run(*((named, photos) if file_first else (photos, named)))
    assert sorted(bench.names()) == ["a.jpg", "b.download"]
    assert all(row.score is not None for row in bench.store.rows(bench.ids))
    assert bench.work.passed_over == []


def test_a_copy_is_scored_where_the_file_chosen_has_vanished(bench: Bench, photos: Path) -> None:
    paths = [write_photo(photos / name, 70) for name in ("a.jpg", "b.jpg", "c.jpg")]
    ids, _ = bench.work.find([photos], recursive=True)
    bench.work.read(ids)
    paths[0].unlink()
    paths[2].unlink()
    scorer = FakeScorer()
    assert bench.work.score(ids, scorer) in (1, 2, 3)
    assert scorer.call_count == 1
    assert {row.path.name: row.score is not None for row in bench.store.rows(ids)}["b.jpg"]


class Failing(FakeScorer):
    def score(self, prepared: Sequence[float], should_stop: ShouldStop = never) -> list[Score]:
        raise RuntimeError("the device is gone")


@pytest.mark.expects_log_errors
def test_a_scorer_that_fails_ends_the_run_and_marks_no_photo(bench: Bench, photos: Path) -> None:
    write_photos(photos, 40)
    (photos / "broken.jpg").write_bytes(b"no picture")
    with pytest.raises(DeviceError, match="the device is gone"):
        bench.run(photos, scorer=Failing())
    assert [row.path.name for row in bench.store.rows() if row.error] == ["broken.jpg"]
    assert bench.run(photos) == {}
    assert sum(row.current_score is not None for row in bench.store.rows()) == 40


@pytest.mark.expects_log_errors
def test_the_few_photos_there_are_are_marked_where_none_can_be_scored(bench: Bench, photos: Path) -> None:
    write_photos(photos, 3)
    bench.run(photos, scorer=Failing())
    assert all(row.error and "the device is gone" in row.error for row in bench.store.rows())


def test_what_a_scorer_has_to_say_is_said_once(bench: Bench, photos: Path) -> None:
    write_photos(photos, 20)
    scorer = FakeScorer()
    scorer.notices.append("The graphics card failed; the CPU goes on.")
    bench.run(photos, scorer=scorer)
    assert bench.said == ["The graphics card failed; the CPU goes on."]


def test_a_model_scores_as_many_at_once_as_it_likes(bench: Bench, photos: Path) -> None:
    write_photos(photos, 20)
    scorer = FakeScorer()
    scorer.photos_at_once = 16
    bench.run(photos, scorer=scorer)
    assert scorer.batches == [16, 4]
