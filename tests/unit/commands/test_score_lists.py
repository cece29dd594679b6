"""``maclip-desktop score``: its lists, the names in them, and what they never replace."""

import csv
import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photo, write_photos
from tests.unit.commands.conftest import Run


class TestLists:
    def test_json_on_standard_output_is_json_and_nothing_else(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        write_photos(photos, 3)
        (photos / "broken.jpg").write_bytes(b"")
        entries = json.loads(run("score", "--json", "-", photos).out)
        assert [Path(entry["path"]).name for entry in entries] == [
            "IMG_000.jpg",
            "IMG_001.jpg",
            "IMG_002.jpg",
            "broken.jpg",
        ]
        assert entries[0]["scorer"] == "technical"
        assert entries[0]["model_id"] == "fake-1"
        assert (entries[0]["width"], entries[0]["height"]) == (48, 48)

    def test_a_missing_path_has_an_entry(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        (entry,) = json.loads(run("score", "--json", "-", photos / "missing").out)
        assert (entry["score"], entry["path"]) == (None, str(photos / "missing"))
        assert "does not exist" in entry["error"]

    def test_csv_and_json_files_hold_the_same_photos(
        self, run: Run, scorer: FakeScorer, photos: Path, tmp_path: Path
    ) -> None:
        write_photos(photos, 3)
        done = run("score", photos, "--json", tmp_path / "a.json", "--csv", tmp_path / "a.csv")
        assert (done.code, done.out) == (0, "")
        with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
        entries = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
        assert [line["path"] for line in lines] == [entry["path"] for entry in entries]
        assert [float(line["score"]) for line in lines] == pytest.approx(
            [entry["score"] for entry in entries], abs=1e-6
        )

    def test_csv_on_standard_output(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        write_photos(photos, 2)
        lines = list(csv.DictReader(io.StringIO(run("score", photos, "--csv", "-").out)))
        assert [line["name"] for line in lines] == ["IMG_000.jpg", "IMG_001.jpg"]

    def test_a_list_that_cannot_be_written(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        write_photos(photos, 1)
        done = run("score", photos, "--json", photos / "no" / "list.json")
        assert done.code == 3
        assert "its folder does not exist" in done.err
        assert scorer.calls == []

    def test_lines_are_worst_first_with_reasons(self, run: Run, photos: Path) -> None:
        write_photo(photos / "dark.jpg", 4, side=300)
        noise = np.random.default_rng(3).integers(0, 255, (300, 300, 3), np.uint8)
        Image.fromarray(noise).resize((600, 600)).save(photos / "lively.jpg")
        worst, best = run("score", photos, "--scorer", "technical").out.splitlines()
        assert "dark.jpg" in worst
        assert "too dark" in worst
        assert float(worst.split()[0]) < float(best.split()[0])


NAMES = ["with space.jpg", "новый снимок.jpg", "📷.jpg", "-dash.jpg", "=1+1.jpg", "~draft.jpg", "a'b\"c.jpg"]


class TestNames:
    @pytest.mark.parametrize("name", NAMES)
    def test_of_every_kind(self, run: Run, scorer: FakeScorer, photos: Path, name: str) -> None:
        path = write_photo(photos / name)
        done = run("score", photos, "--json", "-")
        assert [entry["path"] for entry in json.loads(done.out)] == [str(path)]
        assert done.code == 0

    def test_that_begins_like_a_home_is_the_file_it_is(
        self, run: Run, scorer: FakeScorer, photos: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_photo(photos / "~draft.jpg")
        monkeypatch.chdir(photos)
        assert run("score", "~draft.jpg").code == 0

    @pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
    def test_with_a_line_break_stays_one_line(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        write_photo(photos / "two\nlines\x1b[31m.jpg")
        assert run("score", photos).out.splitlines()[0].endswith("two\\nlines\\x1b[31m.jpg")
        (entry,) = json.loads(run("score", photos, "--json", "-").out)
        assert entry["path"].endswith("two\nlines\x1b[31m.jpg")

    @pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
    def test_that_is_no_text(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        name = os.fsdecode(b"caf\xe9.jpg")
        os.rename(write_photo(photos / "a.jpg"), photos / name)  # noqa: PTH104
        assert "caf\\udce9.jpg" in run("score", photos).out
        (entry,) = json.loads(run("score", photos / name, "--json", "-").out)
        assert os.fsencode(entry["path"]) == os.fsencode(photos / name)
        (photos / name).write_bytes(b"broken")
        assert run("score", photos).code == 1

    def test_too_long_for_the_system(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        assert run("score", photos / ("x" * 5000)).code == 1


class TestForgottenFile:
    """``--json *.jpg`` takes the first photo for the list's name."""

    @pytest.mark.parametrize("option", ["--json", "--csv"])
    def test_a_photo_is_never_a_list(self, run: Run, scorer: FakeScorer, photos: Path, option: str) -> None:
        first, second = write_photos(photos, 2)
        before = first.read_bytes()
        done = run("score", option, first, second)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert f"{first} is a photo by its name" in done.err
        assert (first.read_bytes(), scorer.call_count) == (before, 0)

    @pytest.mark.parametrize("end", ["", "-wal", "-shm"])
    def test_the_library_is_never_a_list(
        self, run: Run, scorer: FakeScorer, photos: Path, tmp_path: Path, end: str
    ) -> None:
        write_photos(photos, 1)
        library = tmp_path / "my.db"
        done = run("score", photos, "--library", library, "--json", tmp_path / f"my.db{end}")
        assert (done.code, scorer.call_count) == (2, 0)
        assert "belongs to the library" in done.err

    def test_a_photo_of_another_name_that_was_asked_for_is_never_a_list(
        self, run: Run, scorer: FakeScorer, photos: Path
    ) -> None:
        path = write_photo(photos / "scan.raw-file")
        before = path.read_bytes()
        done = run("score", path, "--json", path)
        assert (done.code, path.read_bytes()) == (2, before)
        assert "is one of the photos asked for" in done.err

    def test_two_lists_are_not_written_over_each_other(
        self, run: Run, scorer: FakeScorer, photos: Path, tmp_path: Path
    ) -> None:
        done = run("score", photos, "--json", tmp_path / "list", "--csv", tmp_path / "list")
        assert (done.code, (tmp_path / "list").exists()) == (2, False)

    def test_a_list_is_written_over_the_last_one(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        write_photos(photos, 1)
        for _ in range(2):
            assert run("score", photos, "--json", photos / "list.json").code == 0
