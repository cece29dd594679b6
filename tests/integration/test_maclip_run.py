"""MA-CLIP through the command line, with random stand-in weights: the path works; the numbers mean nothing."""

import json
from pathlib import Path

import pytest

from maclip_desktop.cli import main
from maclip_desktop.paths import AppPaths
from tests.helpers.pictures import write_photos
from tests.helpers.standin import write_standin_weights


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_standin_weights(tmp_path_factory.mktemp("weights") / "standin.safetensors")


def test_photos_get_all_parts_of_a_score_once(
    app_paths: AppPaths, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_photos(tmp_path / "photos", 3)
    arguments = [
        *("score", str(tmp_path / "photos"), "--json", "-", "--weights", str(weights)),
        *("--protocol", "resize224", "--device", "cpu"),
    ]
    assert main(arguments) == 0
    first = capsys.readouterr()
    entries = json.loads(first.out)
    assert "Scoring with MA-CLIP on CPU" in first.err
    for entry in entries:
        assert entry["scorer"] == "maclip"
        assert entry["views"] == 2
        assert entry["w_sim"] + entry["w_mag"] == pytest.approx(1)
        assert len(entry["prompts"]) == 5
        assert all(0 <= probability <= 1 for probability in entry["prompts"].values())
    assert len({entry["model_id"] for entry in entries}) == 1

    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == entries

    # Another protocol is another model: its scores do not mix with these.
    assert main([*arguments[:-3], "resize448", "--device", "cpu"]) == 0
    others = json.loads(capsys.readouterr().out)
    assert {entry["model_id"] for entry in others}.isdisjoint({entry["model_id"] for entry in entries})
    assert {entry["views"] for entry in others} == {5}


def test_a_wrong_backbone_for_the_weights_is_one_sentence(
    app_paths: AppPaths, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_photos(tmp_path / "photos", 1)
    assert main(["score", str(tmp_path / "photos"), "--weights", str(weights), "--backbone", "ViT-B/32"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert str(weights) in said.err
    assert "Traceback" not in said.err
