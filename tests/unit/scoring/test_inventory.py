"""Looking at files of weights, and taking them in."""

import hashlib
from pathlib import Path

import pytest
import torch

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring import known_weights
from maclip_desktop.scoring.importing import import_weights
from maclip_desktop.scoring.inventory import describe, inventory, verify
from maclip_desktop.scoring.parameters import BACKBONES
from maclip_desktop.scoring.weights import read_tower
from tests.helpers.small_clip import shrink_clips, small_state, write_small_weights

OWN_PROMPTS = (("crisp", "foggy"),)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink_clips(monkeypatch)


@pytest.fixture
def complete(tmp_path: Path) -> Path:
    return write_small_weights(tmp_path / "given.safetensors")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "weights"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class TestDescribing:
    def test_a_complete_file(self, complete: Path) -> None:
        file = describe(complete)
        assert (file.kind, file.backbone, file.precision) == ("complete", "RN50", "float16")
        assert (file.size, file.modified) == (complete.stat().st_size, complete.stat().st_mtime)
        assert (file.sha256, file.known, file.error) == (sha256(complete), None, None)

    def test_a_complete_file_in_pytorchs_format(self, tmp_path: Path) -> None:
        state = small_state("ViT-B/16")
        torch.save(state | {"visual.ln_pre.bias": state["visual.ln_pre.bias"].float()}, tmp_path / "weights.pt")
        file = describe(tmp_path / "weights.pt")
        assert (file.kind, file.backbone, file.precision) == ("complete", "ViT-B/16", "float16 and float32")

    def test_a_compact_file_is_known_by_the_complete_one_it_was_made_of(self, complete: Path, folder: Path) -> None:
        file = describe(import_weights(complete, folder))
        assert (file.kind, file.backbone, file.precision) == ("compact", "RN50", "float16")
        assert (file.sha256, file.rounded, file.own_prompts) == (sha256(complete), False, None)

    def test_a_file_that_openai_published(self, complete: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(known_weights.PUBLISHED, sha256(complete), "RN50.pt")
        assert describe(complete).known == "OpenAI's RN50.pt"
        assert describe(import_weights(complete, folder)).known == "OpenAI's RN50.pt"

    def test_a_file_that_only_calls_itself_so_is_not_refused_but_told(self, tmp_path: Path) -> None:
        torch.save(small_state(), tmp_path / "RN50.pt")
        file = describe(tmp_path / "RN50.pt")
        assert (file.known, file.remark) == (None, "not a file that OpenAI published")

    def test_a_file_cut_short_is_noticed_without_reading_it_all(self, complete: Path) -> None:
        complete.write_bytes(complete.read_bytes()[:-1])
        with pytest.raises(WeightsError, match="is damaged or incomplete"):
            describe(complete)


class TestTheFolder:
    def test_without_weights_has_a_place_for_every_backbone(self, folder: Path) -> None:
        assert inventory(folder) == {backbone: [] for backbone in BACKBONES}

    def test_names_the_file_that_is_used_first(self, complete: Path, folder: Path) -> None:
        path = import_weights(complete, folder)
        complete.rename(folder / "RN50.safetensors")
        assert [file.path for file in inventory(folder)["RN50"]] == [path, folder / "RN50.safetensors"]

    def test_tells_what_is_wrong_with_a_file(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "RN101.pt").write_text("no weights")
        (file,) = inventory(folder)["RN101"]
        assert file.error is not None
        assert "is not a file of weights" in file.error
        assert file.size == 10

    def test_shows_a_download_that_broke_off(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "RN50.safetensors.part").write_bytes(bytes(1000))
        (file,) = inventory(folder)["RN50"]
        assert (file.kind, file.size) == ("unfinished download", 1000)


class TestVerifying:
    def test_sound_files_pass(self, complete: Path, folder: Path) -> None:
        assert verify(complete) == describe(complete)
        path = import_weights(complete, folder, prompts=OWN_PROMPTS)
        assert verify(path, "RN50").own_prompts == OWN_PROMPTS

    def test_a_changed_number_in_a_compact_file_does_not(self, complete: Path, folder: Path) -> None:
        path = import_weights(complete, folder)
        content = bytearray(path.read_bytes())
        content[-5] ^= 1
        path.write_bytes(content)
        with pytest.raises(WeightsError, match="is damaged or incomplete"):
            verify(path)

    def test_a_number_that_is_none_in_the_text_encoder_does_not(self, tmp_path: Path) -> None:
        value = torch.full((64,), float("nan"), dtype=torch.float16)
        path = write_small_weights(tmp_path / "weights.safetensors", changed={"ln_final.bias": value})
        with pytest.raises(WeightsError, match=r"not finite \(in ln_final\.bias\)"):
            verify(path)

    def test_weights_under_another_backbones_name_do_not(self, complete: Path) -> None:
        with pytest.raises(WeightsError, match="holds RN50, but RN101 was asked for"):
            verify(complete, "RN101")


class TestImporting:
    @pytest.mark.parametrize("backbone", BACKBONES)
    def test_gives_the_same_tower_as_the_complete_file(self, tmp_path: Path, folder: Path, backbone: str) -> None:
        source = write_small_weights(tmp_path / "given.safetensors", backbone)
        tower, expected = read_tower(import_weights(source, folder), backbone), read_tower(source, backbone)
        assert (tower.backbone, tower.sha256) == (backbone, expected.sha256)
        assert (tower.prompts, tower.logit_scale) == (expected.prompts, expected.logit_scale)
        assert tower.state.keys() == expected.state.keys()
        assert torch.equal(tower.text_features, expected.text_features)
        assert all(torch.equal(tower.state[name], value) for name, value in expected.state.items())

    def test_leaves_the_given_file_as_it_is(self, complete: Path, folder: Path) -> None:
        before = complete.read_bytes()
        assert import_weights(complete, folder) == folder / "RN50.maclip.safetensors"
        assert complete.read_bytes() == before

    def test_a_wrong_backbone_writes_nothing(self, complete: Path, folder: Path) -> None:
        with pytest.raises(WeightsError, match="use --backbone RN50"):
            import_weights(complete, folder, "ViT-L/14")
        assert not folder.exists()

    def test_a_compact_file_may_come_from_elsewhere(self, complete: Path, folder: Path, tmp_path: Path) -> None:
        elsewhere = import_weights(complete, tmp_path / "elsewhere", prompts=OWN_PROMPTS)
        path = import_weights(elsewhere, folder)
        assert describe(path).own_prompts == OWN_PROMPTS
        assert describe(path).sha256 == sha256(complete)

    def test_a_compact_file_can_be_imported_onto_itself(self, complete: Path, folder: Path) -> None:
        path = import_weights(complete, folder)
        import_weights(path, folder, precision="float32")
        assert describe(path).precision == "float32"
        assert verify(path).sha256 == sha256(complete)

    def test_a_compact_file_cannot_get_other_prompts(self, complete: Path, folder: Path) -> None:
        path = import_weights(complete, folder)
        with pytest.raises(WeightsError, match="import them again"):
            import_weights(path, folder, prompts=OWN_PROMPTS)
