"""Where weights lie and which of them are taken."""

from pathlib import Path

import pytest

from maclip_desktop.scoring.parameters import BACKBONES
from maclip_desktop.scoring.weights_folder import compact_path, complete_path, find_weights, weights_files

OWN_PROMPTS = (("crisp", "foggy"),)


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A folder with every kind of file for RN50."""
    for name in ("RN50.bin", "RN50.pt", "RN50.safetensors", "RN50.maclip.safetensors", "RN50.safetensors.part"):
        (tmp_path / name).touch()
    return tmp_path


def test_the_compact_file_comes_before_complete_ones(full: Path) -> None:
    assert find_weights(full, "RN50") == full / "RN50.maclip.safetensors"


def test_for_own_prompts_a_complete_file_is_taken(full: Path) -> None:
    assert find_weights(full, "RN50", OWN_PROMPTS) == full / "RN50.safetensors"


def test_a_compact_file_for_just_these_prompts_comes_before_it(full: Path) -> None:
    own = compact_path(full, "RN50", OWN_PROMPTS)
    own.touch()
    assert find_weights(full, "RN50", OWN_PROMPTS) == own
    assert find_weights(full, "RN50") == full / "RN50.maclip.safetensors"
    assert find_weights(full, "RN50", (("other", "words"),)) == full / "RN50.safetensors"


def test_files_for_own_prompts_are_listed_behind_the_usual_one(full: Path) -> None:
    own = compact_path(full, "RN50", OWN_PROMPTS)
    own.touch()
    assert weights_files(full, "RN50")[:2] == [full / "RN50.maclip.safetensors", own]
    assert own not in weights_files(full, "RN50x4")


def test_for_own_prompts_a_compact_file_is_better_than_none(tmp_path: Path) -> None:
    compact_path(tmp_path, "RN50").touch()
    assert find_weights(tmp_path, "RN50", OWN_PROMPTS) == tmp_path / "RN50.maclip.safetensors"


def test_all_files_of_a_backbone_are_listed_by_preference(full: Path) -> None:
    names = ["RN50.maclip.safetensors", "RN50.safetensors", "RN50.pt", "RN50.bin"]
    assert [path.name for path in weights_files(full, "RN50")] == names


def test_no_backbone_takes_anothers_files(full: Path) -> None:
    assert all(find_weights(full, backbone) is None for backbone in BACKBONES if backbone != "RN50")


def test_a_slash_in_a_backbones_name_makes_no_folder(tmp_path: Path) -> None:
    assert compact_path(tmp_path, "ViT-B/32") == tmp_path / "ViT-B-32.maclip.safetensors"
    assert complete_path(tmp_path, "ViT-B/32") == tmp_path / "ViT-B-32.safetensors"
