"""MaClip Desktop: find, show and mark the weak photos of a shoot, and leave with a list."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maclip_desktop.maclip import Maclip, MaclipResult

__all__ = ["APP_NAME", "Maclip", "MaclipResult", "__version__"]

__version__ = "0.1.0"
APP_NAME = "MaClip Desktop"


def __getattr__(name: str) -> Any:
    """The Python interface, loaded when it is asked for: the program itself must start without torch."""
    if name in ("Maclip", "MaclipResult"):
        from maclip_desktop import maclip

        return getattr(maclip, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
