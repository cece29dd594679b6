"""Texts in a HEIC file that its decoder takes for granted to be text."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

_WHOLE_BOX = 1
"""A box's length of this value stands for a longer number that follows its kind."""
_META_BYTES = 4_000_000
"""No camera writes a description of its pictures as long as this."""
_ID_BYTES = {2: 2, 3: 4}
"""Version of an ``infe`` box -> the length of its item's number (ISO/IEC 14496-12, 8.11.6)."""

Box = tuple[bytes, bytes]
"""Kind and content."""


def check_names(file: BinaryIO) -> None:
    """Raise ValueError where the kind or content type of an item is no UTF-8: pi_heif 1.4 would end the process.

    It was mended after that version (pull request 478 of pillow_heif). Anything that is no HEIC, or damaged in other
    ways, passes: its decoder says what is wrong. The file's position stays as it was.
    """
    place = file.tell()
    try:
        file.seek(4)
        if file.read(4) != b"ftyp":
            return
        for kind, body in _top_boxes(file):
            if kind == b"meta":
                _check_meta(body)
    finally:
        file.seek(place)


def _top_boxes(file: BinaryIO) -> Iterator[Box]:
    """The file's boxes; of most only the kind is read, of ``meta`` all."""
    at = 0
    while True:
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head[:8])
        start = 8
        if length == _WHOLE_BOX and len(head) == 16:
            (length,), start = struct.unpack(">Q", head[8:]), 16
        if kind == b"meta":
            file.seek(at + start)
            yield kind, file.read(min(length - start, _META_BYTES) if length >= start else _META_BYTES)
        if length < start:
            return  # it goes to the end of the file, or is damaged
        at += length


def _boxes(content: bytes) -> Iterator[Box]:
    at = 0
    while at + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        length = length or len(content) - at
        if length < 8:
            return
        yield kind, content[at + 8 : at + length]
        at += length


def _check_meta(meta: bytes) -> None:
    # Version and flags come first.
    for kind, body in _boxes(meta[4:]):
        if kind == b"iinf":
            counted = 2 if body[:1] == b"\0" else 4
            for item, about in _boxes(body[4 + counted :]):
                if item == b"infe":
                    _check_item(about)


def _check_item(about: bytes) -> None:
    at = 4 + _ID_BYTES.get(about[0] if about else 0, 2) + 2
    item_type, texts = about[at : at + 4], about[at + 4 :]
    # The item's name, which nobody asks for, its content type, and more.
    content_type = texts.partition(b"\0")[2].partition(b"\0")[0]
    for text in (item_type, content_type):
        text.decode("utf-8")  # UnicodeDecodeError is a ValueError
