"""How much memory this process takes, and took at most."""

import ctypes
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_FORGET = Path("/proc/self/clear_refs")
_FORGET_PEAK = "5"
"""Sets the peak to what is in use now (proc(5))."""


def peak_bytes() -> int | None:
    """The most memory this process has had since its start or `forget_peak`; None where the system does not tell."""
    if sys.platform == "win32":
        return _windows_peak()
    # Not getrusage: what it says is inherited from the parent process.
    return _status("VmHWM") or _rusage_peak()


def resident_bytes() -> int | None:
    """The memory this process has now; None where the system does not tell."""
    return _status("VmRSS")


def forget_peak() -> bool:
    """Let the peak begin anew. False where the system cannot: the peak is the one since the start then."""
    try:
        _FORGET.write_text(_FORGET_PEAK)
    except OSError:
        return False
    return True


def _status(name: str) -> int | None:
    try:
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), None)


def _rusage_peak() -> int | None:
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of Windows."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("page_faults", ctypes.c_uint32),
        ("peak_working_set", ctypes.c_size_t),
        *((f"unused_{number}", ctypes.c_size_t) for number in range(7)),
    )


def _windows_peak() -> int | None:
    counters = _Counters()
    counters.size = ctypes.sizeof(counters)
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined,unused-ignore]
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    ask = kernel.K32GetProcessMemoryInfo
    ask.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32)
    known = ask(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.size)
    return int(counters.peak_working_set) if known else None
