"""``maclip-desktop weights``."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from maclip_desktop.errors import WeightsError
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring import download
from maclip_desktop.scoring.importing import keep_compact
from maclip_desktop.scoring.known_weights import DOWNLOADED
from maclip_desktop.scoring.weights import read_sourced
from tests.helpers.small_clip import shrink_clips, write_small_weights
from tests.unit.commands.conftest import Run


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink_clips(monkeypatch)


@pytest.fixture
def given(tmp_path: Path) -> Path:
    return write_small_weights(tmp_path / "mine.safetensors")


class TestStatus:
    def test_without_weights_says_where_they_belong_and_how_to_get_them(self, run: Run, app_paths: AppPaths) -> None:
        done = run("weights", "status")
        assert done.code == 0
        assert f"CLIP weights in {app_paths.weights}:" in done.out
        assert done.out.count("none") == 6
        assert "maclip-desktop weights download" in done.err
        assert "maclip-desktop weights import FILE" in done.err

    def test_describes_what_is_there(self, run: Run, given: Path) -> None:
        run("weights", "import", given)
        done = run("weights", "status")
        (line,) = (line for line in done.out.splitlines() if "RN50.maclip" in line)
        assert all(word in line for word in ("RN50, ", "MB", "compact", "float16", "made today", "not known"))
        assert done.err == ""

    def test_as_json_has_every_backbone(self, run: Run, given: Path, app_paths: AppPaths) -> None:
        run("weights", "import", given, "--precision", "float32")
        content = json.loads(run("weights", "status", "--json").out)
        assert content["folder"] == str(app_paths.weights)
        (file,) = content["backbones"].pop("RN50")
        assert file["path"] == str(app_paths.weights / "RN50.maclip.safetensors")
        assert (file["kind"], file["precision"], file["error"]) == ("compact", "float32", None)
        assert content["backbones"] == {name: [] for name in ("RN101", "RN50x4", "ViT-B/32", "ViT-B/16", "ViT-L/14")}

    def test_shows_own_prompts(self, run: Run, given: Path, tmp_path: Path) -> None:
        (tmp_path / "prompts.txt").write_text("crisp / foggy\n")
        done = run("weights", "import", given, "--prompts", tmp_path / "prompts.txt")
        assert "score with --prompts FILE" in done.err
        assert "own prompts: crisp / foggy" in run("weights", "status").out

    def test_shows_a_download_that_broke_off(self, run: Run, app_paths: AppPaths) -> None:
        app_paths.weights.mkdir(parents=True)
        (app_paths.weights / "ViT-B-32.safetensors.part").write_bytes(bytes(2_000_000))
        done = run("weights", "status")
        assert "2.0 MB, unfinished download" in done.out
        assert "weights download --backbone ViT-B/32' goes on with it" in done.out

    def test_takes_the_common_options_behind_the_action(self, run: Run, tmp_path: Path) -> None:
        assert run("weights", "status", "--library", tmp_path / "library.db").code == 0


class TestImport:
    def test_says_what_it_found_and_what_it_made(self, run: Run, given: Path, app_paths: AppPaths) -> None:
        done = run("weights", "import", given)
        assert done.code == 0
        assert f"Found: {given} (RN50, " in done.err
        assert f"Imported: {app_paths.weights / 'RN50.maclip.safetensors'} (RN50, " in done.out
        assert "replaced" not in done.err

    def test_says_what_it_replaced(self, run: Run, given: Path) -> None:
        run("weights", "import", given, "--precision", "float32")
        done = run("weights", "import", given)
        assert "It replaced the file that was there (RN50, " in done.err
        assert "compact, made today, float32" in done.err

    def test_replaces_a_damaged_file(self, run: Run, given: Path, app_paths: AppPaths) -> None:
        app_paths.weights.mkdir(parents=True)
        (app_paths.weights / "RN50.maclip.safetensors").write_text("damaged")
        assert run("weights", "import", given).code == 0
        assert run("weights", "verify").code == 0

    @pytest.mark.parametrize(
        ("arguments", "code", "says"),
        [
            (["nowhere.pt"], 3, "There is no weights file"),
            (["mine.safetensors", "--backbone", "RN101"], 3, "use --backbone RN50"),
            (["mine.safetensors", "--backbone", "RN7"], 2, "There is no backbone 'RN7'"),
            (["mine.safetensors", "--prompts", "nowhere.txt"], 2, "cannot be read"),
            (["mine.safetensors", "--precision", "float8"], 2, "invalid choice"),
            (["."], 3, "is a folder"),
        ],
    )
    def test_refuses_in_one_sentence(
        self,
        run: Run,
        given: Path,
        monkeypatch: pytest.MonkeyPatch,
        app_paths: AppPaths,
        arguments: list[str],
        code: int,
        says: str,
    ) -> None:
        monkeypatch.chdir(given.parent)
        done = run("weights", "import", *arguments)
        assert (done.code, done.out) == (code, "")
        assert says in done.err
        assert not app_paths.weights.exists()

    def test_tensors_of_something_else_are_one_sentence(self, run: Run, tmp_path: Path) -> None:
        save_file({"fc.weight": torch.zeros(3, 3)}, tmp_path / "other.safetensors")
        done = run("weights", "import", tmp_path / "other.safetensors")
        assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)
        assert "not those of a CLIP that this program knows" in done.err

    def test_into_a_folder_that_is_a_file_is_one_sentence(self, run: Run, given: Path, app_paths: AppPaths) -> None:
        app_paths.data.mkdir(parents=True)
        app_paths.weights.write_text("in the way")
        done = run("weights", "import", given)
        assert done.code == 3
        assert "could not be written" in done.err


class TestVerify:
    def test_of_sound_files_is_done(self, run: Run, given: Path, app_paths: AppPaths) -> None:
        run("weights", "import", given)
        done = run("weights", "verify")
        assert done.code == 0
        assert done.out.startswith(f"OK     {app_paths.weights / 'RN50.maclip.safetensors'}: RN50, ")

    def test_of_a_damaged_file_names_it_and_fails(self, run: Run, given: Path, app_paths: AppPaths) -> None:
        run("weights", "import", given)
        path = app_paths.weights / "RN50.maclip.safetensors"
        path.write_bytes(path.read_bytes()[:-1] + b"?")
        given.rename(app_paths.weights / "RN50.safetensors")
        done = run("weights", "verify")
        assert done.code == 1
        wrong, sound = done.out.splitlines()
        assert wrong == f"WRONG  {path} is damaged or incomplete; get the file again."
        assert sound.startswith("OK ")

    def test_of_a_given_file_looks_at_no_other(self, run: Run, given: Path) -> None:
        done = run("weights", "verify", given)
        assert (done.code, len(done.out.splitlines())) == (0, 1)

    def test_of_a_file_that_is_missing_fails(self, run: Run, tmp_path: Path) -> None:
        done = run("weights", "verify", tmp_path / "nowhere.pt")
        assert done.code == 1
        assert "There is no weights file" in done.out

    def test_without_weights_cannot_run(self, run: Run) -> None:
        done = run("weights", "verify")
        assert done.code == 3
        assert "There are no weights in" in done.err


class TestDownload:
    @pytest.fixture
    def asked(self, given: Path, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
        """Whether the complete file was asked for, for every download; the file comes from nearby."""
        asked: list[bool] = []

        def nearby(backbone: str, folder: Path, on_progress: object, keep_complete: bool) -> Path:
            asked.append(keep_complete)
            return keep_compact(read_sourced(given, backbone, origin=DOWNLOADED), folder)

        monkeypatch.setattr(download, "download_weights", nearby)
        return asked

    def test_gets_the_weights_and_says_where_they_are(self, run: Run, asked: list[bool], app_paths: AppPaths) -> None:
        done = run("weights", "download")
        assert done.code == 0
        assert f"Ready: {app_paths.weights / 'RN50.maclip.safetensors'}" in done.out
        assert asked == [False]

    def test_gets_nothing_that_is_there(self, run: Run, asked: list[bool]) -> None:
        run("weights", "download")
        done = run("weights", "download")
        assert (done.code, asked) == (0, [False])
        assert "There already" in done.err

    def test_is_not_stopped_by_weights_that_somebody_imported(self, run: Run, asked: list[bool], given: Path) -> None:
        run("weights", "import", given)
        assert run("weights", "download").code == 0
        assert asked == [False]

    def test_gets_what_is_damaged(self, run: Run, asked: list[bool], app_paths: AppPaths) -> None:
        run("weights", "download")
        path = app_paths.weights / "RN50.maclip.safetensors"
        path.write_bytes(path.read_bytes()[:-1] + b"?")
        assert run("weights", "download").code == 0
        assert asked == [False, False]
        assert run("weights", "verify").code == 0

    def test_gets_the_complete_file_where_it_is_missing(self, run: Run, asked: list[bool]) -> None:
        run("weights", "download")
        assert run("weights", "download", "--keep-complete").code == 0
        assert asked == [False, True]

    def test_without_network_says_so_and_cannot_run(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> Path:
            raise WeightsError("The CLIP RN50 weights could not be downloaded (no connection); try again.")

        monkeypatch.setattr(download, "download_weights", refuse)
        done = run("weights", "download")
        assert (done.code, done.out) == (3, "")
        assert "could not be downloaded" in done.err

    def test_interrupted_says_that_it_goes_on_later(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*_: object, **__: object) -> Path:
            raise KeyboardInterrupt

        monkeypatch.setattr(download, "download_weights", interrupt)
        done = run("weights", "download")
        assert done.code == 130
        assert "goes on where it ended" in done.err

    def test_of_an_unknown_backbone_is_wrong_use(self, run: Run) -> None:
        assert run("weights", "download", "--backbone", "RN7").code == 2


def test_without_an_action_is_wrong_use(run: Run) -> None:
    done = run("weights")
    assert done.code == 2
    assert "status | download | import | verify" in done.err
