"""Reading files of weights, and refusing everything else in one sentence.

The complete sets of weights used here repeat one number per tensor: PyTorch stores such tensors in a few bytes.
"""

import hashlib
import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor, nn

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring.backbone import empty_clip
from maclip_desktop.scoring.maclip import MaclipScorer
from maclip_desktop.scoring.parameters import MaclipParameters
from maclip_desktop.scoring.weights import file_sha256, read_weights
from tests.helpers.standin import standin_state, write_standin_weights


def constant_state(value: float = 0.5, dtype: torch.dtype = torch.float32) -> dict[str, Tensor]:
    """A complete RN50 in which every floating point number is *value*."""
    shapes = {name: tensor.shape for name, tensor in empty_clip("RN50").state_dict().items()}
    number = torch.tensor(value, dtype=dtype)
    return {
        name: torch.tensor(3) if name.endswith("num_batches_tracked") else number.expand(shape)
        for name, shape in shapes.items()
    }


def assert_is_constant_rn50(state: dict[str, Tensor], value: float = 0.5) -> None:
    assert state.keys() == constant_state().keys()
    for name in ("visual.conv1.weight", "logit_scale", "text_projection", "visual.layer4.2.bn3.running_var"):
        assert state[name].dtype == torch.float32
        assert torch.all(state[name] == value)


def refusal(path: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        read_weights(path, "RN50")
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


class Parts(nn.Module):
    """A tree of modules that owns tensors under the dotted names of a state dict."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        super().__init__()
        for name in dict.fromkeys(name.partition(".")[0] for name in state):
            if name in state:
                self.register_buffer(name, state[name])
            else:
                inner = {key.partition(".")[2]: value for key, value in state.items() if key.startswith(f"{name}.")}
                self.add_module(name, Parts(inner))


def small_file(folder: Path, kind: str) -> bytes:
    """A sound file of the given format that holds a few small tensors, but no CLIP."""
    path = folder / f"small-{kind}"
    if not path.exists():
        state = {f"layer.{index}.weight": torch.arange(50.0) for index in range(5)}
        if kind == "safetensors":
            save_file(state, path)
        elif kind == "torchscript":
            torch.jit.save(torch.jit.script(Parts(state)), str(path))
        else:
            torch.save(state, path, _use_new_zipfile_serialization=kind == "zip")
    return path.read_bytes()


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = write_standin_weights(tmp_path_factory.mktemp("weights") / "standin.safetensors")
    yield path
    path.unlink()


def test_safetensors_are_read(standin: Path) -> None:
    state = read_weights(standin, "RN50")
    expected = standin_state()
    assert state.keys() == expected.keys()
    assert all(torch.equal(state[name], expected[name].to(state[name].dtype)) for name in expected)


def test_the_tensors_outlive_the_file(tmp_path: Path) -> None:
    path = write_standin_weights(tmp_path / "standin.safetensors")
    state = read_weights(path, "RN50")
    path.write_bytes(b"")
    path.unlink()
    assert torch.equal(state["logit_scale"], torch.tensor(4.6, dtype=torch.float16).float())


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_a_pytorch_state_dict_is_read(tmp_path: Path, legacy: bool) -> None:
    path = tmp_path / "rn50.pt"
    torch.save(constant_state(), path, _use_new_zipfile_serialization=not legacy)
    assert_is_constant_rn50(read_weights(path, "RN50"))


def test_a_training_checkpoint_is_unwrapped(tmp_path: Path) -> None:
    path = tmp_path / "epoch.pt"
    wrapped = {f"module.{name}": value for name, value in constant_state().items()}
    torch.save({"epoch": 3, "name": "run", "state_dict": wrapped}, path)
    assert_is_constant_rn50(read_weights(path, "RN50"))


def test_a_separate_text_tower_is_put_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "custom.pt"
    image_side = ("visual.", "logit_scale")
    torch.save({n if n.startswith(image_side) else f"text.{n}": v for n, v in constant_state().items()}, path)
    assert_is_constant_rn50(read_weights(path, "RN50"))


def test_half_precision_becomes_float32(tmp_path: Path) -> None:
    path = tmp_path / "half.pt"
    torch.save(constant_state(0.25, torch.float16), path)
    assert_is_constant_rn50(read_weights(path, "RN50"), 0.25)


def test_weights_without_batch_counters_are_complete(tmp_path: Path) -> None:
    path = tmp_path / "old.pt"
    torch.save({n: v for n, v in constant_state().items() if not n.endswith("num_batches_tracked")}, path)
    assert_is_constant_rn50(read_weights(path, "RN50"))


def test_openais_archive_gives_its_tensors_without_its_extra_numbers(tmp_path: Path) -> None:
    path = tmp_path / "RN50.pt"
    extra = {name: torch.tensor(1) for name in ("input_resolution", "context_length", "vocab_size")}
    archive = torch.jit.script(Parts(constant_state(0.5, torch.float16) | extra))
    torch.jit.save(archive, str(path))
    assert_is_constant_rn50(read_weights(path, "RN50"))


def test_a_scorer_is_loaded_from_a_file_and_named_by_its_hash(standin: Path) -> None:
    scorer = MaclipScorer.load(MaclipParameters(), standin, device="cpu")
    assert scorer.model_id == MaclipParameters().model_id(hashlib.sha256(standin.read_bytes()).hexdigest())


def test_the_hash_is_that_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    assert file_sha256(path) == hashlib.sha256(b"abc").hexdigest()


def test_weights_of_another_backbone_are_refused_by_name(standin: Path) -> None:
    with pytest.raises(WeightsError, match=r"holds RN50, but ViT-B/32 was asked for; use --backbone RN50\.$"):
        read_weights(standin, "ViT-B/32")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere.pt").startswith("There is no weights file")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.safetensors"
    path.touch()
    assert "is empty" in refusal(path)


@pytest.mark.parametrize(
    "content", [b"<html>not found</html>", b"version https://example", b"\xff\xd8\xff\xe0 picture"]
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(content)
    assert "is not a file of weights" in refusal(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.pt"
    path.write_bytes(b"weights")
    path.chmod(0)
    assert "permissions" in refusal(path)


def test_an_error_of_the_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(b"weights")

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "cannot be read (Permission denied); check the file and its permissions" in refusal(path)


@pytest.mark.parametrize("kind", ["safetensors", "zip", "legacy", "torchscript"])
@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused(tmp_path: Path, kind: str, kept: float) -> None:
    path = tmp_path / "weights"
    content = small_file(tmp_path, kind)
    path.write_bytes(content[: int(len(content) * kept)])
    assert "is damaged or incomplete" in refusal(path)


@pytest.mark.parametrize("content", [{}, [1, 2], {"state_dict": {}}, {"note": "hello"}, torch.zeros(3)])
def test_a_file_without_weights_is_refused(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "nothing.pt"
    torch.save(content, path)
    assert "holds no weights" in refusal(path)


@given(data=st.data())
@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("kind", ["safetensors", "zip", "legacy", "torchscript"])
def test_a_file_with_bytes_changed_is_refused_without_a_crash(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    path = tmp_path / "weights"
    content = bytearray(small_file(tmp_path, kind))
    for position in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=10)):
        content[position] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    refusal(path)


class Intruder:
    """Unpickling it would create a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return Path.touch, (self.trace,)


@pytest.mark.parametrize("kind", ["zip", "legacy", "pickle"])
def test_a_program_in_a_file_is_not_run(tmp_path: Path, kind: str) -> None:
    trace, path = tmp_path / "trace", tmp_path / "weights.pt"
    content = {"state_dict": {"weight": torch.zeros(3)}, "extra": Intruder(trace)}
    if kind == "pickle":
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=kind == "zip")

    assert "a program could be hidden in it" in refusal(path)
    assert not trace.exists()


def test_a_whole_pickled_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "network.pt"
    torch.save(nn.Linear(2, 2), path)
    assert "holds more than weights" in refusal(path)
