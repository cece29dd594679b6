"""The other commands, as far as they go without a window, and what all have in common."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from maclip_desktop import __version__, cli
from maclip_desktop.cli import COMMANDS, main
from maclip_desktop.commands import NAMES, doctor
from maclip_desktop.commands.user_paths import whole
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.factory import ScorerChoice
from maclip_desktop.scoring.parameters import MaclipParameters, Protocol
from tests.unit.commands.conftest import Run


class TestHelp:
    def test_the_version(self, run: Run) -> None:
        done = run("--version")
        assert (done.code, done.out.strip()) == (0, f"MaClip Desktop {__version__}")

    @pytest.mark.parametrize("command", [[], ["demo"], ["score"], ["cull"], ["export"], ["doctor"]])
    def test_every_command_explains_itself(self, run: Run, command: list[str]) -> None:
        done = run(*command, "--help")
        assert done.code == 0
        assert "--library" in done.out

    def test_every_command_is_named_with_what_it_is_for(self, run: Run) -> None:
        text = run("--help").out
        for name, command in COMMANDS.items():
            assert f"\n  {name} " in text
            assert command().SUMMARY in " ".join(text.split())
        assert max(map(len, text.splitlines())) <= 80

    @pytest.mark.parametrize("wrong", [["--frobnicate"], ["score"], ["score", "a", "--alpha", "x"], ["weights", "x"]])
    def test_wrong_use_is_one_sentence_that_says_where_help_is(self, run: Run, wrong: list[str]) -> None:
        done = run(*wrong)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert done.err.startswith("maclip-desktop: ")
        assert "--help' explains." in done.err

    @pytest.mark.parametrize("command", [["score", "x"], ["library", "stats"], ["export"]])
    def test_an_option_that_a_command_does_not_have_leads_to_the_help_of_that_command(
        self, run: Run, command: list[str]
    ) -> None:
        done = run(*command, "--frobnicate")
        assert (done.code, done.out) == (2, "")
        assert f"Unrecognized arguments: --frobnicate; 'maclip-desktop {command[0]} --help' explains." in done.err


class TestWindow:
    def test_a_folder_that_is_missing_or_none(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        for path in (tmp_path / "missing", tmp_path / "file", tmp_path / ("x" * 5000)):
            done = run(path)
            assert done.code == 3
            assert f"{path} is no folder that can be opened" in done.err

    def test_where_there_is_no_screen(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        for variable in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
            monkeypatch.delenv(variable, raising=False)
        monkeypatch.setattr("maclip_desktop.display.has_display", lambda: False)
        done = run()
        assert done.code == 3
        assert "There is no screen" in done.err

    def test_how_to_score_reaches_the_window_without_a_scorer_or_weights_being_named(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given: list[ScorerChoice] = []

        def open_window(*arguments: Any) -> int:
            given.append(arguments[3])
            return 0

        monkeypatch.setattr("maclip_desktop.app.run", open_window)
        assert run("--protocol", "native", "--device", "cpu").code == 0
        assert given == [ScorerChoice(device="cpu", parameters=MaclipParameters(protocol=Protocol.NATIVE))]

    def test_a_mistyped_command_is_recognised(self, run: Run) -> None:
        assert "If you meant the command: 'maclip-desktop score'." in run("scroe", "somewhere").err

    def test_every_command_has_its_name_where_mistypes_are_looked_up(self) -> None:
        assert tuple(COMMANDS) == NAMES


class TestDemo:
    def test_options_of_maclip_are_not_passed_over_for_want_of_weights(self, run: Run, tmp_path: Path) -> None:
        done = run("demo", "--headless", "--device", "cuda", "--out", tmp_path / "out")
        assert done.code == 3
        assert "there are no CLIP RN50 weights" in done.err
        assert not (tmp_path / "out").exists()

    def test_a_place_that_cannot_be_made(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        assert run("demo", "--headless", "--out", tmp_path / "file" / "demo").code == 3

    def test_somebody_s_list_is_never_replaced(self, run: Run, tmp_path: Path) -> None:
        treasure = tmp_path / "pictures" / "culling_list.csv"
        treasure.parent.mkdir()
        treasure.write_text("mine")
        done = run("demo", "--headless", "--out", treasure.parent)
        assert done.code == 2
        assert f"{treasure} is there already and not from a demo" in done.err
        assert treasure.read_text() == "mine"

    def test_somebody_s_photos_are_never_emptied(self, run: Run, tmp_path: Path) -> None:
        treasure = tmp_path / "pictures" / "photos" / "only copy.jpg"
        treasure.parent.mkdir(parents=True)
        treasure.touch()
        done = run("demo", "--headless", "--out", tmp_path / "pictures")
        assert done.code == 3
        assert f"{treasure} is not from a demonstration" in done.err
        assert list(treasure.parent.iterdir()) == [treasure]


class TestDoctor:
    def test_a_healthy_machine(self, run: Run, app_paths: AppPaths) -> None:
        done = run("doctor")
        assert f"MaClip Desktop: {__version__}" in done.out
        assert f"{app_paths.library_file} will be made at the first start" in done.out
        assert "CLIP weights: none" in done.out
        broken = [line for line in done.out.splitlines() if line.startswith("FAIL")]
        assert done.code == (3 if broken else 0)
        assert not app_paths.library_file.exists()

    def test_a_library_that_is_none_must_be_mended(
        self, run: Run, app_paths: AppPaths, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(doctor, "_qt_libraries", lambda: doctor.Finding("Qt", "starts"))
        app_paths.data.mkdir(parents=True)
        app_paths.library_file.write_text("no library")
        done = run("doctor")
        assert done.code == 3
        assert "FAIL  library: " in done.out
        assert "is not a library file" in done.out

    def test_a_library_that_is_one(self, app_paths: AppPaths) -> None:
        Store.open(app_paths.library_file).close()
        assert doctor._library(app_paths.library_file).mend == ""

    def test_weights_that_are_damaged_have_a_mend(self, app_paths: AppPaths) -> None:
        app_paths.weights.mkdir(parents=True)
        (app_paths.weights / "RN50.maclip.safetensors").write_bytes(b"\x10" + bytes(7) + b"{")
        found = doctor._weights(app_paths)
        assert "is damaged or incomplete" in found.says
        assert "weights download" in found.mend
        assert found.needed

    def test_a_package_that_is_missing_has_a_mend(self) -> None:
        assert doctor._package("no-such-package-anywhere").mend

    def test_little_space_is_said(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1))
        assert doctor._space(tmp_path / "not" / "yet").mend


class TestPathsAsTyped:
    def test_the_home(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        assert whole("~/a.jpg") == tmp_path / "a.jpg"

    def test_what_only_looks_like_a_home(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)
        assert whole(Path("~nobody-of-this-name.jpg")) == tmp_path / "~nobody-of-this-name.jpg"

    def test_dots_lead_where_the_links_lead(self, tmp_path: Path) -> None:
        (tmp_path / "real" / "deep").mkdir(parents=True)
        try:
            (tmp_path / "link").symlink_to(tmp_path / "real" / "deep")
        except OSError:
            pytest.skip("no links here")
        assert whole(tmp_path / "link" / ".." / "a.jpg") == (tmp_path / "real" / "a.jpg").resolve()
        assert whole(tmp_path / "link" / "a.jpg") == tmp_path / "link" / "a.jpg"


class TestDoctorOfAPackedProgram:
    @pytest.fixture(autouse=True)
    def packed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.frozen", True, raising=False)

    def test_does_not_start_itself_in_place_of_python(self, monkeypatch: pytest.MonkeyPatch) -> None:
        started: list[object] = []
        monkeypatch.setattr("subprocess.run", lambda *arguments, **_: started.append(arguments))
        monkeypatch.setattr(doctor, "missing_packages", lambda with_screen: [])
        assert doctor._qt_libraries().mend == ""
        assert started == []

    def test_misses_no_package_of_which_nothing_is_written(self) -> None:
        assert doctor._package("no-such-package-anywhere").mend == ""


class TestTheLastBoundary:
    @pytest.fixture(autouse=True)
    def broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError("the wheels came off")

        monkeypatch.setattr(doctor, "run", fail)

    def test_a_bug_is_one_sentence(self, run: Run, caplog: pytest.LogCaptureFixture) -> None:
        done = run("doctor")
        assert done.code == 3
        assert done.err == (
            "maclip-desktop: An error inside the program: RuntimeError: the wheels came off;"
            " run again with --verbose for the details.\n"
        )

    def test_verbose_adds_the_traceback(self, app_paths: AppPaths, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("DEBUG")
        assert main(["doctor", "--verbose"]) == 3
        assert "in fail" in caplog.text


def test_doctor_names_a_library_whose_name_the_system_refuses(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_qt_libraries", lambda: doctor.Finding("Qt", "starts"))
    done = run("doctor", "--library", "x" * 300)
    assert done.code == 3
    assert "cannot be opened (File name too long)" in done.out


def test_every_command_is_imported_where_a_packer_can_see_it() -> None:
    names = {path.stem for path in Path(cli.__file__).parent.glob("commands/*.py") if "SUMMARY" in path.read_text()}
    assert names - {"__init__"} == set(cli.COMMANDS)
    source = Path(cli.__file__).read_text(encoding="utf-8")
    assert all(f"import {name}\n" in source for name in [*cli.COMMANDS, "window"])
