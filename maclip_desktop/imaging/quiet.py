"""Pillow's warnings about odd files, kept in the log."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_inside = 0
_catcher: "warnings.catch_warnings[None] | None" = None


@contextmanager
def pillow_warnings_logged() -> Iterator[None]:
    """Send Pillow's warnings to the debug log; those of other libraries go where they always went.

    Until Python 3.14 the warning filters belong to the process, not to the thread: two decoding threads that
    each saved and restored them would leave them wrong. So the first thread to come in sets them and the last
    one to leave restores them.
    """
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside, _catcher
    with _lock:
        _inside += 1
        if _inside > 1:
            return
        _catcher = warnings.catch_warnings()
        _catcher.__enter__()
        warnings.filterwarnings("always", module=r"PIL\.")
        show = warnings.showwarning

        def log(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if "PIL" in filename:
                logger.debug("%s: %s", category.__name__, message)
            else:
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = log


def _leave() -> None:
    global _inside, _catcher
    with _lock:
        _inside -= 1
        if _inside == 0 and _catcher is not None:
            _catcher.__exit__(None, None, None)
            _catcher = None
