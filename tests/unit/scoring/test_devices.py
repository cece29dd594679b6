"""Choosing a device and a precision."""

import pytest
import torch

from maclip_desktop.errors import DeviceError, UsageError
from maclip_desktop.scoring.devices import device_title, dtype_of, resolve_device, resolve_precision

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


@pytest.mark.parametrize("name", ["gpu", "cpu:0", "cuda:x", ""])
def test_an_unknown_device_is_wrong_use(name: str) -> None:
    with pytest.raises(UsageError, match="auto, cpu, cuda, mps"):
        resolve_device(name)


def test_auto_precision_is_exact() -> None:
    assert resolve_precision("auto", CPU) == "float32"
    assert dtype_of("float32") is torch.float32


def test_the_cpu_computes_in_bfloat16_but_not_in_float16() -> None:
    assert resolve_precision("bfloat16", CPU) == "bfloat16"
    with pytest.raises(DeviceError, match=r"^CPU cannot compute in float16; use --precision float32\.$"):
        resolve_precision("float16", CPU)


def test_an_unknown_precision_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="float32, bfloat16, float16"):
        resolve_precision("int8", CPU)
