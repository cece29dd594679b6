"""Work in a process of its own: what comes back, and what is left behind."""

import multiprocessing
import os
import signal
import threading
from pathlib import Path

import pytest

from maclip_desktop.benchmark.apart import Say, apart
from maclip_desktop.errors import ProgramError, UserFacingError, WeightsError

# Functions of a module, so that the other process finds them.


def own_id(name: str, say: Say) -> tuple[str, int]:
    say("at work")
    say("done")
    return name, os.getpid()


def refuse(say: Say) -> None:
    raise WeightsError("There is no weights file x; check its name.")


def fall_over(say: Say) -> None:
    raise ZeroDivisionError("by accident")


def end_suddenly(say: Say) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def work_for_ever(say: Say) -> None:
    say("begun")
    threading.Event().wait()


def silence(text: str) -> None:
    pass


def test_it_runs_elsewhere_and_its_result_and_progress_come_back() -> None:
    said: list[str] = []
    name, process = apart(said.append, own_id, "part")
    assert name == "part"
    assert process != os.getpid()
    assert said == ["at work", "done"]


def test_an_error_for_the_user_comes_back_as_it_is() -> None:
    with pytest.raises(WeightsError, match=r"^There is no weights file x; check its name\.$"):
        apart(silence, refuse)


def test_an_error_of_the_program_comes_back_with_its_place() -> None:
    with pytest.raises(ProgramError, match="by accident") as caught:
        apart(silence, fall_over)
    assert Path(__file__).name in str(caught.value)


def test_a_process_that_is_ended_from_outside_is_one_sentence() -> None:
    with pytest.raises(UserFacingError, match="ended from outside"):
        apart(silence, end_suddenly)


def test_an_interruption_here_ends_the_process_there() -> None:
    def interrupt(text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apart(interrupt, work_for_ever)
    assert multiprocessing.active_children() == []
