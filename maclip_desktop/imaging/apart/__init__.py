"""Decoding in processes of its own: a file that makes a decoder hang, crash or eat memory costs one photo.

Threads cannot be stopped, and a crash in a C library ends the whole process. Inside `decoding_apart`, what
`imaging.decode`, `imaging.metadata` and `imaging.thumbnails` do is done by small child processes with limits in
time and memory. Who calls them sees no difference: the same results, and the same errors with the same sentences.

How a request goes: the calling thread leases a child (`decoders`), sends it a request and listens
(`conversation`); a thread of its own looks at the clocks and the memory of all children at work (`watch`); in the
child, `child` does the work. What they say to each other stands in `messages`, how it travels in `channel`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from maclip_desktop.imaging.apart import asking
from maclip_desktop.imaging.apart.bounds import Bounds

if TYPE_CHECKING:
    from maclip_desktop.imaging.apart.decoders import Decoders

__all__ = ["Bounds", "decoding_apart"]


@contextmanager
def decoding_apart(bounds: Bounds | None = None, helper: str | None = None) -> "Iterator[Decoders]":
    """Let this program decode in child processes until the block ends; then no process and no thread is left.

    To be entered once, where the program starts; a block inside another one shares its children. Where no child can
    be started the program decodes for itself, and says so in the log.

    *helper*: a module that each child imports before it begins, for tests of hostile decoders.
    """
    # Imported here: decoding itself, and so every child, has no need of what starts children.
    from maclip_desktop.imaging.apart.decoders import Decoders

    there = asking.active()
    if isinstance(there, Decoders):
        yield there
        return
    decoders = Decoders(bounds or Bounds(), helper)
    asking.begin(decoders)
    try:
        yield decoders
    finally:
        # In this order: who asks while the children end is told so, and does not decode for himself.
        decoders.close()
        asking.end()
