"""``maclip-desktop score``: exit codes, libraries, files and options, and what it says of them."""

import json
import logging
import os
import shutil
import struct
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

    def test_a_film_without_a_photo_is_passed_over_in_so_many_words(
        self, run: Run, scorer: FakeScorer, photos: Path
    ) -> None:
        (photos / "alone.MOV").write_bytes(b"a film")
        for asked in (photos / "alone.MOV", photos):
            done = run("score", asked)
            assert (done.code, done.out) == (0, "")
            assert "Passed over, because they are films without a photo of the same name: 1 file." in done.err

    def test_a_film_without_a_photo_is_accounted_for(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        write_photo(photos / "IMG_1.jpg")
        for name in ("IMG_1.mov", "alone.mov", "deep/alone.mov"):
            (photos / name).parent.mkdir(exist_ok=True)
            (photos / name).write_bytes(b"a film")
        photo, film = json.loads(run("score", photos, "--no-recursive", "--json", "-").out)
        assert photo["files"] == [str(photos / "IMG_1.jpg"), str(photos / "IMG_1.mov")]
        assert (film["path"], film["score"]) == (str(photos / "alone.mov"), None)
        assert "is a film without a photo of the same name and was passed over" in film["error"]
        everything = json.loads(run("score", photos, photos / "alone.mov", "--json", "-").out)
        assert [Path(entry["path"]).name for entry in everything].count("alone.mov") == 2

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

    def test_the_list_names_no_photo_where_it_is_no_more(
        self, run: Run, scorer: FakeScorer, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_photo(photos / "old.jpg")
        write_photo(photos / "deep" / "deleted.jpg", 90)

        def changes(*_: object) -> Iterator[list[Path]]:
            shutil.rmtree(photos / "deep")
            yield [(photos / "old.jpg").rename(photos / "new.jpg")]

        monkeypatch.setattr(score_command, "changed_photos", changes)
        monkeypatch.setattr(score_command, "_interrupts", lambda: lambda: True)
        assert run("score", photos, "--watch", "--json", tmp_path / "list.json").code == 0
        entries = json.loads((tmp_path / "list.json").read_text())
        assert [entry["path"] for entry in entries] == [str(photos / "new.jpg")]

    def test_a_photo_that_is_deleted_last_is_not_in_the_list_at_the_end(
        self, run: Run, scorer: FakeScorer, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = write_photos(photos, 2)

        def changes(*_: object) -> Iterator[list[Path]]:
            first.unlink()
            yield from ()

        monkeypatch.setattr(score_command, "changed_photos", changes)
        monkeypatch.setattr(score_command, "_interrupts", lambda: lambda: True)
        run("score", photos, "--watch", "--json", tmp_path / "list.json")
        entries = json.loads((tmp_path / "list.json").read_text())
        assert [entry["path"] for entry in entries] == [str(second)]

    def test_the_list_goes_on_naming_photos_of_a_folder_that_is_away(
        self, run: Run, scorer: FakeScorer, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_photo(photos / "card" / "old.jpg")
        disk = tmp_path / "disk"
        disk.mkdir()

        def changes(*_: object) -> Iterator[list[Path]]:
            (photos / "card").rename(tmp_path / "card")
            yield [write_photo(disk / "new.jpg", 90)]

        monkeypatch.setattr(score_command, "changed_photos", changes)
        monkeypatch.setattr(score_command, "_interrupts", lambda: lambda: True)
        run("score", photos / "card", disk, "--watch", "--csv", tmp_path / "list.csv")
        assert [name in (tmp_path / "list.csv").read_text() for name in ("old.jpg", "new.jpg")] == [True, True]


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
