"""Choosing a device and a precision."""

import pytest
import torch

from maclip_desktop.errors import DeviceError, UsageError
from maclip_desktop.scoring import devices
from maclip_desktop.scoring.devices import (
    device_title,
    photos_at_once,
    reduced_precision,
    require_precision,
    resolve_device,
    views_at_once,
)
from maclip_desktop.scoring.parameters import BACKBONES

CPU = torch.device("cpu")


@pytest.fixture
def only_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.usefixtures("only_cpu")
def test_auto_falls_back_to_the_cpu() -> None:
    assert resolve_device("auto") == CPU
    assert device_title(CPU) == "CPU"


def test_auto_prefers_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("auto").type == "cuda"


@pytest.mark.usefixtures("only_cpu")
@pytest.mark.parametrize("name", ["cuda", "cuda:1", "mps"])
def test_a_missing_device_is_named_with_the_mend(name: str) -> None:
    with pytest.raises(DeviceError, match=f"^The device {name} is not available on this computer; use --device cpu"):
        resolve_device(name)


@pytest.mark.parametrize("name", ["gpu", "cpu:0", "cpu:", "cuda:x", "cuda:", "cuda:²", ""])
def test_an_unknown_device_is_wrong_use(name: str) -> None:
    with pytest.raises(UsageError, match="auto, cpu, cuda, mps"):
        resolve_device(name)


def test_the_cpu_computes_in_bfloat16_but_not_in_float16() -> None:
    assert require_precision("bfloat16", CPU) == "bfloat16"
    with pytest.raises(DeviceError, match=r"^CPU cannot compute in float16; use --precision float32\.$"):
        require_precision("float16", CPU)


def test_an_unknown_precision_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="float32, bfloat16, float16"):
        require_precision("int8", CPU)


@pytest.mark.parametrize(("instructions", "reduced"), [(True, "bfloat16"), (False, None)])
def test_a_processor_reduces_only_with_instructions_for_it(
    monkeypatch: pytest.MonkeyPatch, instructions: bool, reduced: str | None
) -> None:
    monkeypatch.setattr(devices, "_cpu_multiplies_bfloat16", lambda: instructions)
    assert reduced_precision(CPU) == reduced


def test_graphics_cards_reduce_to_float16() -> None:
    assert reduced_precision(torch.device("cuda")) == "float16"
    assert reduced_precision(torch.device("mps")) == "float16"


@pytest.mark.parametrize("backbone", BACKBONES)
def test_on_a_processor_a_pass_is_short_whatever_the_backbone(backbone: str) -> None:
    assert 1 <= views_at_once(backbone, CPU) <= 10
    assert views_at_once("ViT-L/14", CPU) == 1


def test_graphics_cards_take_more_at_once() -> None:
    cuda = torch.device("cuda")
    assert views_at_once("RN50", cuda) > views_at_once("RN50", CPU)
    assert photos_at_once(cuda) > photos_at_once(CPU)
