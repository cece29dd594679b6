"""Files of prompt pairs that users bring: JSON, or text with one pair a line."""

import json
from pathlib import Path
from typing import Any

from maclip_desktop.errors import UsageError
from maclip_desktop.scoring.prompts import PromptPairs, require_prompt_pairs

MAX_BYTES = 1_000_000
_FORM = 'write a JSON list such as [["Good image", "bad image"]], or one line "Good image / bad image" for each pair'


def read_prompts(path: Path) -> PromptPairs:
    """The (positive, negative) pairs in *path*.

    A JSON list of lists of two texts; or text lines with a tab or `` / `` between the two, where empty lines and lines
    that begin with ``#`` are passed over. Raises `UsageError` with what is wrong and in which line.
    """
    text = _text(path)
    pairs = _from_json(text, path) if text.lstrip().startswith(("[", "{")) else _from_lines(text, path)
    if not pairs:
        raise UsageError(f"{path} holds no prompts; {_FORM}.")
    try:
        return require_prompt_pairs(pairs)
    except UsageError as error:
        raise UsageError(f"The prompts in {path} cannot be used: {error}") from error


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"The prompts in {path} cannot be read ({error.strerror or error}); check the file."
        ) from error
    if len(content) > MAX_BYTES:
        raise UsageError(f"{path} is too large for a file of prompts; {_FORM}.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no text in UTF-8; save it as UTF-8, or choose another file of prompts.") from error


def _from_json(text: str, path: Path) -> PromptPairs:
    try:
        content: Any = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{path} is not JSON in line {error.lineno} ({error.msg}); {_FORM}.") from error
    except RecursionError as error:
        raise UsageError(f"{path} is not a list of pairs; {_FORM}.") from error
    if not isinstance(content, list):
        raise UsageError(f"{path} is not a list of pairs; {_FORM}.")
    for number, pair in enumerate(content, start=1):
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(prompt, str) for prompt in pair)):
            raise UsageError(f"Pair {number} in {path} is not two texts; {_FORM}.")
    return tuple((positive, negative) for positive, negative in content)


def _from_lines(text: str, path: Path) -> PromptPairs:
    pairs = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parts = [part.strip() for part in line.split("\t" if "\t" in line else " / ")]
        if len(parts) != 2:
            raise UsageError(f"Line {number} in {path} is not a pair of prompts; {_FORM}.")
        pairs.append((parts[0], parts[1]))
    return tuple(pairs)
