"""What a child logs goes into its parent's log."""

import logging
from collections.abc import Iterable

from maclip_desktop.imaging.apart.channel import Channel
from maclip_desktop.imaging.apart.messages import Said


class _Handler(logging.Handler):
    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self._channel = channel

    def emit(self, record: logging.LogRecord) -> None:
        self._channel.send(Said(record.name, record.levelno, record.getMessage()))


def say_to_parent(channel: Channel) -> None:
    """From now on, log records travel; only the thread that answers may log."""
    logging.getLogger().addHandler(_Handler(channel))


def set_levels(levels: Iterable[tuple[str, int]]) -> None:
    """Log no more than the parent does: levels by name of the logger."""
    for name, level in levels:
        logging.getLogger(name).setLevel(level)
