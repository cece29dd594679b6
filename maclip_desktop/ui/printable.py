"""Names and paths as Qt can show them."""

from pathlib import Path


def printable(path: Path) -> str:
    """A path as Qt can show it: bytes that are no text become visible escapes."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def printable_name(path: Path) -> str:
    """The last part of a path, or all of it where there is no such part."""
    return printable(Path(path.name)) if path.name else printable(path)
