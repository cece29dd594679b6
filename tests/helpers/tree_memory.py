"""How much memory a process and its children take at most."""

import threading
from pathlib import Path

import psutil

EVERY_S = 0.2


class TreeMemory:
    """Looks at a process and all its descendants until `stop`."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Bytes: the largest sum, over the processes alive at one time, of what each has had at most."""
        self._ended.set()
        self._thread.join()
        return self._peak

    def _run(self) -> None:
        while True:
            self._peak = max(self._peak, self._now())
            if self._ended.wait(EVERY_S):
                return

    def _now(self) -> int:
        try:
            process = psutil.Process(self._pid)
            tree = [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        return sum(_peak_of(one) for one in tree)


def _peak_of(process: psutil.Process) -> int:
    """The high-water mark where the system tells it (Linux), else what the process has now."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        lines = []
    marks = [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")]
    try:
        return marks[0] if marks else process.memory_info().rss
    except psutil.Error:
        return 0
