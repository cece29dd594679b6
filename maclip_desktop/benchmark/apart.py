"""Doing a part of the work in a process of its own: its peak of memory is its own then."""

import logging
import multiprocessing
import signal
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from maclip_desktop.errors import ProgramError, UserFacingError

Say = Callable[[str], None]
"""Told how far the work is; may be called as often as one likes."""

_GONE_SECONDS = 5.0


def apart(say: Say, work: Callable[..., Any], *arguments: Any) -> Any:
    """``work(*arguments, say)`` in a fresh process; returns what it returns, raises the `UserFacingError` it raises.

    *work*: a function of a module; what goes in and out is pickled. The process does not outlive the call, also where
    that is interrupted. Raises `ProgramError` with the details of any other error in there, and `UserFacingError`
    where the process was ended from outside.
    """
    # Spawned and not forked: CUDA, and threads that hold locks, do not survive a fork.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, work, arguments), daemon=True)
    with ours:
        process.start()
        theirs.close()
        try:
            return _listen(ours, say)
        except EOFError:
            process.join(_GONE_SECONDS)
            raise UserFacingError(
                f"A measuring process was ended from outside (exit code {process.exitcode}),"
                " most likely for want of memory; close other programs, or measure fewer or smaller photos."
            ) from None
        finally:
            process.kill()
            process.join()
            process.close()


def _listen(connection: Connection, say: Say) -> Any:
    while True:
        kind, content = connection.recv()
        if kind == "progress":
            say(content)
        elif kind == "refused":
            raise content
        elif kind == "error":
            raise ProgramError(f"a measuring process failed:\n{content}")
        else:
            return content


def _work(connection: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    # Ctrl+C reaches every process of the terminal; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s")
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    try:
        # A parent that is gone breaks the pipe, and so ends the work.
        answer = "result", work(*arguments, lambda text: connection.send(("progress", text)))
    except UserFacingError as error:
        answer = "refused", error
    except Exception:  # noqa: BLE001 - it is raised again in the other process
        answer = "error", traceback.format_exc()
    connection.send(answer)
