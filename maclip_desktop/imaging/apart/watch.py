"""The thread that looks at the clocks and the memory of children at work."""

import threading
import time
from collections.abc import Callable

from maclip_desktop.imaging.apart.bounds import Bounds
from maclip_desktop.imaging.apart.ends import End
from maclip_desktop.imaging.apart.process import Decoder, Work

_DRIVES_SHARE = 0.25
"""A photo that spent so much of its time in waiting for its drive may be read in time from a quicker one."""

AtWork = list[tuple[Decoder, Work]]


class Watch:
    """Ends children that are over their bounds, or idle for long. Sleeps while no child works."""

    def __init__(
        self,
        bounds: Bounds,
        at_work: Callable[[], AtWork],
        end: Callable[[Decoder, Work, End], None],
        end_idle: Callable[[], float | None],
    ) -> None:
        """*at_work* lists what is being done; *end* ends a child if it is still at that; *end_idle* ends those idle
        for too long, and returns the seconds until the next one will be."""
        self._bounds = bounds
        self._at_work = at_work
        self._end = end
        self._end_idle = end_idle
        self._begun = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def look(self) -> None:
        """A child has begun something. To be called under one lock by all."""
        if self._thread is None:
            # A daemon: a program that is ended without leaving `decoding_apart` must not wait for it.
            self._thread = threading.Thread(target=self._run, name="decode-watch", daemon=True)
            self._thread.start()
        self._begun.set()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._begun.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._begun.wait(self._end_idle())
            self._begun.clear()
            before = time.monotonic()
            while (working := self._at_work()) and not self._closing.wait(self._bounds.tick):
                now = time.monotonic()
                # A machine that slept, or a program that was stopped, says nothing about a photo.
                self._charge(working, min(now - before, 2 * self._bounds.tick))
                before = now

    def _charge(self, working: AtWork, seconds: float) -> None:
        for decoder, work in working:
            if not work.paused:
                _count(decoder, work, seconds)
            end = _verdict(decoder, work)
            if end is not None:
                self._end(decoder, work, end)


def _count(decoder: Decoder, work: Work, seconds: float) -> None:
    if work.in_line is None:
        work.in_line = decoder.in_line()
    work.spent += seconds
    if decoder.waits_for_drive():
        work.at_drive += seconds


def _was_kept_waiting(decoder: Decoder, work: Work) -> bool:
    """Take back what it stood in line for a processor: a busy machine says nothing about a photo."""
    before, work.in_line = work.in_line or 0.0, decoder.in_line()
    work.spent -= work.in_line - before
    return work.spent <= work.seconds


def _verdict(decoder: Decoder, work: Work) -> End | None:
    if work.spent > work.seconds and not _was_kept_waiting(decoder, work):
        return End.UNREACHED if work.at_drive > _DRIVES_SHARE * work.spent else End.SLOW
    return End.GREEDY if decoder.memory() > work.memory else None
