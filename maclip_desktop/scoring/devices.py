"""Where the model runs and how precisely."""

import torch

from maclip_desktop.errors import DeviceError, UsageError

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", *_DTYPES)


def resolve_device(name: str) -> torch.device:
    """The device that *name* means; ``auto`` takes the fastest there is.

    Raises `DeviceError` where the device is missing and `UsageError` for an unknown name.
    """
    kind, _, number = name.partition(":")
    if kind not in DEVICES or (number and not (kind == "cuda" and number.isdigit())):
        raise UsageError(f"There is no device {name!r}; choose one of {', '.join(DEVICES)}.")
    if kind == "auto":
        kind = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        return torch.device(kind)
    if kind == "cuda" and torch.cuda.device_count() <= int(number or 0):
        raise DeviceError(f"The device {name} is not available on this computer; use --device cpu or --device auto.")
    if kind == "mps" and not torch.backends.mps.is_available():
        raise DeviceError("The device mps is not available on this computer; use --device cpu or --device auto.")
    return torch.device(name)


def device_title(device: torch.device) -> str:
    """The device as shown to the user."""
    if device.type == "cuda":
        return f"CUDA ({torch.cuda.get_device_name(device)})"
    return device.type.upper()


def resolve_precision(name: str, device: torch.device) -> str:
    """The precision that *name* means on *device*: ``float32``, ``bfloat16`` or ``float16``.

    Raises `DeviceError` where the device cannot compute in it and `UsageError` for an unknown name.
    """
    if name not in PRECISIONS:
        raise UsageError(f"There is no precision {name!r}; choose one of {', '.join(PRECISIONS)}.")
    if name == "auto":
        return "float32"
    if not _can_compute(name, device):
        raise DeviceError(f"{device_title(device)} cannot compute in {name}; use --precision float32.")
    return name


def dtype_of(precision: str) -> torch.dtype:
    """The tensor type of a resolved precision."""
    return _DTYPES[precision]


def _can_compute(precision: str, device: torch.device) -> bool:
    if precision == "float16":
        # Convolutions in half precision are emulated on a CPU: slower and less exact than either alternative.
        return device.type != "cpu"
    if precision == "bfloat16" and device.type != "cpu":
        try:
            torch.ones(2, device=device, dtype=torch.bfloat16).add_(1)
        except (RuntimeError, TypeError):
            return False
    return True
