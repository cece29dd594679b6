"""The children of this program: leased, watched, replaced, ended."""

import logging
import threading
import time
from collections.abc import Iterable
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging.apart.bounds import Bounds
from maclip_desktop.imaging.apart.channel import ChannelClosedError
from maclip_desktop.imaging.apart.conversation import Conversation, MemoryRefusedError
from maclip_desktop.imaging.apart.ends import End, error_of
from maclip_desktop.imaging.apart.messages import Request
from maclip_desktop.imaging.apart.offenders import FileState, Offenders, state_of
from maclip_desktop.imaging.apart.process import Decoder, NoChildError, Work
from maclip_desktop.imaging.apart.watch import AtWork, Watch
from maclip_desktop.imaging.room import Room

log = logging.getLogger(__name__)

Result = tuple[Any, NDArray[np.uint8] | None]
"""An answer's value, and the pixels of a photo that was asked for."""

_TRIES = 3
"""So many children in a row that do not start, and no more are tried for a while."""
_NEXT_TRY_S = 300.0
_LEAVING_S = 5.0
_SCARCE_BYTES = 500_000_000
"""With less memory free than this, a decoder that got none may be innocent."""


class Decoders:
    """Starts children when they are wanted, and never more than `Bounds.children`. Thread-safe.

    Who looks at the pixels of a photo must not ask for another one meanwhile: all children may wait for the room
    that these pixels hold.
    """

    def __init__(self, bounds: Bounds, helper: str | None = None) -> None:
        """*helper*: a module that each child imports before it begins."""
        self._bounds = bounds
        self._helper = helper
        self._changed = threading.Condition()
        self._idle: list[Decoder] = []
        self._busy: set[Decoder] = set()
        self._there = 0
        """Children that are idle, busy or being started."""
        self._failed_starts = 0
        self._next_try = 0.0
        self._closed = False
        self._offenders = Offenders()
        self._watch = Watch(bounds, self._at_work, self._end, self._end_idle)

    def ask(self, request: Request, room: Room) -> Result | None:
        """Have a child do what is wanted; None where no child can be started.

        *room* is taken for the child's pixels as soon as it knows how many, and is the caller's to give back. Raises
        `PhotoError`.
        """
        state = state_of(request.path)
        self._offenders.refuse(state)
        decoder = self._lease(fresh=False)
        if decoder is not None and (result := self._result(decoder, request, state, room)) is not None:
            return result
        if decoder is not None:
            # It crashed, but what it had read before may have broken it: once more, by one that has read nothing.
            decoder = self._lease(fresh=True)
            if decoder is not None:
                return self._result(decoder, request, state, room)
            raise error_of(End.OUTSIDE, request.path)
        if self._closed:
            raise error_of(End.CLOSED, request.path)
        return None

    def pids(self) -> list[int]:
        """The processes that are ready or at work."""
        with self._changed:
            return [decoder.pid for decoder in (*self._idle, *self._busy)]

    def break_off(self) -> None:
        """End all children, and wait for nothing; who waits for one gets a `TransientPhotoError`."""
        with self._changed:
            self._closed = True
            for decoder in (*self._idle, *self._busy):
                decoder.end(End.CLOSED)
            self._changed.notify_all()

    def close(self) -> None:
        """As `break_off`, and wait until they are gone. May be called more than once."""
        self.break_off()
        self._watch.close()
        with self._changed:
            idle, self._idle = self._idle, []
            self._there -= len(idle)
        _see_off(idle)
        with self._changed:
            # Not for ever: a thread that waits for room is told only when there is some.
            self._changed.wait_for(lambda: self._there == 0, _LEAVING_S)

    def _result(self, decoder: Decoder, request: Request, state: FileState, room: Room) -> Result | None:
        """What a leased child answers; None where it crashed and had read other photos before. Raises `PhotoError`."""
        used, decoder.asked = decoder.asked > 0, decoder.asked + 1
        talk = Conversation(decoder, self._bounds, state.size, room)
        try:
            return talk.hold(request)
        except MemoryRefusedError as refused:
            if psutil.virtual_memory().available < _SCARCE_BYTES:
                raise refused.error from None
            raise self._blamed(state, End.GREEDY, talk.work) from None
        except ChannelClosedError:
            end = decoder.gone()[0]
            if end is End.CRASHED and used:
                return None
            raise self._blamed(state, end, talk.work) from None
        finally:
            self._give_back(decoder, reusable=talk.over)

    def _blamed(self, state: FileState, end: End, work: Work) -> PhotoError:
        """What the person is told; remembered where the photo would do it again."""
        error = error_of(end, state.path, work.seconds, work.memory)
        if end.blames_photo:
            log.warning("%s", error)
            self._offenders.remember(state, str(error))
        return error

    def _lease(self, fresh: bool) -> Decoder | None:
        """A child for the calling thread alone, a new one where it must be *fresh*; None where there is none."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._idle or self._there < self._bounds.children)
                idle = self._idle_one(fresh)
                if idle is not None or not self._may_start():
                    return idle
                self._there += 1
            if (started := self._started()) is not None:
                return started

    def _idle_one(self, fresh: bool) -> Decoder | None:
        """One that lives; those found dead, and all before a *fresh* one, make room. To be called under the lock."""
        while self._idle and not self._closed:
            decoder = self._idle.pop()
            if not fresh and decoder.lives():
                self._busy.add(decoder)
                self._watch.look()
                return decoder
            self._there -= 1
            _see_off([decoder])
        return None

    def _may_start(self) -> bool:
        return not self._closed and (self._failed_starts < _TRIES or time.monotonic() >= self._next_try)

    def _started(self) -> Decoder | None:
        """A new child, for the calling thread; None where it does not start."""
        decoder, ready = None, False
        try:
            decoder = Decoder(self._helper)
            self._greet(decoder)
            ready = True
            return decoder
        except NoChildError as error:
            self._complain(error)
            return None
        finally:
            if not ready:
                self._lose(decoder)

    def _greet(self, decoder: Decoder) -> None:
        """Wait until a new child is ready, but not for ever. Raises `NoChildError`."""
        decoder.work = Work(self._bounds.start_seconds, self._bounds.memory)
        with self._changed:
            self._busy.add(decoder)
            if self._closed:
                decoder.end(End.CLOSED)
            else:
                self._watch.look()
        decoder.wait_until_ready()
        with self._changed:
            decoder.work = None
            self._failed_starts = 0
            if decoder.condemned:
                raise NoChildError("it took too long to start")

    def _complain(self, error: NoChildError) -> None:
        with self._changed:
            if self._closed:
                return
            self._failed_starts += 1
            self._next_try = time.monotonic() + _NEXT_TRY_S
            given_up = self._failed_starts == _TRIES
        if given_up:
            log.warning("Photos are decoded without protection, because no process for it can be started: %s", error)

    def _give_back(self, decoder: Decoder, reusable: bool) -> None:
        with self._changed:
            if reusable and not decoder.condemned and not self._closed:
                decoder.rest()
                self._busy.discard(decoder)
                self._idle.append(decoder)
                self._changed.notify_all()
                return
        self._lose(decoder)

    def _lose(self, decoder: Decoder | None) -> None:
        """End a child that is leased, or whose start failed."""
        if decoder is not None:
            decoder.end(End.CLOSED)
            decoder.gone()
        with self._changed:
            if decoder is not None:
                self._busy.discard(decoder)
            self._there -= 1
            self._changed.notify_all()

    def _at_work(self) -> AtWork:
        with self._changed:
            return [(decoder, decoder.work) for decoder in self._busy if decoder.work is not None]

    def _end(self, decoder: Decoder, work: Work, why: End) -> None:
        with self._changed:
            if decoder.work is work:  # and not at the next photo, which has done nothing
                decoder.end(why)

    def _end_idle(self) -> float | None:
        """End children that were idle for too long; returns the seconds until the next one will have been."""
        now = time.monotonic()
        with self._changed:
            old = [one for one in self._idle if now - one.idle_since >= self._bounds.idle_seconds]
            self._idle = [one for one in self._idle if one not in old]
            self._there -= len(old)
            nexts = [one.idle_since + self._bounds.idle_seconds - now for one in self._idle]
        _see_off(old)
        return max(min(nexts), self._bounds.tick) if nexts else None


def _see_off(decoders: Iterable[Decoder]) -> None:
    """End children that have nothing to do."""
    for decoder in decoders:
        decoder.end(End.CLOSED)
        decoder.gone()
