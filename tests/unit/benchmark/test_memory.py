"""What a process takes: asked of the system, checked against memory that was really used."""

import numpy as np
import pytest

from maclip_desktop.benchmark.apart import Say, apart
from maclip_desktop.benchmark.memory import forget_peak, peak_bytes, resident_bytes

BYTES = 200_000_000


def use_and_return(say: Say) -> tuple[int | None, int | None, int | None, bool, int | None]:
    before = peak_bytes()
    block = np.ones(BYTES, dtype=np.uint8)
    held = resident_bytes()
    del block
    after = peak_bytes()
    forgotten = forget_peak()
    return before, held, after, forgotten, peak_bytes()


def test_the_peak_is_what_was_used_most_and_can_begin_anew() -> None:
    before, held, after, forgotten, anew = apart(lambda _: None, use_and_return)
    if held is None or not forgotten:
        pytest.skip("this system tells less of a process")
    assert after - before > 0.9 * BYTES
    assert held - before > 0.5 * BYTES
    assert after - anew > 0.9 * BYTES


def test_a_process_does_not_inherit_the_peak_of_the_one_that_started_it() -> None:
    block = np.ones(2 * BYTES, dtype=np.uint8)
    before, *_ = apart(lambda _: None, use_and_return)
    own = peak_bytes()
    assert own is not None and before is not None
    assert own > block.nbytes
    assert before < block.nbytes
