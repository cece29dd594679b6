"""Threads that step back for the window and for other programs."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pytest

from maclip_desktop.jobs.priority import STEPS_BACK, lower_priority

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a thread's priority this way")

Answer = TypeVar("Answer")


def nice() -> int:
    """The value of the thread that asks."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def behind_the_program() -> int:
    return min(19, os.getpriority(os.PRIO_PROCESS, os.getpid()) + STEPS_BACK)


def nice_values() -> dict[str, int]:
    """Of every thread of this process, Python's own and others."""
    values: dict[str, int] = {}
    for task in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):  # ended meanwhile
            values[task.name] = os.getpriority(os.PRIO_PROCESS, int(task.name))
    return values


def in_a_thread(work: Callable[[], Answer]) -> Answer:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_a_thread_steps_back_and_no_other() -> None:
    def step_back() -> int:
        lower_priority()
        return nice()

    before = nice()
    assert in_a_thread(step_back) == behind_the_program()
    assert nice() == before


def test_who_steps_back_twice_steps_back_once() -> None:
    def step_back_twice() -> int:
        lower_priority()
        with ThreadPoolExecutor(1, initializer=lower_priority) as pool:
            return pool.submit(nice).result()

    assert in_a_thread(step_back_twice) == behind_the_program()


def test_where_it_is_not_permitted_the_work_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: int) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "setpriority", forbidden)
    with ThreadPoolExecutor(1, initializer=lower_priority) as pool:
        assert pool.submit(sum, (1, 2)).result() == 3


def test_the_engine_s_own_threads_step_back_with_the_one_that_scores() -> None:
    import torch

    def compute() -> list[int]:
        lower_priority()
        threads = torch.get_num_threads()
        torch.set_num_threads(2)
        before = nice_values()
        with torch.inference_mode():
            torch.nn.Conv2d(3, 64, 7)(torch.zeros(4, 3, 96, 96))
        torch.set_num_threads(threads)
        return [value for task, value in nice_values().items() if task not in before]

    assert set(in_a_thread(compute)) == {behind_the_program()}
