"""What the engine below MA-CLIP is, and what it takes: for the benchmark, and for who wants it to take less."""

import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from maclip_desktop.errors import DeviceError
from maclip_desktop.scoring.devices import PRECISIONS, require_precision, resolve_device


def engine_versions() -> dict[str, str]:
    """The versions of the libraries that compute, and the processor's instructions that they use."""
    return {
        "torch": torch.__version__,
        "open_clip": _open_clip_version(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }


def _open_clip_version() -> str:
    """Asked of the installation: scoring with compact weights does without loading it, and so must its measuring."""
    try:
        return importlib.metadata.version("open_clip_torch")
    except importlib.metadata.PackageNotFoundError:
        return "packed into the program"


def engine_threads() -> int:
    """How many threads one pass through the network uses on the CPU."""
    return torch.get_num_threads()


@contextmanager
def one_thread() -> Iterator[None]:
    """Within it a pass through the network by the thread that calls this uses one thread on the CPU.

    Scores by one thread differ from those by several by no more than the rounding of float32: no other model id.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def possible_precisions(device: str) -> list[str]:
    """Those that *device* (``auto``, ``cpu``, ...) can compute in. Raises `DeviceError` where it is not there."""
    resolved = resolve_device(device)
    found = []
    for name in PRECISIONS:
        try:
            found.append(require_precision(name, resolved))
        except DeviceError:
            continue
    return [name for name in found if name != "auto"]


def forget_device_peak() -> None:
    """Let the graphics card's peak of memory begin anew."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()


def device_peak_bytes() -> int | None:
    """The most memory torch has had on the graphics card since `forget_device_peak`; None without one."""
    return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None
