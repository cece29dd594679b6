"""Values of EXIF tags, which may hold anything: as plain numbers and texts, or as nothing."""

import math
from typing import Any


def text(value: Any) -> str:
    """A text in one line, without the zero bytes, control characters and spaces that cameras pad with."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    first = value.partition("\0")[0]
    return " ".join("".join(sign if sign.isprintable() else " " for sign in first).split())


def number(value: Any) -> float | None:
    """A finite number (the first, of several), or None."""
    if isinstance(value, tuple | list):
        value = value[0] if value else None
    if value is None or isinstance(value, str | bytes):
        return None
    try:
        result = float(value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return result if math.isfinite(result) else None


def between(lowest: float, value: Any, highest: float) -> float | None:
    """A number within limits, both included, or None."""
    result = number(value)
    return result if result is not None and lowest <= result <= highest else None


def whole(value: Any) -> int | None:
    """A whole number, or None; fractions are cut off."""
    result = number(value)
    return None if result is None else int(result)
