"""The child: reads requests from its standard input, and answers on its standard output.

It imports what decodes, and nothing else. It ends when its parent does, whatever it is at.
"""

import contextlib
import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
from PIL import Image

from maclip_desktop import __version__
from maclip_desktop.errors import PhotoError, TransientPhotoError
from maclip_desktop.imaging import limits, room
from maclip_desktop.imaging.apart import own_bounds
from maclip_desktop.imaging.apart.channel import Channel, ChannelClosedError
from maclip_desktop.imaging.apart.ends import NOT_UNDERSTOOD
from maclip_desktop.imaging.apart.messages import (
    QUIET,
    Answer,
    Failed,
    Granted,
    Order,
    Ready,
    Refused,
    Request,
    RoomWanted,
    Task,
)
from maclip_desktop.imaging.apart.saying import say_to_parent, set_levels
from maclip_desktop.imaging.decode import decode_picture
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.imaging.picture import Wanted
from maclip_desktop.imaging.room import PixelBudget, Room
from maclip_desktop.imaging.thumbnails import preview, thumbnail

_BAND_BYTES = 1024 * 1024
_BROKEN_OFF = 70


def main(arguments: Sequence[str]) -> NoReturn:
    """Serve until the parent closes the pipe.

    *arguments*: the parent's version, `QUIET` or `LOUD`, and modules to import first.
    """
    version = arguments[0]
    if version != __version__:
        # The program was replaced while it ran: what they say to each other may have changed with it.
        os._exit(NOT_UNDERSTOOD)
    _, loudness, *helpers = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = _channel()
    own_bounds.step_back()
    for helper in helpers:
        importlib.import_module(helper)
    child = Child(channel)
    if loudness == QUIET:
        _be_quiet()
    child.serve()


def _channel() -> Channel:
    """The pipes to the parent, out of reach of whatever reads or prints."""
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return Channel(requests, answers)


def _be_quiet() -> None:
    """Let nobody see what C libraries print about a photo: what there is to say of it, this program says itself."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)


class BudgetOfParent(PixelBudget):
    """The one budget is the parent's: it takes and gives back, and says when there is room."""

    def __init__(self, child: "Child") -> None:
        super().__init__(1)
        self._child = child

    def take(self, pixels: int) -> int:
        """Wait until the parent has taken *pixels*."""
        self._child.wait_for_room(pixels)
        return pixels

    def give_back(self, pixels: int) -> None:
        """The parent does so, when the pixels have been looked at."""


class Child:
    """Does what the parent orders, one order after the other."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
        room.BUDGET = BudgetOfParent(self)

    def serve(self) -> NoReturn:
        """Answer requests until the parent has gone."""
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        say_to_parent(self._channel)
        try:
            self._channel.send(Ready())
            while True:
                self._obey(self._messages.get())
        except ChannelClosedError:
            os._exit(0)

    def wait_for_room(self, pixels: int) -> None:
        """Until the parent has taken *pixels* of its budget for this child."""
        own_bounds.go_on()
        self._channel.send(RoomWanted(pixels))
        granted: Granted = self._messages.get()
        self._bind(granted.seconds, granted.memory)

    def _listen(self) -> None:
        """In a thread of its own, so that the parent's end is noticed in the middle of a photo as well."""
        try:
            while True:
                self._messages.put(self._channel.receive())
        except ChannelClosedError:
            os._exit(0)
        except Exception:  # noqa: BLE001 - whatever it is, nobody may wait here for ever
            traceback.print_exc()
            os._exit(NOT_UNDERSTOOD)

    def _obey(self, order: Order) -> None:
        try:
            _enter(order.folder)
            limits.set_max_pixels(order.max_pixels)
            set_levels(order.log_levels)
            self._bind(order.seconds, order.memory)
            self._answer(order.request)
        except PhotoError as error:
            self._channel.send(_refusal(error))
        except Exception:  # noqa: BLE001 - the parent raises it again
            self._channel.send(Failed(traceback.format_exc()))
        finally:
            own_bounds.go_on()

    def _bind(self, seconds: float, memory: int) -> None:
        """Should the parent be gone, nobody ends a decoder that hangs and lets no other thread run. This does."""
        own_bounds.end_in(seconds)
        own_bounds.bound_memory(memory)

    def _answer(self, request: Request) -> None:
        match request.task:
            case Task.PIXELS:
                self._send_pixels(request)
            case Task.INFO:
                self._channel.send(Answer(read_info(request.path)))
            case Task.THUMBNAIL:
                self._channel.send(Answer(thumbnail(request.path, request.side)))
            case Task.PREVIEW:
                self._channel.send(Answer(preview(request.path, request.side)))

    def _send_pixels(self, request: Request) -> None:
        with Room() as held:
            picture = decode_picture(request.path, request.wanted or Wanted(), held)
        # The parent may take its time now; and if it goes, this ends on its own.
        own_bounds.go_on()
        image = picture.image
        self._channel.send(Answer((picture.width, picture.height), (image.height, image.width, 3)))
        try:
            self._send_bands(image)
        except Exception:  # noqa: BLE001 - the parent waits for pixels and would take any message for some
            os._exit(_BROKEN_OFF)
        image.close()

    def _send_bands(self, image: Image.Image) -> None:
        rows = max(1, _BAND_BYTES // (3 * image.width))
        for top in range(0, image.height, rows):
            band = np.asarray(image.crop((0, top, image.width, min(top + rows, image.height))))
            self._channel.send_bytes(np.ascontiguousarray(band).reshape(-1).data)


def _enter(folder: str | None) -> None:
    if folder is not None:
        with contextlib.suppress(OSError):  # it is gone; and so is the photo, as will be said
            os.chdir(folder)


def _refusal(error: PhotoError) -> Refused:
    return Refused(str(error), isinstance(error, TransientPhotoError), own_bounds.is_no_memory(error.__cause__))


if __name__ == "__main__":
    main(sys.argv[1:])
