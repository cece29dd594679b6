"""What the commands make of their surroundings: logs, limits, and folders that cannot be used."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from maclip_desktop.imaging.limits import USUAL_MAX_PIXELS, max_pixels, set_max_pixels
from maclip_desktop.paths import AppPaths
from maclip_desktop.settings import Settings, save_settings
from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photo, write_photos
from tests.unit.commands.conftest import Run

GPS_IFD, LATITUDE, ARTIST = 0x8825, 2, 0x013B


@pytest.fixture(autouse=True)
def usual_limit() -> Iterator[None]:
    """The limit is the process's own; other tests want it back."""
    yield
    set_max_pixels(USUAL_MAX_PIXELS)


def log_of(paths: AppPaths) -> str:
    file = paths.logs / "commands.log"
    return file.read_text(encoding="utf-8") if file.exists() else ""


class TestLog:
    def test_what_ends_a_command_is_in_the_log(self, run: Run, app_paths: AppPaths) -> None:
        assert run("cull", "--below", "0.3").code == 3
        assert f"LibraryError: There is no library {app_paths.library_file} yet" in log_of(app_paths)

    def test_an_error_of_our_own_is_one_sentence_here_and_a_traceback_there(
        self, run: Run, photos: Path, app_paths: AppPaths, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise KeyError("bug")

        monkeypatch.setattr("maclip_desktop.commands.score.create_scorer", broken)
        done = run("score", photos)
        assert (done.code, done.err.count("\n")) == (3, 1)
        assert "An error inside the program: KeyError: 'bug'" in done.err
        log = log_of(app_paths)
        assert "Traceback" in log and "KeyError: 'bug'" in log

    def test_nothing_that_a_photo_tells_of_somebody_is_in_it(
        self, run: Run, scorer: FakeScorer, photos: Path, app_paths: AppPaths
    ) -> None:
        exif = Image.Exif()
        exif[ARTIST] = "Ann Example"
        exif.get_ifd(GPS_IFD)[LATITUDE] = (48.0, 51.0, 61.4375)
        picture = Image.new("RGB", (60, 40), (250, 128, 114))
        picture.save(photos / "home.jpg", exif=exif)
        whole = (photos / "home.jpg").read_bytes()
        (photos / "cut.jpg").write_bytes(whole[: len(whole) // 2])
        picture.save(photos / "scan.tiff", exif=exif)
        assert run("score", photos, "--verbose").code == 1
        assert run("cull", "--below", "0.3").code == 0
        run("score", photos / "missing.jpg")
        assert run("export", "--out", photos / "no.jpg").code == 2
        log = log_of(app_paths)
        assert log
        for secret in ("Example", "61.4375", "Artist", "GPS"):
            assert secret not in log

    def test_a_log_folder_that_is_none_costs_the_log_only(
        self, run: Run, scorer: FakeScorer, photos: Path, app_paths: AppPaths
    ) -> None:
        write_photos(photos, 2)
        app_paths.logs.parent.mkdir(parents=True)
        app_paths.logs.write_text("in the way")
        done = run("score", photos)
        assert (done.code, len(done.out.splitlines())) == (0, 2)
        assert done.err.splitlines()[-1] == "2 photos scored."
        assert "log" not in done.err.lower().replace(str(app_paths.logs).lower(), "")


class TestDataFolder:
    def test_one_that_cannot_be_made_is_told_of_in_a_sentence(
        self, run: Run, scorer: FakeScorer, photos: Path, app_paths: AppPaths
    ) -> None:
        write_photos(photos, 1)
        app_paths.data.parent.mkdir(parents=True)
        app_paths.data.write_text("in the way")
        done = run("score", photos)
        assert (done.code, done.err.count("\n")) == (3, 1)
        assert f"The folder {app_paths.data} for the library cannot be used" in done.err

    def test_a_missing_home_is_told_of_in_a_sentence(
        self, run: Run, photos: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("MACLIP_HOME")
        for variable in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setattr("os.path.expanduser", lambda path: path)
        done = run("score", photos)
        assert (done.code, done.err.count("\n")) == (3, 1)
        assert "MACLIP_HOME" in done.err


class TestPictureLimit:
    def test_what_is_larger_is_refused_and_said(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        write_photo(photos / "small.jpg", side=900)
        write_photo(photos / "large.jpg", side=1200)
        done = run("score", photos, "--max-megapixels", "1")
        assert done.code == 1
        assert str(photos / "small.jpg") in done.out
        assert "large.jpg" in done.err and "1 million pixels" in done.err

    def test_with_a_higher_limit_it_is_opened_after_all(self, run: Run, scorer: FakeScorer, photos: Path) -> None:
        write_photo(photos / "large.jpg", side=1200)
        assert run("score", photos, "--max-megapixels", "1").code == 1
        assert run("score", photos).code == 0

    def test_without_the_option_the_settings_say_it(
        self, run: Run, scorer: FakeScorer, photos: Path, app_paths: AppPaths
    ) -> None:
        save_settings(Settings(max_megapixels=2), app_paths.settings_file)
        write_photos(photos, 1)
        assert run("score", photos).code == 0
        assert max_pixels() == 2_000_000

    def test_the_window_is_told(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        given: list[object] = []

        def open_window(*arguments: object) -> int:
            given.append(arguments[-1])
            return 0

        monkeypatch.setattr("maclip_desktop.app.run", open_window)
        assert run("--max-megapixels", "500").code == 0
        assert given == [500]

    @pytest.mark.parametrize("command", [["score", "."], ["evaluate", "labels.csv", "--images", "."], []])
    def test_less_than_one_is_wrong_use(
        self, run: Run, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        done = run(*command, "--max-megapixels", "0")
        assert done.code == 2
        assert "--max-megapixels must be 1 or more, not 0." in done.err


def test_a_photo_folder_that_may_only_be_read_is_enough(run: Run, scorer: FakeScorer, photos: Path) -> None:
    write_photos(photos, 3)
    photos.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert run("score", photos).code == 0
    finally:
        photos.chmod(stat.S_IRWXU)
