"""Results on standard output, everything else on standard error, and no more of it than helps."""

import io
import sys

import pytest

from maclip_desktop.console import PLAIN_SECONDS, TERMINAL_SECONDS, Console
from maclip_desktop.errors import ExportError
from tests.helpers.fakes import FakeClock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Full(io.StringIO):
    error: OSError

    def write(self, text: str) -> int:
        raise self.error


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    monkeypatch.setattr("time.monotonic", clock)
    return clock


def test_results_and_messages_go_different_ways() -> None:
    out, err = io.StringIO(), io.StringIO()
    console = Console(out, err)
    console.result("0.5  a.jpg")
    console.say("1 photo scored.")
    assert (out.getvalue(), err.getvalue()) == ("0.5  a.jpg\n", "1 photo scored.\n")


def test_progress_without_a_terminal_is_a_line_now_and_then(clock: FakeClock) -> None:
    err = io.StringIO()
    console = Console(io.StringIO(), err)
    for number in range(100):
        console.progress(f"{number} of 100")
        clock.forward(PLAIN_SECONDS / 20)
    assert len(err.getvalue().splitlines()) == 4


def test_a_short_job_shows_no_progress_without_a_terminal(clock: FakeClock) -> None:
    err = io.StringIO()
    Console(io.StringIO(), err).progress("1 of 2")
    assert err.getvalue() == ""


def test_progress_on_a_terminal_rewrites_one_line_and_ends_it(clock: FakeClock) -> None:
    err = Terminal()
    console = Console(io.StringIO(), err)
    for text in ("reading: 100 of 100", "scoring: 1 of 9"):
        clock.forward(TERMINAL_SECONDS * 1.01)
        console.progress(text)
    console.say("Done.")
    # The rest of the longer line is wiped out.
    assert err.getvalue() == "\rreading: 100 of 100\rscoring: 1 of 9    \nDone.\n"


def test_what_the_stream_has_no_letter_for_is_escaped() -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="\n")
    console = Console(out, io.StringIO())
    console.result("größe \udcff.jpg")
    console.flush()
    assert out.buffer.getvalue() == b"gr\\xf6\\xdfe \\udcff.jpg\n"


def test_a_name_cannot_command_the_terminal_or_begin_a_line() -> None:
    out = io.StringIO()
    Console(out, io.StringIO()).result("a\nb\x1b[2J\r\x9bc.jpg")
    assert out.getvalue() == "a\\nb\\x1b[2J\\x0d\\x9bc.jpg\n"


def test_started_without_a_console_it_says_nothing_and_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows gives a program from the start menu no standard streams."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    console = Console()
    console.result("nobody")
    console.say("hears")
    console.progress("this")
    console.flush()


def test_a_reader_that_has_gone_is_told_from_a_full_disk() -> None:
    out = Full()
    console = Console(out, io.StringIO())
    out.error = BrokenPipeError()
    with pytest.raises(BrokenPipeError):
        console.result("x")
    out.error = OSError(28, "No space left on device")
    with pytest.raises(ExportError, match="No space left on device"):
        console.result("x")
