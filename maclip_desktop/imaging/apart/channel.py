"""A stream of messages, and of bare pixels, between parent and child: two pipes."""

import pickle
import struct
from io import RawIOBase
from typing import Any

_LENGTH = struct.Struct("<Q")


_LONGEST = 2**28
"""Bytes of a message; the longest, a large preview, takes a tenth of it."""


class ChannelClosedError(Exception):
    """The other side has gone."""


class GarbledError(Exception):
    """What came is no message: the other side is out of its mind, and nothing that follows can be understood."""


class Channel:
    """One end. Both sides are this program, so what travels is pickled; one thread at a time on each direction."""

    def __init__(self, reader: RawIOBase, writer: RawIOBase) -> None:
        """*reader*, *writer*: unbuffered, so that nothing stands between the pipe and the array it fills."""
        self._reader = reader
        self._writer = writer

    def send(self, message: object) -> None:
        """Raises `ChannelClosedError`."""
        content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        self.send_bytes(memoryview(_LENGTH.pack(len(content)) + content))

    def receive(self) -> Any:
        """Wait for a message. Raises `ChannelClosedError` and `GarbledError`."""
        head = bytearray(_LENGTH.size)
        self.receive_into(memoryview(head))
        (length,) = _LENGTH.unpack(head)
        if length > _LONGEST:
            raise GarbledError(f"a message of {length} bytes")
        content = bytearray(length)
        self.receive_into(memoryview(content))
        try:
            return pickle.loads(content)
        except Exception as error:
            raise GarbledError(f"{type(error).__name__}: {error}") from error

    def send_bytes(self, content: memoryview) -> None:
        """Send bytes as they are. Raises `ChannelClosedError`."""
        try:
            while content:
                content = content[self._writer.write(content) :]
        except (OSError, ValueError) as error:
            raise ChannelClosedError from error

    def receive_into(self, room: memoryview) -> None:
        """Fill *room*. Raises `ChannelClosedError`."""
        while room:
            try:
                count = self._reader.readinto(room)
            except (OSError, ValueError) as error:
                raise ChannelClosedError from error
            if not count:
                raise ChannelClosedError
            room = room[count:]

    def close(self) -> None:
        """Close both directions."""
        self._writer.close()
        self._reader.close()
