"""``cull`` flags by a rule, ``export`` writes the list."""

import csv
import io
import json
from pathlib import Path

import pytest

from maclip_desktop.commands.cull import parse_share
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.errors import UsageError
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths
from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photo, write_photos
from tests.unit.commands.conftest import Run


@pytest.fixture
def scored(run: Run, scorer: FakeScorer, photos: Path) -> Path:
    """Ten scored photos, the darkest first."""
    write_photos(photos, 10)
    assert run("score", photos).code == 0
    return photos


def flags(app_paths: AppPaths) -> dict[str, Flag]:
    with Store.open(app_paths.library_file) as store:
        return {row.path.stem[-1]: row.flag for row in store.rows()}


def rejects(app_paths: AppPaths) -> str:
    return "".join(name for name, flag in flags(app_paths).items() if flag is Flag.REJECT)


def decide(app_paths: AppPaths, number: int, flag: Flag, by: Decider = Decider.PERSON) -> None:
    with Store.open(app_paths.library_file) as store:
        ids = [row.id for row in store.rows()]
        store.decide([ids[number]], flag, by, "by hand")


class TestCull:
    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            (["--below", "0.2"], "01"),
            (["--below=-1"], ""),
            (["--bottom", "20%"], "01"),
            (["--bottom", "0.3"], "012"),
            (["--bottom", "0%"], ""),
            (["--bottom", "100%"], "0123456789"),
            (["--bottom-count", "4"], "0123"),
            (["--bottom-count", "400"], "0123456789"),
        ],
    )
    def test_flags_the_low_ones(
        self, run: Run, scored: Path, app_paths: AppPaths, rule: list[str], expected: str
    ) -> None:
        done = run("cull", *rule)
        assert (done.code, rejects(app_paths)) == (0, expected)
        assert len(done.out.splitlines()) == len(expected)

    def test_a_dry_run_says_the_same_and_flags_nothing(self, run: Run, scored: Path, app_paths: AppPaths) -> None:
        dry = run("cull", "--bottom-count", "3", "--dry-run")
        assert rejects(app_paths) == ""
        assert "Would be rejected: 3 photos." in dry.err
        assert run("cull", "--bottom-count", "3").out == dry.out

    def test_a_person_s_mark_wins_no_flag_too(self, run: Run, scored: Path, app_paths: AppPaths) -> None:
        decide(app_paths, 0, Flag.PICK)
        decide(app_paths, 1, Flag.REJECT)
        decide(app_paths, 1, Flag.NONE)
        done = run("cull", "--bottom-count", "3")
        assert rejects(app_paths) == "2"
        assert "Left as a person decided: 2 photos." in done.err

    def test_a_second_time_changes_nothing_and_says_so(self, run: Run, scored: Path, app_paths: AppPaths) -> None:
        run("cull", "--bottom-count", "2")
        done = run("cull", "--bottom-count", "2")
        assert "Rejected: 0 photos." in done.err
        assert "Rejected by a rule before: 2 photos." in done.err

    def test_clear_takes_away_what_rules_set_and_nothing_else(
        self, run: Run, scored: Path, app_paths: AppPaths
    ) -> None:
        decide(app_paths, 0, Flag.REJECT)
        run("cull", "--bottom-count", "3")
        done = run("cull", "--clear")
        assert "Cleared: 2 flags set by a rule." in done.err
        assert rejects(app_paths) == "0"

    def test_clear_with_a_rule_begins_afresh_a_dry_run_too(self, run: Run, scored: Path, app_paths: AppPaths) -> None:
        run("cull", "--bottom-count", "5")
        dry = run("cull", "--bottom-count", "2", "--clear", "--dry-run")
        assert "Would be rejected: 2 photos." in dry.err
        assert rejects(app_paths) == "01234"
        run("cull", "--bottom-count", "2", "--clear")
        assert rejects(app_paths) == "01"

    def test_only_below_the_paths_given(self, run: Run, scored: Path, app_paths: AppPaths) -> None:
        run("cull", scored / "IMG_007.jpg", scored / "IMG_008.jpg", "--bottom-count", "5")
        assert rejects(app_paths) == "78"

    def test_a_threshold_above_every_score_is_a_mistake_of_scale(
        self, run: Run, scored: Path, app_paths: AppPaths
    ) -> None:
        done = run("cull", "--below", "30")
        assert done.code == 2
        assert "means every photo: the scores here go from" in done.err
        assert rejects(app_paths) == ""

    def test_the_lowest_are_listed_first(self, run: Run, scored: Path) -> None:
        values = [float(line.split()[0]) for line in run("cull", "--bottom-count", "4").out.splitlines()]
        assert values == sorted(values)
        assert len(values) == 4

    def test_photos_without_a_score_are_counted_and_left(self, run: Run, scored: Path, app_paths: AppPaths) -> None:
        (scored / "broken.jpg").write_bytes(b"no picture")
        run("score", scored)
        assert "Could not be read, not touched: 1 photo." in run("cull", "--bottom", "100%").err

    @pytest.mark.parametrize(
        "arguments",
        [
            [],
            ["--bottom", "120%"],
            ["--bottom", "-1%"],
            ["--bottom", "many"],
            ["--bottom", "nan"],
            ["--bottom-count", "-1"],
            ["--bottom-count", "1.5"],
            ["--below", "low"],
            ["--below", "nan"],
            ["--below", "0.2", "--bottom", "20%"],
        ],
    )
    def test_wrong_use(self, run: Run, scored: Path, app_paths: AppPaths, arguments: list[str]) -> None:
        assert run("cull", *arguments).code == 2
        assert rejects(app_paths) == ""

    def test_paths_the_library_does_not_know(self, run: Run, scored: Path) -> None:
        done = run("cull", scored / "missing", "--bottom", "20%")
        assert done.code == 3
        assert "The library holds no photos at" in done.err

    @pytest.mark.parametrize(("text", "share"), [("20%", 0.2), ("0.2", 0.2), ("0%", 0), ("100%", 1), ("33.3%", 0.333)])
    def test_a_share_is_a_percentage_or_a_fraction(self, text: str, share: float) -> None:
        assert parse_share(text) == pytest.approx(share)

    def test_twenty_without_a_sign_is_no_share(self) -> None:
        with pytest.raises(UsageError, match="between 0% and 100%"):
            parse_share("20")


class TestExport:
    @pytest.fixture(autouse=True)
    def flagged(self, scored: Path, app_paths: AppPaths) -> None:
        decide(app_paths, 5, Flag.REJECT)
        decide(app_paths, 2, Flag.REJECT, Decider.RULE)
        decide(app_paths, 9, Flag.PICK)

    @pytest.mark.parametrize(
        ("select", "expected"), [("rejects", "25"), ("picks", "9"), ("unflagged", "0134678"), ("all", "0123456789")]
    )
    def test_selects_worst_first(self, run: Run, select: str, expected: str) -> None:
        lines = run("export", "--format", "txt", "--select", select).out.splitlines()
        assert "".join(Path(line).stem[-1] for line in lines) == expected

    def test_csv_is_the_form_and_rejects_the_selection_unless_told_otherwise(self, run: Run) -> None:
        lines = list(csv.DictReader(io.StringIO(run("export").out)))
        assert [(line["name"], line["flag"], line["decided_by"]) for line in lines] == [
            ("IMG_002.jpg", "reject", "rule"),
            ("IMG_005.jpg", "reject", "person"),
        ]

    def test_json(self, run: Run) -> None:
        entries = json.loads(run("export", "--format", "json", "--select", "picks").out)
        assert [(entry["flag"], entry["decided_by"]) for entry in entries] == [("pick", "person")]

    def test_the_name_of_the_file_tells_the_form(self, run: Run, tmp_path: Path, scored: Path) -> None:
        run("export", "--select", "all", "--out", tmp_path / "list.json")
        assert len(json.loads((tmp_path / "list.json").read_text())) == 10

    def test_to_a_file(self, run: Run, tmp_path: Path, scored: Path) -> None:
        done = run("export", "--format", "txt", "--out", tmp_path / "list.txt")
        assert done.out == ""
        assert (tmp_path / "list.txt").read_text().splitlines() == [
            str(scored / "IMG_002.jpg"),
            str(scored / "IMG_005.jpg"),
        ]

    def test_a_dry_run_writes_nothing(self, run: Run, tmp_path: Path) -> None:
        done = run("export", "--out", tmp_path / "list.csv", "--dry-run")
        assert (done.code, done.out) == (0, "")
        assert f"Would be written to {tmp_path / 'list.csv'}: 2 photos." in done.err
        assert not (tmp_path / "list.csv").exists()

    def test_only_below_the_paths_given(self, run: Run, scored: Path) -> None:
        done = run("export", scored / "IMG_005.jpg", "--format", "txt")
        assert done.out.splitlines() == [str(scored / "IMG_005.jpg")]

    def test_a_name_no_text_list_can_hold_is_refused(self, run: Run, photos: Path) -> None:
        try:
            write_photo(photos / "two\nlines.jpg", 3)
        except OSError:
            pytest.skip("no such names here")
        run("score", photos)
        assert run("export", "--format", "txt", "--select", "all").code == 3
        assert run("export", "--format", "json", "--select", "all").code == 0

    @pytest.mark.parametrize("arguments", [["--format", "xls"], ["--select", "best"], ["--what"]])
    def test_wrong_use(self, run: Run, arguments: list[str]) -> None:
        assert run("export", *arguments).code == 2

    def test_a_place_that_cannot_be_written(self, run: Run, tmp_path: Path) -> None:
        assert run("export", "--out", tmp_path).code == 3


@pytest.mark.parametrize("command", [["cull", "--below", "0.5"], ["export"]])
def test_a_mistyped_library_is_named_and_not_made(run: Run, tmp_path: Path, command: list[str]) -> None:
    done = run(*command, "--library", tmp_path / "libary.db")
    assert done.code == 3
    assert f"There is no library {tmp_path / 'libary.db'} yet" in done.err
    assert not (tmp_path / "libary.db").exists()


class TestNothingPreciousIsReplaced:
    def test_the_library(self, run: Run, scored: Path, app_paths: AppPaths) -> None:
        done = run("export", "--select", "all", "--out", app_paths.library_file)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert "belongs to the library" in done.err
        with Store.open(app_paths.library_file) as store:
            assert len(list(store.rows())) == 10

    def test_another_library(self, run: Run, scored: Path, tmp_path: Path) -> None:
        Store.open(tmp_path / "other.db").close()
        before = (tmp_path / "other.db").read_bytes()
        assert run("export", "--out", tmp_path / "other.db").code == 3
        assert (tmp_path / "other.db").read_bytes() == before

    def test_a_photo(self, run: Run, scored: Path) -> None:
        photo = scored / "IMG_000.jpg"
        before = photo.read_bytes()
        done = run("export", "--out", photo)
        assert (done.code, photo.read_bytes()) == (2, before)
        assert f"{photo} is a photo by its name" in done.err


@pytest.mark.parametrize("command", [["cull", "--below", "0.5"], ["export"]])
def test_a_library_whose_name_the_system_refuses_is_one_sentence(run: Run, command: list[str]) -> None:
    done = run(*command, "--library", "x" * 300)
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "cannot be opened (File name too long)" in done.err


def test_an_earlier_model_s_scores_are_counted_and_left_alone(run: Run, photos: Path, app_paths: AppPaths) -> None:
    write_photos(photos, 3)
    assert run("score", photos, "--scorer", "technical").code == 0
    with Store.open(app_paths.library_file) as store:
        store.set_current_model("technical-later", "technical")
    done = run("cull", "--below", "0.99")
    assert "Rejected: 0 photos." in done.err
    assert (
        "Scored by an earlier model only, not touched: 3 photos; 'maclip-desktop score' scores them again." in done.err
    )
    assert "Without a score" not in done.err
