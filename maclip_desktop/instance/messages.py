"""What a second start says to the window that is open, and what that one answers.

One line of JSON each way. Any program of the same person can say something here, so nothing is taken on trust: a
message has a version and a greatest length, and what is not exactly as written below is refused.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

VERSION = 1
MAX_BYTES = 256 * 1024
"""Of one message, its end included."""
MAX_FOLDERS = 1000
END = b"\n"


class MessageError(ValueError):
    """What came is no message of this program; ``str(error)`` says what is wrong with it."""


def request(folders: Iterable[Path]) -> bytes:
    """ "Take these folders, and show yourself", as it is sent. *folders* are absolute.

    Raises `MessageError` where they are too many for one message.
    """
    names = [str(folder) for folder in folders]
    line = _line({"version": VERSION, "folders": names})
    if len(names) > MAX_FOLDERS or len(line) > MAX_BYTES:
        raise MessageError(f"{len(names)} folders are too many at once")
    return line


def folders_asked_for(line: bytes) -> tuple[Path, ...]:
    """The folders of a request. Raises `MessageError`."""
    folders = _content(line).get("folders")
    if not isinstance(folders, list) or len(folders) > MAX_FOLDERS:
        raise MessageError("no list of folders")
    if not all(isinstance(name, str) and "\0" not in name and Path(name).is_absolute() for name in folders):
        raise MessageError("a folder that is no absolute path")
    return tuple(map(Path, folders))


def answer(refusal: str | None = None) -> bytes:
    """What is sent back: taken, or why not."""
    return _line({"version": VERSION, "refused": refusal})


def refusal_in(line: bytes) -> str | None:
    """Why a request was refused; None where it was taken. Raises `MessageError`."""
    content = _content(line)
    refusal = content.get("refused", "")
    if refusal is not None and not (isinstance(refusal, str) and refusal):
        raise MessageError("no answer")
    return refusal


def _line(content: dict[str, Any]) -> bytes:
    # Only ASCII: names of files may hold what is no text in any encoding, and come through whole this way.
    return json.dumps(content).encode("ascii") + END


def _content(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_BYTES:
        raise MessageError("longer than a message can be")
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        raise MessageError("no JSON") from None
    if not isinstance(content, dict):
        raise MessageError("no message")
    if type(content.get("version")) is not int or content["version"] != VERSION:
        raise MessageError("it comes from another version of the program")
    return content
