"""Where the model runs, in which precisions it could, and how much it takes at a time."""

from collections.abc import Callable

import torch

from maclip_desktop.errors import DeviceError, UsageError

_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", *_DTYPES)

_MULTIPLICATIONS = {"RN50": 5.5, "RN101": 9.0, "RN50x4": 13.0, "ViT-B/32": 4.4, "ViT-B/16": 17.0, "ViT-L/14": 80.0}
"""Billions of multiplications that one view takes."""

_MULTIPLICATIONS_AT_ONCE = 60.0
"""Billions between two looks at whether to stop: less than half a second on two cores in float32."""

_LARGEST_BATCH = {"cpu": 10, "mps": 40, "cuda": 320}
"""Views a pass: more gain nothing on a processor, and take memory everywhere."""

_PHOTOS_AT_ONCE = {"cpu": 8, "mps": 16, "cuda": 128}


def resolve_device(name: str) -> torch.device:
    """The device that *name* means; ``auto`` takes the fastest there is.

    Raises `DeviceError` where the device is missing and `UsageError` for an unknown name.
    """
    kind, colon, number = name.partition(":")
    if kind not in DEVICES or (colon and not (kind == "cuda" and number.isascii() and number.isdigit())):
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


def require_precision(name: str, device: torch.device) -> str:
    """*name* itself, where it can be asked for. ``auto`` always can.

    Raises `DeviceError` where the device cannot compute in it and `UsageError` for an unknown name.
    """
    if name not in PRECISIONS:
        raise UsageError(f"There is no precision {name!r}; choose one of {', '.join(PRECISIONS)}.")
    if name != "auto" and not _can_compute(name, device):
        raise DeviceError(f"{device_title(device)} cannot compute in {name}; use --precision float32.")
    return name


def reduced_precision(device: torch.device) -> str | None:
    """The precision in which *device* is faster than in float32, or None where there is none."""
    if device.type in ("cuda", "mps"):
        return "float16"
    return "bfloat16" if _cpu_multiplies_bfloat16() else None


def dtype_of(precision: str) -> torch.dtype:
    """The tensor type of a resolved precision."""
    return _DTYPES[precision]


def views_at_once(backbone: str, device: torch.device) -> int:
    """How many views go through the network in one pass."""
    largest = _LARGEST_BATCH.get(device.type, 10)
    if device.type != "cpu":
        return largest
    return max(1, min(largest, int(_MULTIPLICATIONS_AT_ONCE / _MULTIPLICATIONS[backbone])))


def photos_at_once(device: torch.device) -> int:
    """How many photos are worth gathering before the model is asked."""
    return _PHOTOS_AT_ONCE.get(device.type, 8)


def _cpu_multiplies_bfloat16() -> bool:
    """Whether the processor has instructions for it (AMX, AVX512-BF16); elsewhere it is emulated, and slow."""
    tests: list[Callable[[], bool]] = [
        getattr(torch.cpu, name, lambda: False) for name in ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    ]
    has_mkldnn: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return has_mkldnn and any(test() for test in tests)


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
