"""Whether a reduced precision is taken, and remembered."""

import json
from pathlib import Path

import pytest
import torch
from torch import Tensor

from maclip_desktop.scoring import devices, precision, view_encoder
from maclip_desktop.scoring.parameters import MaclipParameters
from maclip_desktop.scoring.precision import TOLERANCE, Verdicts, choose_precision, largest_difference
from maclip_desktop.scoring.tower import ImageTower
from tests.helpers.towers import small_tower

CPU = torch.device("cpu")
PARAMETERS = MaclipParameters()


class DriftingNetwork:
    """Its features are off by *drift* in a reduced precision."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, drift: float) -> None:
        self.drift = drift
        self.built: list[str] = []
        monkeypatch.setattr(devices, "_cpu_multiplies_bfloat16", lambda: True)
        monkeypatch.setattr(view_encoder, "build_encoder", self.build)

    def build(self, tower: ImageTower, device: torch.device, name: str) -> "type[Tensor] | object":
        self.built.append(name)
        drift = self.drift if name != "float32" else 0.0

        def encode(views: Tensor) -> Tensor:
            base = views.float().mean(dim=(1, 2, 3))[:, None] * torch.linspace(-1, 1, 24)
            return base + drift * torch.linspace(0, 1, 24).square()

        return encode


def test_the_reduced_precision_is_taken_where_scores_hardly_move(monkeypatch: pytest.MonkeyPatch) -> None:
    DriftingNetwork(monkeypatch, 0.0)
    assert choose_precision(small_tower(), PARAMETERS, CPU, Verdicts()) == "bfloat16"


@pytest.mark.parametrize("drift", [3.0, float("nan")])
def test_float32_stays_where_scores_would_move(monkeypatch: pytest.MonkeyPatch, drift: float) -> None:
    DriftingNetwork(monkeypatch, drift)
    difference = largest_difference(small_tower(), PARAMETERS, CPU, "bfloat16")
    assert difference is not None
    assert difference > TOLERANCE
    assert choose_precision(small_tower(), PARAMETERS, CPU, Verdicts()) == "float32"


def test_without_a_faster_precision_nothing_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    network = DriftingNetwork(monkeypatch, 0.0)
    monkeypatch.setattr(devices, "_cpu_multiplies_bfloat16", lambda: False)
    assert choose_precision(small_tower(), PARAMETERS, CPU, Verdicts()) == "float32"
    assert network.built == []


@pytest.mark.parametrize(("drift", "taken"), [(0.0, "bfloat16"), (3.0, "float32")])
def test_the_verdict_is_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, drift: float, taken: str) -> None:
    network = DriftingNetwork(monkeypatch, drift)
    file = tmp_path / "new" / "self-checks.json"
    assert choose_precision(small_tower(), PARAMETERS, CPU, Verdicts(file)) == taken
    network.built.clear()
    assert choose_precision(small_tower(), PARAMETERS, CPU, Verdicts(file)) == taken
    assert network.built == []


def test_a_device_that_fails_gets_float32_and_no_verdict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The scorer turns to the CPU by itself, whose numbers say nothing of the device's."""
    network = DriftingNetwork(monkeypatch, 0.0)
    card = torch.device("meta")
    monkeypatch.setattr(precision, "reduced_precision", lambda device: "float16")

    def build(tower: ImageTower, device: torch.device, name: str) -> object:
        if device == card and name == "float16":
            raise RuntimeError("CUDA error: unspecified launch failure")
        return network.build(tower, CPU, name)

    monkeypatch.setattr(view_encoder, "build_encoder", build)
    verdicts = Verdicts(tmp_path / "self-checks.json")
    assert choose_precision(small_tower(), PARAMETERS, card, verdicts) == "float32"
    assert not (tmp_path / "self-checks.json").exists()


def test_other_weights_and_other_parameters_are_checked_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    network = DriftingNetwork(monkeypatch, 0.0)
    verdicts = Verdicts(tmp_path / "self-checks.json")
    choose_precision(small_tower(), PARAMETERS, CPU, verdicts)
    first = len(network.built)
    choose_precision(small_tower(), MaclipParameters(alpha=2.0), CPU, verdicts)
    assert len(network.built) == 2 * first


@pytest.mark.parametrize("content", ["", "[]", '{"key": "yes"}', "\x00"])
def test_a_damaged_memory_is_no_memory(tmp_path: Path, content: str) -> None:
    file = tmp_path / "self-checks.json"
    file.write_text(content)
    assert Verdicts(file).find("key") is None
    Verdicts(file).keep("key", True)
    assert json.loads(file.read_text())["key"] is True


def test_a_memory_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    verdicts = Verdicts(tmp_path / "file" / "self-checks.json")
    verdicts.keep("key", True)
    assert verdicts.find("key") is None
