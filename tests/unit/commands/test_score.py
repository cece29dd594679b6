"""``maclip-desktop score``: exit codes, lists, and what it says."""

import csv
import io
import json
import logging
import os
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from maclip_desktop.commands import score as score_command
from maclip_desktop.errors import DeviceError
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths
from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photo, write_photos
from tests.unit.commands.conftest import Run


class TestExitCodes:
    def test_done(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        write_photos(photos, 3)
        done = run("score", photos)
        assert (done.code, done.err.splitlines()[-1]) == (0, "3 photos scored.")

    def test_an_empty_folder_is_done(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        done = run("score", photos)
        assert (done.code, done.out) == (0, "")
        assert "No photos were found there." in done.err

    def test_some_failed_and_are_listed(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        write_photos(photos, 2)
        (photos / "broken.jpg").write_bytes(b"no picture")
        done = run("score", photos)
        assert done.code == 1
        assert f"{photos / 'broken.jpg'} is no picture" in done.err
        assert "2 photos scored, 1 could not be." in done.err

    def test_a_missing_path_failed_and_the_others_are_scored(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        write_photos(photos, 2)
        done = run("score", photos / "missing", photos)
        assert done.code == 1
        assert f"{photos / 'missing'} does not exist" in done.err
        assert len(done.out.splitlines()) == 2

    def test_files_that_are_no_photos_fail_nothing_and_are_accounted_for(
        self, run: Run, scorer: FakeScorer, photos: Path
    ) -> None:
        write_photos(photos, 2)
        (photos / "notes.txt").write_text("no photo")
        done = run("score", photos, "--json", photos / "out.json")
        assert done.code == 0
        assert "Passed over, because they are no photos by their names: 1 file." in done.err
        entries = json.loads((photos / "out.json").read_text())
        (notes,) = [entry for entry in entries if entry["path"].endswith("notes.txt")]
        assert (notes["score"], len(entries)) == (None, 3)
        assert "passed over" in notes["error"]

    @pytest.mark.parametrize(
        "arguments",
        [
            ["score"],
            ["score", "--no-such-option", "x"],
            ["score", "x", "--scorer", "magic"],
            ["score", "x", "--json", "-", "--csv", "-"],
            ["score", "x", "--scorer", "technical", "--weights", "w.pt"],
            ["score", "x", "--backbone", "RN5000"],
            ["score", "x", "--protocol", "whole"],
            ["score", "x", "--box-lambda", "nan"],
            ["score", "x", "--alpha", "much"],
            ["score", "x", "--watch", "--json", "-"],
            ["score", "missing", "--watch"],
        ],
    )
    def test_wrong_use(self, run: Run, arguments: list[str]) -> None:
        assert run(*arguments).code == 2

    def test_weights_that_are_missing(self, run: Run, photos: Path) -> None:
        write_photo(photos / "a.jpg")
        done = run("score", photos, "--scorer", "maclip", "--weights", photos / "none.safetensors")
        assert done.code == 3
        assert str(photos / "none.safetensors") in done.err

    def test_weights_that_are_none(self, run: Run, photos: Path) -> None:
        write_photo(photos / "a.jpg")
        weights = photos / "notes.pt"
        weights.write_text("these are no weights")
        done = run("score", photos, "--weights", weights)
        assert done.code == 3
        assert str(weights) in done.err

    def test_a_device_that_fails_in_the_middle(self, run: Run, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_photos(photos, 3)
        broken = FakeScorer(spoiled_below=2, error=lambda: DeviceError("The GPU has fallen off the bus."))
        monkeypatch.setattr(score_command, "create_scorer", lambda *_, **__: broken)
        done = run("score", photos)
        assert (done.code, done.err.splitlines()[-1]) == (3, "maclip-desktop: The GPU has fallen off the bus.")

    def test_stopped_from_the_keyboard(self, run: Run, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_photos(photos, 20)
        stopped = FakeScorer(spoiled_below=0.5, error=KeyboardInterrupt)  # type: ignore[arg-type]
        monkeypatch.setattr(score_command, "create_scorer", lambda *_, **__: stopped)
        done = run("score", photos)
        assert (done.code, done.err.splitlines()[-1]) == (
            130,
            "Stopped. What was scored is in the library; no list was written.",
        )


class TestTheLibrary:
    def test_that_is_a_text_file(self, run: Run, scorer: FakeScorer, photos: Path, tmp_path: Path) -> None:
        library = tmp_path / "notes.txt"
        library.write_text("not a library")
        done = run("score", photos, "--library", library)
        assert (done.code, done.err.count("\n")) == (3, 1)
        assert library.read_text() == "not a library"

    def test_of_another_program(self, run: Run, scorer: FakeScorer, photos: Path, tmp_path: Path) -> None:
        library = tmp_path / "other.db"
        _sqlite(library, "CREATE TABLE theirs (x)")
        done = run("score", photos, "--library", library)
        assert done.code == 3
        assert "another program" in done.err

    def test_of_a_newer_version(self, run: Run, scorer: FakeScorer, photos: Path, tmp_path: Path) -> None:
        library = tmp_path / "library.db"
        Store.open(library).close()
        _sqlite(library, "PRAGMA user_version = 999")
        done = run("score", photos, "--library", library)
        assert done.code == 3
        assert "newer version" in done.err

    def test_that_is_a_folder(self, run: Run, scorer: FakeScorer, photos: Path, tmp_path: Path) -> None:
        assert run("score", photos, "--library", tmp_path).code == 3

    def test_that_somebody_else_holds(
        self, run: Run, scorer: FakeScorer, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import sqlite3

        library = tmp_path / "library.db"
        Store.open(library).close()
        opened = Store.open
        monkeypatch.setattr(Store, "open", lambda path: opened(path, busy_timeout_ms=50))
        holder = sqlite3.connect(library, isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        try:
            done = run("score", photos, "--library", library)
        finally:
            holder.close()
        assert done.code == 3
        assert "in use by another program" in done.err

    def test_is_the_one_named_and_no_other(
        self, run: Run, scorer: FakeScorer, photos: Path, tmp_path: Path, app_paths: AppPaths
    ) -> None:
        write_photos(photos, 1)
        run("score", photos, "--library", tmp_path / "mine.db")
        assert (tmp_path / "mine.db").is_file()
        assert not app_paths.library_file.exists()

    def test_a_second_run_calls_the_model_for_nothing(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        write_photos(photos, 3)
        first, calls = run("score", photos), scorer.call_count
        second = run("score", photos)
        assert (first.out, scorer.call_count) == (second.out, calls)

    def test_one_photo_has_one_entry_however_its_folder_is_named(
        self, run: Run, scorer: FakeScorer, photos: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_photo(photos / "deep" / "a.jpg")
        monkeypatch.chdir(photos / "deep")
        run("score", "..")
        run("score", ".")
        done = run("score", "--json", "-", photos, "../../photos", "../deep/a.jpg")
        assert [entry["path"] for entry in json.loads(done.out)] == [str(photos / "deep" / "a.jpg")]


class TestHostileFiles:
    def failed(self, run: Run, path: Path) -> str:
        done = run("score", path, "--scorer", "technical", "--json", "-")
        assert done.code == 1
        (entry,) = json.loads(done.out)
        assert (entry["path"], entry["score"]) == (str(path), None)
        assert entry["error"] in done.err
        return str(entry["error"])

    def test_a_file_that_is_no_image(self, run: Run, photos: Path) -> None:
        path = photos / "a.jpg"
        path.write_text("hello")
        assert "is no picture" in self.failed(run, path)

    def test_an_empty_file(self, run: Run, photos: Path) -> None:
        path = photos / "a.jpg"
        path.touch()
        assert "is empty" in self.failed(run, path)

    def test_a_photo_that_is_cut_off(self, run: Run, photos: Path) -> None:
        path = write_photo(photos / "a.jpg", side=300)
        path.write_bytes(path.read_bytes()[:400])
        assert str(path) in self.failed(run, path)

    def test_a_png_that_claims_to_be_huge(self, run: Run, photos: Path) -> None:
        path = photos / "bomb.png"
        path.write_bytes(_png_header(90_000, 90_000))
        assert "too large to open safely" in self.failed(run, path)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
    def test_a_pipe_that_would_wait_for_ever(self, run: Run, photos: Path) -> None:
        os.mkfifo(photos / "pipe.jpg")
        done = run("score", photos / "pipe.jpg", "--scorer", "technical")
        assert done.code == 1

    def test_a_photo_of_one_pixel_and_an_animation_are_scored(self, run: Run, photos: Path) -> None:
        Image.new("RGB", (1, 1), "red").save(photos / "one.png")
        frames = [Image.fromarray(np.full((40, 40), shade, np.uint8)) for shade in (10, 200)]
        frames[0].save(photos / "moving.gif", save_all=True, append_images=frames[1:])
        done = run("score", photos, "--scorer", "technical", "--json", "-")
        assert done.code == 0
        entries = json.loads(done.out)
        assert [(entry["error"], 0 <= entry["score"] <= 1) for entry in entries] == [(None, True)] * 2


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


def _sqlite(path: Path, statement: str) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def _png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IEND", b"")
    )


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


class TestWeightsAsTyped:
    def test_the_home_is_found(self, run: Run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        done = run("score", photos, "--weights=~/w.pt")
        assert done.code == 3
        assert f"There is no weights file {tmp_path / 'w.pt'}" in done.err

    def test_a_name_the_system_refuses_is_one_sentence(self, run: Run, photos: Path) -> None:
        done = run("score", photos, "--weights", "x" * 300)
        assert (done.code, done.err.count("\n")) == (3, 1)
        assert "cannot be read (File name too long)" in done.err


class TestWatching:
    def test_what_comes_is_said_as_ever_and_what_fails_with_its_reason(
        self, run: Run, photos: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def changes(*_: object) -> Iterator[list[Path]]:
            write_photo(photos / "dark.jpg", 4, side=300)
            (photos / "bad.jpg").write_bytes(b"no picture")
            yield [photos]

        monkeypatch.setattr(score_command, "changed_photos", changes)
        monkeypatch.setattr(score_command, "_interrupts", lambda: lambda: True)
        done = run("score", photos, "--scorer", "technical", "--watch")
        assert done.code == 1
        [line] = done.out.splitlines()
        assert line.endswith("dark.jpg  - Measures as too dark.")
        assert f"{photos / 'bad.jpg'} is no picture this program can read" in done.err


class TestOptionsOfMaclip:
    """The technical scorer has no use for them; its scores would be taken for what was asked for."""

    @pytest.mark.parametrize(
        "options",
        [
            ("--backbone", "RN101"),
            ("--protocol", "native"),
            ("--device", "cuda"),
            ("--precision", "float16"),
            ("--box-lambda", "0"),
            ("--magnitude", "l2"),
            ("--fixed-weight", "0.5"),
        ],
    )
    def test_are_refused_where_it_is_asked_for(self, run: Run, photos: Path, options: tuple[str, str]) -> None:
        done = run("score", photos, "--scorer", "technical", *options)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert f"{options[0]} is for MA-CLIP" in done.err

    def test_are_refused_where_it_stands_in_for_want_of_weights(
        self, run: Run, photos: Path, app_paths: AppPaths
    ) -> None:
        done = run("score", photos, "--device", "cuda", "--alpha", "2")
        assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)
        assert f"--device and --alpha are for MA-CLIP, and there are no CLIP RN50 weights in {app_paths.weights}" in (
            done.err
        )

    def test_what_it_does_anyway_may_be_asked_for(self, run: Run, photos: Path) -> None:
        write_photos(photos, 1)
        done = run("score", photos, "--scorer", "technical", "--device", "cpu", "--precision", "float32")
        assert done.code == 0


def test_what_pillow_logs_of_damaged_files_is_only_said_with_verbose(
    run: Run, scorer: FakeScorer, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = logging.getLogger("PIL")
    before = log.level
    try:
        run("score", photos)
        assert not log.getChild("TiffImagePlugin").isEnabledFor(logging.ERROR)
        run("score", photos, "--verbose")
        assert log.getChild("TiffImagePlugin").isEnabledFor(logging.ERROR)
    finally:
        log.setLevel(before)
