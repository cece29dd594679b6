"""``maclip-desktop bench``: options, what it prints, what it leaves behind."""

import functools
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from maclip_desktop.benchmark.report import STANDIN_NOTE
from maclip_desktop.benchmark.run import Wish, run_benchmark
from maclip_desktop.benchmark.table import WIDTH
from maclip_desktop.commands import bench
from maclip_desktop.paths import AppPaths
from tests.helpers.pictures import write_photo, write_photos
from tests.unit.benchmark.helping import here
from tests.unit.commands.conftest import Run

SMALL = ("--megapixels", "0.05")
TINY_ROUTE = ("--protocol", "resize224", "--device", "cpu", "--precision", "float32")


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made: looked at afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without processes of their own for the parts, which take a second to start."""

    monkeypatch.setattr(bench, "run_benchmark", functools.partial(run_benchmark, do_apart=here))


@pytest.mark.usefixtures("in_this_process")
class TestWithTheTechnicalScorer:
    def test_generated_photos_give_a_table_and_leave_nothing(self, run: Run, places: Path, app_paths: AppPaths) -> None:
        done = run("bench", "--scorer", "technical", "--count", 3, *SMALL)
        lines = done.out.splitlines()
        assert done.code == 0
        assert "the technical scorer" in lines[0]
        assert lines[1].startswith("3 generated photos: 0.1 megapixels")
        assert max(map(len, lines)) <= WIDTH
        assert list(places.iterdir()) == []
        assert not app_paths.data.exists()

    def test_own_photos_are_measured_and_left_as_they_are(self, run: Run, photos: Path) -> None:
        before = {path: path.read_bytes() for path in write_photos(photos, 4)}
        done = run("bench", "--scorer", "technical", "--photos", photos, "--json", "-")
        found = json.loads(done.out)
        assert (found["photos"]["scored"], found["photos"]["generated"]) == (4, False)
        assert {path: path.read_bytes() for path in photos.iterdir()} == before

    def test_paths_and_a_number(self, run: Run, photos: Path) -> None:
        write_photos(photos / "some", 4)
        single = write_photo(photos / "single.jpg", 200)
        done = run("bench", single, photos / "some", "--scorer", "technical", "--count", 3, "--json", "-")
        assert json.loads(done.out)["photos"]["scored"] == 3

    def test_json_goes_beside_the_table(self, run: Run, photos: Path, tmp_path: Path) -> None:
        write_photos(photos, 2)
        done = run("bench", photos, "--scorer", "technical", "--json", tmp_path / "out.json")
        assert "milliseconds a photo" in done.out
        found = json.loads((tmp_path / "out.json").read_text())
        assert found["scorer"] == "technical" and found["milliseconds"]["decode"] > 0

    def test_photos_that_fail_are_listed(self, run: Run, photos: Path) -> None:
        write_photos(photos, 2)
        (photos / "broken.jpg").write_bytes(b"no picture")
        done = run("bench", photos, "--scorer", "technical")
        assert done.code == 1
        assert f"{photos / 'broken.jpg'} is no picture" in done.err
        assert "2 photos" in done.out

    def test_nothing_to_measure_is_said(self, run: Run, photos: Path) -> None:
        done = run("bench", photos, "--scorer", "technical")
        assert (done.code, done.out) == (1, "")
        assert "nothing to tell" in done.err

    def test_ctrl_c_leaves_nothing(self, run: Run, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(subject: Any, *others: Any) -> None:
            assert len(list((subject.workplace / "photos").iterdir())) == 2
            raise KeyboardInterrupt

        monkeypatch.setattr(bench, "run_benchmark", interrupted)
        done = run("bench", "--scorer", "technical", "--count", 2, *SMALL)
        assert done.code == 130
        assert "nothing is kept" in done.err
        assert list(places.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--count", "0"), "--count"),
        (("--megapixels", "0"), "--megapixels"),
        (("--megapixels", "1e9"), "--megapixels"),
        (("--megapixels", "nan"), "--megapixels"),
        (("--json", "photo.jpg"), "photo.jpg"),
        (("--backbone", "RN49"), "RN49"),
    ],
)
def test_wrong_use_is_one_sentence(run: Run, options: tuple[str, str], word: str) -> None:
    done = run("bench", *options)
    assert done.code == 2
    assert word in done.err


def test_a_missing_file_of_weights_is_one_sentence(run: Run, tmp_path: Path, places: Path) -> None:
    done = run("bench", "--weights", tmp_path / "none.pt", "--count", 1, *SMALL)
    assert done.code == 3
    assert str(tmp_path / "none.pt") in done.err
    assert list(places.iterdir()) == []


@pytest.mark.usefixtures("in_this_process")
def test_without_weights_stand_ins_are_measured_and_labelled(run: Run, places: Path, app_paths: AppPaths) -> None:
    done = run("bench", "--count", 2, *SMALL, *TINY_ROUTE, "--json", "-")
    found = json.loads(done.out)
    assert done.code == 0
    assert found["note"] == STANDIN_NOTE and STANDIN_NOTE in done.err
    assert "standin" in found["model_id"]
    assert found["photos"]["scored"] == found["baseline"]["photos"] == 2
    assert found["baseline"]["difference"]["largest"] < 1e-5
    assert found["milliseconds"]["model"] > 0
    assert list(places.iterdir()) == []
    assert not app_paths.data.exists()


def test_what_is_to_be_measured_is_handed_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    wishes: list[Wish] = []

    def note(subject: Any, generated: bool, wish: Wish, *others: Any) -> None:
        wishes.append(wish)
        raise KeyboardInterrupt

    monkeypatch.setattr(bench, "run_benchmark", note)
    run("bench", "--count", 1, *SMALL)
    run("bench", "--count", 1, *SMALL, "--compare-precisions", "--no-baseline")
    assert wishes == [Wish(plain_way=True, precisions=False), Wish(plain_way=False, precisions=True)]
