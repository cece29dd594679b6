"""The plain way of scoring, measured. To be run in a process of its own."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from maclip_desktop.benchmark.apart import Say
from maclip_desktop.benchmark.memory import forget_peak, peak_bytes
from maclip_desktop.benchmark.results import PlainlyMeasured
from maclip_desktop.benchmark.subject import Subject


def measure_plain_way(subject: Subject, paths: Sequence[Path], say: Say) -> PlainlyMeasured:
    """Score *paths* one by one in the plain way (`scoring.plain_way`), with the weights of *subject*.

    Raises `WeightsError` for weights without a text encoder, `DeviceError` and `UsageError`.
    """
    from maclip_desktop.scoring.devices import resolve_device
    from maclip_desktop.scoring.plain_way import PlainWay

    say("loading the plain way")
    choice = subject.choice
    plain = PlainWay(choice.parameters, subject.complete_state(), resolve_device(choice.device))
    # As for the program, what is set up in a first pass does not count.
    _try(plain, paths[0])
    forget_peak()
    scores: dict[Path, float] = {}
    start = time.perf_counter()
    for done, path in enumerate(paths, 1):
        score = _try(plain, path)
        if score is not None:
            scores[path] = score
        say(f"the plain way: {done} of {len(paths)} photos")
    return PlainlyMeasured(time.perf_counter() - start, scores, len(paths) - len(scores), peak_bytes())


def _try(plain: Callable[[Path], float], path: Path) -> float | None:
    """The score, or None for what Pillow alone cannot read, such as RAW files."""
    try:
        return plain(path)
    except OSError:
        return None
