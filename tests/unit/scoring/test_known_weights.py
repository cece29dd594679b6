"""Files that OpenAI published, known by their hashes."""

from pathlib import Path

import pytest
from open_clip.pretrained import get_pretrained_cfg

from maclip_desktop.scoring.architecture import ARCHITECTURES
from maclip_desktop.scoring.known_weights import PUBLISHED, calls_itself_openais, identify, is_published


@pytest.mark.parametrize("backbone", ARCHITECTURES)
def test_the_hashes_are_those_in_the_addresses_that_open_clip_knows(backbone: str) -> None:
    name = "ViT-L-14-336" if "336" in backbone else backbone.replace("/", "-")
    *_, sha256, file_name = get_pretrained_cfg(name, "openai")["url"].split("/")
    assert PUBLISHED[sha256] == file_name


def test_a_published_file_is_named() -> None:
    sha256 = "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762"
    assert identify(sha256) == "OpenAI's RN50.pt"
    assert is_published(sha256)


def test_any_other_file_is_not_known() -> None:
    assert identify("0" * 64) is None
    assert not is_published("0" * 64)


def test_a_name_like_a_published_files_is_noticed_in_any_folder() -> None:
    assert calls_itself_openais(Path("somewhere/RN50.pt"))
    assert not calls_itself_openais(Path("somewhere/mine.pt"))
