"""What Python's threads are doing: looked at from a thread beside them."""

import sys
import threading
import time
from collections import Counter
from types import FrameType

DEPTH = 12
"""How many calls of a stack are told, the innermost last."""


def stack_of(frame: FrameType | None, depth: int = DEPTH) -> tuple[str, ...]:
    """The calls that led to *frame* as ``file:line function``, the innermost last."""
    calls: list[str] = []
    while frame is not None and len(calls) < depth:
        code = frame.f_code
        name = "/".join(code.co_filename.replace("\\", "/").split("/")[-2:])
        calls.append(f"{name}:{frame.f_lineno} {code.co_name}")
        frame = frame.f_back
    return tuple(reversed(calls))


class StackSampler:
    """Counts what each thread is seen doing, for a profile of all threads at once; ``with`` starts and ends it."""

    def __init__(self, every_s: float = 0.01, depth: int = 5) -> None:
        self.seen: dict[str, Counter[tuple[str, ...]]] = {}
        self._every_s = every_s
        self._depth = depth
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def __enter__(self) -> "StackSampler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def told(self, rows: int = 12) -> str:
        """The commonest stacks of every thread, with their share of all looks."""
        lines = []
        for name, counter in sorted(self.seen.items()):
            total = counter.total()
            lines.append(f"== {name}: {total} looks")
            lines += [
                f"{100 * times / total:5.1f} %  {' > '.join(stack)}" for stack, times in counter.most_common(rows)
            ]
        return "\n".join(lines)

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            names = {thread.ident: thread.name for thread in threading.enumerate()}
            for ident, frame in sys._current_frames().items():
                name = names.get(ident, f"thread {ident}")
                if name != "sampler":
                    self.seen.setdefault(name, Counter())[stack_of(frame, self._depth)] += 1


class StuckWatch:
    """Looks at one thread, and keeps its stack each time it has not said `alive` for *limit_s* seconds.

    To be made in the thread that is watched.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._ident = threading.get_ident()
        self._last = time.perf_counter()
        self._stacks: list[tuple[str, ...]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self._thread.start()

    def alive(self) -> tuple[float, list[tuple[str, ...]]]:
        """Say that the thread has a turn; returns seconds since its last one, and what it was seen doing."""
        now = time.perf_counter()
        gap, self._last = now - self._last, now
        seen, self._stacks = self._stacks, []
        return gap, seen

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._limit_s / 5):
            if time.perf_counter() - self._last > self._limit_s:
                self._stacks.append(stack_of(sys._current_frames().get(self._ident)))
