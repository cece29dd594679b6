"""What is said between a calling thread and the child that works for it, until the answer is there."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maclip_desktop.errors import PhotoError, ProgramError, TransientPhotoError
from maclip_desktop.imaging import limits
from maclip_desktop.imaging.apart.bounds import Bounds
from maclip_desktop.imaging.apart.channel import ChannelClosedError, GarbledError
from maclip_desktop.imaging.apart.ends import End
from maclip_desktop.imaging.apart.messages import Answer, Failed, Granted, Order, Refused, Request, RoomWanted, Said
from maclip_desktop.imaging.apart.process import Decoder, Work
from maclip_desktop.imaging.failures import photo_errors
from maclip_desktop.imaging.room import Room

_LOGGERS = ("maclip_desktop", "PIL")


class MemoryRefusedError(Exception):
    """The child got no more memory; holds the `TransientPhotoError` it would have raised."""

    def __init__(self, error: PhotoError) -> None:
        super().__init__(str(error))
        self.error = error


class Conversation:
    """One request to one child."""

    def __init__(self, decoder: Decoder, bounds: Bounds, size: int, room: Room) -> None:
        """*size*: bytes of the file; *room*: taken for the child's pixels, and the caller's to give back."""
        self._decoder = decoder
        self._bounds = bounds
        self._size = size
        self._room = room
        self.work = Work(bounds.seconds_for(size, 0), bounds.memory_for(0))
        self.over = False
        """Whether the child has said all it had to say, and can be asked again."""
        decoder.work = self.work

    def hold(self, request: Request) -> tuple[Any, NDArray[np.uint8] | None]:
        """Ask, and listen until the answer is there.

        Raises `PhotoError` as the child says, `MemoryRefusedError`, `ProgramError` for a bug in the child, and
        `ChannelClosedError` where the child ends.
        """
        self._decoder.channel.send(self._order(request))
        while True:
            match self._heard():
                case Answer(value, shape):
                    pixels = None if shape is None else self._pixels(request.path, shape)
                    self.over = True
                    return value, pixels
                case RoomWanted(pixels):
                    self._make_room(pixels)
                case Said(logger, level, text):
                    logging.getLogger(logger).log(level, "%s", text)
                case Refused() as refused:
                    self.over = True
                    raise _error(refused)
                case Failed(details):
                    raise ProgramError(f"a decoding process failed:\n{details}")

    def _heard(self) -> Any:
        try:
            return self._decoder.channel.receive()
        except GarbledError as error:
            self._decoder.end(End.CRASHED)
            raise ChannelClosedError from error

    def _order(self, request: Request) -> Order:
        return Order(
            request,
            folder=None if request.path.is_absolute() else _here(),
            max_pixels=limits.max_pixels(),
            log_levels=tuple((name, logging.getLogger(name).getEffectiveLevel()) for name in _LOGGERS),
            seconds=self.work.seconds + self._bounds.overtime,
            memory=self.work.memory,
        )

    def _make_room(self, pixels: int) -> None:
        """The child waits for its turn, and its clock with it."""
        self.work.paused = True
        try:
            self._room.take(pixels)
        finally:
            self.work.paused = False
        self.work.seconds = self._bounds.seconds_for(self._size, pixels)
        self.work.memory = self._bounds.memory_for(pixels)
        self._decoder.channel.send(Granted(self.work.seconds + self._bounds.overtime, self.work.memory))

    def _pixels(self, path: Path, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
        with photo_errors(path):
            pixels = np.empty(shape, dtype=np.uint8)
        self._decoder.channel.receive_into(pixels.reshape(-1).data)
        return pixels


def _error(refused: Refused) -> Exception:
    error = (TransientPhotoError if refused.transient else PhotoError)(refused.sentence)
    return MemoryRefusedError(error) if refused.no_memory else error


def _here() -> str | None:
    try:
        return str(Path.cwd())
    except OSError:  # the current folder was deleted
        return None
