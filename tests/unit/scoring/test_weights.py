"""Reading files of weights, and refusing everything else in one sentence.

The networks used here are small ones: narrow, and with few layers.
"""

import hashlib
import os
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import open_clip
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor, nn

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring import weights_format
from maclip_desktop.scoring.parameters import BACKBONES
from maclip_desktop.scoring.prompts import PROMPT_PAIRS, PromptPairs
from maclip_desktop.scoring.weights import file_sha256, read_tower, read_weights
from tests.helpers.small_clip import shrink_clips, small_state, whole_clip, write_small_weights


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink_clips(monkeypatch)


@pytest.fixture
def weights(small: None, tmp_path: Path) -> Path:
    return write_small_weights(tmp_path / "rn50.safetensors")


def image_part(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix("visual."): value
        for name, value in state.items()
        if name.startswith("visual.") and not name.endswith(("positional_embedding", "num_batches_tracked"))
    }


def assert_holds(path: Path, state: dict[str, Tensor]) -> None:
    """The image tower in *path* is that of *state*, number for number and in the same precision."""
    tower, expected = read_tower(path, "RN50"), image_part(state)
    assert tower.state.keys() == expected.keys()
    for name, value in expected.items():
        assert tower.state[name].dtype == value.dtype
        assert torch.equal(tower.state[name], value)


def refusal(path: Path, backbone: str | None = "RN50") -> str:
    with pytest.raises(WeightsError) as caught:
        read_tower(path, backbone)
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


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
def test_safetensors_are_read_in_the_precision_they_are_stored_in(
    small: None, tmp_path: Path, dtype: torch.dtype
) -> None:
    state = small_state("RN50", dtype)
    save_file(state, tmp_path / "weights.safetensors")
    assert_holds(tmp_path / "weights.safetensors", state)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_other_precisions_become_float32(small: None, tmp_path: Path, dtype: torch.dtype) -> None:
    state = small_state("RN50", dtype)
    save_file(state, tmp_path / "weights.safetensors")
    assert_holds(tmp_path / "weights.safetensors", {name: value.float() for name, value in state.items()})


def test_the_tensors_outlive_the_file(weights: Path) -> None:
    tower = read_tower(weights, "RN50")
    weights.write_bytes(b"")
    weights.unlink()
    expected = image_part(small_state())
    assert all(torch.equal(tower.state[name], expected[name]) for name in expected)


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_a_pytorch_state_dict_is_read(small: None, tmp_path: Path, legacy: bool) -> None:
    path = tmp_path / "rn50.pt"
    torch.save(small_state(), path, _use_new_zipfile_serialization=not legacy)
    assert_holds(path, small_state())


def test_a_training_checkpoint_is_unwrapped(small: None, tmp_path: Path) -> None:
    path = tmp_path / "epoch.pt"
    wrapped = {f"module.{name}": value for name, value in small_state().items()}
    torch.save({"epoch": 3, "name": "run", "state_dict": wrapped}, path)
    assert_holds(path, small_state())


def test_a_separate_text_tower_is_put_in_its_place(small: None, tmp_path: Path) -> None:
    path = tmp_path / "custom.pt"
    image_side = ("visual.", "logit_scale")
    torch.save({n if n.startswith(image_side) else f"text.{n}": v for n, v in small_state().items()}, path)
    assert_holds(path, small_state())


def test_weights_without_batch_counters_are_complete(small: None, tmp_path: Path) -> None:
    path = tmp_path / "old.pt"
    torch.save({n: v for n, v in small_state().items() if not n.endswith("num_batches_tracked")}, path)
    assert_holds(path, small_state())


@pytest.mark.parametrize("backbone", BACKBONES)
def test_where_no_backbone_is_asked_for_it_is_what_the_file_holds(small: None, tmp_path: Path, backbone: str) -> None:
    path = write_small_weights(tmp_path / "weights.safetensors", backbone)
    tower = read_tower(path, None)
    assert tower.backbone == backbone
    assert not any("positional_embedding" in name or "num_batches" in name for name in tower.state)


@pytest.mark.parametrize("prompts", [PROMPT_PAIRS, (("a crisp photograph of a church", "fog"),)])
def test_the_text_features_are_open_clips(small: None, tmp_path: Path, prompts: PromptPairs) -> None:
    state = small_state()
    save_file(state, tmp_path / "weights.safetensors")
    model = whole_clip("RN50", state)
    tower = read_tower(tmp_path / "weights.safetensors", "RN50", prompts)
    with torch.inference_mode():
        expected = model.encode_text(open_clip.tokenize([prompt for pair in prompts for prompt in pair]))
    assert tower.prompts == prompts
    assert tower.text_features.shape == (len(prompts), 2, 1024)
    assert torch.allclose(tower.text_features.reshape(-1, 1024), expected, atol=1e-5)
    assert tower.logit_scale == pytest.approx(float(model.logit_scale.exp()))


def test_a_tower_is_named_by_the_files_hash(weights: Path) -> None:
    assert read_tower(weights, "RN50").sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()


def test_complete_weights_are_given_in_float32_to_who_needs_them(weights: Path) -> None:
    state = read_weights(weights, "RN50")
    expected = {n: v.float() for n, v in small_state().items() if not n.endswith("num_batches_tracked")}
    assert state.keys() == expected.keys()
    assert all(state[name].dtype == torch.float32 and torch.equal(state[name], expected[name]) for name in expected)


def test_nothing_is_imported_that_a_compact_file_does_not_need() -> None:
    program = "import sys, maclip_desktop.scoring.weights; sys.exit('open_clip' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


class TestOpenAIsArchive:
    """Made as OpenAI made it: a traced network in half precision, with numbers of its own beside the weights."""

    @pytest.fixture
    def archive(self, small: None, tmp_path: Path) -> Path:
        extra = {name: torch.tensor(1) for name in ("input_resolution", "context_length", "vocab_size")}
        path = tmp_path / "RN50.pt"
        torch.jit.save(torch.jit.script(Parts(small_state() | extra)), str(path))
        return path

    def test_gives_its_tensors_without_its_extra_numbers(self, archive: Path) -> None:
        assert_holds(archive, small_state())

    def test_is_read_without_starting_its_program(self, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(torch.jit, "load")
        assert_holds(archive, small_state())

    def test_of_a_traced_network_is_read_as_torch_reads_it(self, small: None, tmp_path: Path) -> None:
        model = whole_clip("ViT-B/32", small_state("ViT-B/32"))
        calls = {"encode_image": torch.zeros(1, 3, 224, 224), "encode_text": open_clip.tokenize(["a"])}
        path = tmp_path / "traced.pt"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what tracing cannot follow
            torch.jit.trace_module(model, calls, check_trace=False).save(str(path))  # type: ignore[no-untyped-call]
        expected = torch.jit.load(str(path)).state_dict()  # type: ignore[no-untyped-call]
        found = weights_format.read_tensors(path)
        assert found.keys() == expected.keys() - {"attn_mask"}
        assert all(torch.equal(found[name], expected[name]) for name in found)

    def test_with_other_things_than_numbers_is_refused(self, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(weights_format, "read_torchscript", self.understand_nothing)
        monkeypatch.delattr(torch.jit, "load")
        assert "a program could be hidden in it" in refusal(archive)

    def test_that_openai_published_is_read_by_torch_where_it_is_not_understood(
        self, archive: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(weights_format, "read_torchscript", self.understand_nothing)
        monkeypatch.setattr(weights_format, "is_published", lambda sha256: sha256 == file_sha256(archive))
        assert_holds(archive, small_state())

    @staticmethod
    def understand_nothing(path: Path) -> None:
        raise pickle.UnpicklingError("something new")


def test_the_hash_is_that_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    assert file_sha256(path) == hashlib.sha256(b"abc").hexdigest()


def test_weights_of_another_backbone_are_refused_by_name(weights: Path) -> None:
    assert refusal(weights, "ViT-B/32").endswith("holds RN50, but ViT-B/32 was asked for; use --backbone RN50.")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("visual.layer3.0.conv2.weight", float("nan")),
        ("visual.bn1.running_var", float("-inf")),
        ("ln_final.bias", float("nan")),
        ("logit_scale", float("inf")),
    ],
)
def test_numbers_that_are_not_finite_are_refused(small: None, tmp_path: Path, name: str, number: float) -> None:
    value = small_state()[name].clone()
    value.view(-1)[-1] = number
    path = write_small_weights(tmp_path / "weights.safetensors", changed={name: value})
    assert "holds numbers that are not finite" in refusal(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere.pt").startswith("There is no weights file")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)


def test_a_ring_of_links_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ring.safetensors"
    path.symlink_to(path)
    assert "cannot be read" in refusal(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    assert "is no ordinary file" in refusal(tmp_path / "pipe.pt")


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
