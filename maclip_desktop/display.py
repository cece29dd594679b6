"""Is there a screen, and what does Qt miss to use it? Looks, without loading Qt."""

import ctypes
import os
import sys
from collections.abc import Callable, Mapping

from maclip_desktop.errors import UserFacingError

# What Qt loads when it makes a window on Linux: shared library -> Debian's package.
BASE_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
NETWORK_LIBRARIES = {"libgssapi_krb5.so.2": "libgssapi-krb5-2"}
"""For Qt's network library, without which a window opens all the same."""
X11_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def has_display(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """True where a window can be shown to somebody."""
    if platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def missing_packages(
    with_screen: bool,
    load: Callable[[str], object] = ctypes.CDLL,
    libraries: Mapping[str, str] = BASE_LIBRARIES,
) -> list[str]:
    """Debian packages to install before Qt works here; empty on other systems than Linux."""
    if not sys.platform.startswith("linux"):
        return []
    wanted = {**libraries, **(X11_LIBRARIES if with_screen else {})}
    return [package for library, package in wanted.items() if not _loads(library, load)]


def require_display() -> None:
    """Raise one sentence where no window can be opened; Qt itself would end the process without one."""
    if os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal"):
        require_libraries(with_screen=False)
        return
    if not has_display():
        raise UserFacingError(
            "There is no screen to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set); "
            "use 'maclip-desktop score FOLDER' or 'maclip-desktop demo --headless' here."
        )
    require_libraries(with_screen=bool(os.environ.get("DISPLAY")))
    if os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY") and not _screen_answers():
        raise UserFacingError(f"The screen {os.environ['DISPLAY']} does not answer; check the variable DISPLAY.")


def require_libraries(*, with_screen: bool) -> None:
    """Raise one sentence where the system lacks what Qt needs."""
    missing = missing_packages(with_screen)
    if missing:
        raise UserFacingError(
            f"Qt needs system packages that are not here; install them with: apt-get install {' '.join(missing)}"
        )


def _screen_answers() -> bool:
    """Ask the X server as Qt will: where it does not answer, Qt ends the process."""
    if not sys.platform.startswith("linux"):
        return True
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt says what is missing
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed


def _loads(library: str, load: Callable[[str], object]) -> bool:
    try:
        load(library)
    except OSError:
        return False
    return True
