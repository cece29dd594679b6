"""``maclip-desktop doctor``: what works here, what does not, and the mend."""

import argparse
import importlib.metadata
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from maclip_desktop import __version__
from maclip_desktop.commands import CANNOT_RUN, DONE
from maclip_desktop.console import Console
from maclip_desktop.disk import is_there
from maclip_desktop.display import NETWORK_LIBRARIES, has_display, missing_packages
from maclip_desktop.errors import UserFacingError, WeightsError
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.factory import find_weights

SUMMARY = "say what works on this machine, what does not, and how to mend it"

PACKAGES = ("numpy", "pillow", "pyside6-essentials", "scikit-image", "sqlite-utils", "watchdog", "rawpy", "pi-heif")
FEW_WATCHES = 8192
LITTLE_SPACE = 500_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    says: str
    mend: str = ""
    """What to do; empty where all is well."""
    needed: bool = True
    """False where the program works without it."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """It has none of its own."""


def run(options: argparse.Namespace, paths: AppPaths, library_file: Path, console: Console) -> int:
    """Look at everything. Returns 3 where something that is needed does not work."""
    broken = 0
    for finding in findings(paths, library_file):
        mark = "ok  " if not finding.mend else ("FAIL" if finding.needed else "note")
        console.result(f"{mark}  {finding.what}: {finding.says}")
        if finding.mend:
            console.result(f"      -> {finding.mend}")
            broken += finding.needed
    console.say("Everything that is needed works." if not broken else f"{broken} of these must be mended first.")
    return CANNOT_RUN if broken else DONE


def findings(paths: AppPaths, library_file: Path) -> Iterator[Finding]:
    """Everything that is looked at, in an order that names causes before effects."""
    yield Finding("MaClip Desktop", f"{__version__}, Python {platform.python_version()}, {platform.platform()}")
    yield from (_package(name) for name in PACKAGES)
    yield _qt_libraries()
    yield _later_starts()
    yield _screen()
    yield _fonts()
    yield _sqlite()
    yield _library(library_file)
    yield _space(library_file.parent)
    yield _torch()
    yield _weights(paths)
    yield _watches()


def _package(name: str) -> Finding:
    try:
        return Finding(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        if _is_packed():
            return Finding(name, "packed into the program")
        return Finding(name, "not installed", "install MaClip Desktop again with pip")


def _is_packed() -> bool:
    """True in a program made of all its parts: it need not bring what the package manager says of them."""
    return bool(getattr(sys, "frozen", False))


def _qt_libraries() -> Finding:
    missing = missing_packages(with_screen=has_display())
    if missing:
        return Finding("Qt's system libraries", "some are missing", f"apt-get install {' '.join(missing)}")
    if _is_packed():
        # There ``sys.executable`` is this very program, and no Python that could try.
        return Finding("Qt", "packed into the program, and not tried")
    # In a process of its own: a Qt that cannot start ends the process it is in.
    code = "from PySide6.QtWidgets import QApplication; QApplication([])"
    platform_name = os.environ.get("QT_QPA_PLATFORM") or ("offscreen" if not has_display() else "")
    environment = os.environ | ({"QT_QPA_PLATFORM": platform_name} if platform_name else {})
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("Qt", f"could not be tried ({error})", "see the message")
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[0]
        return Finding("Qt", f"does not start: {last}", "install the system packages that the README lists")
    return Finding("Qt", "starts")


def _later_starts() -> Finding:
    """Whether an open window hears of later starts; Qt's network library wants more of the system than the rest."""
    what = "one window for one library"
    if missing_packages(with_screen=False, libraries=NETWORK_LIBRARIES):
        mend = f"apt-get install {' '.join(NETWORK_LIBRARIES.values())}"
        return Finding(what, "an open window cannot take the folders of a later start", mend, needed=False)
    return Finding(what, "a later start hands its folders over")


def _screen() -> Finding:
    if has_display():
        return Finding("screen", "there is one")
    return Finding(
        "screen", "none", "the command line and 'demo --headless' work; the window needs a screen", needed=False
    )


def _fonts() -> Finding:
    if not sys.platform.startswith("linux") or any(Path("/usr/share/fonts").glob("**/*.[to]tf")):
        return Finding("fonts", "there are some")
    return Finding("fonts", "none in /usr/share/fonts", "apt-get install fonts-dejavu-core")


def _sqlite() -> Finding:
    return Finding("SQLite", sqlite3.sqlite_version)


def _library(library_file: Path) -> Finding:
    try:
        library_file.stat()
    except FileNotFoundError:
        return Finding("library", f"{library_file} will be made at the first start")
    except OSError as error:
        mend = "check its name and permissions, or choose another with --library"
        return Finding("library", f"{library_file} cannot be opened ({error.strerror})", mend)
    try:
        with Store.open(library_file) as store:
            photos = sum(store.counts().values())
    except UserFacingError as error:
        return Finding("library", str(error), "see the sentence")
    return Finding("library", f"{library_file} with {photos} photos")


def _space(folder: Path) -> Finding:
    existing = next((one for one in (folder, *folder.parents) if is_there(one)), Path.cwd())
    try:
        free = shutil.disk_usage(existing).free
    except OSError as error:
        return Finding("disk space", f"unknown at {existing} ({error.strerror})", needed=False)
    mend = "" if free > LITTLE_SPACE else "make room: the library, thumbnails and weights need some"
    return Finding("disk space", f"{free / 1e9:.1f} GB free at {existing}", mend)


def _torch() -> Finding:
    try:
        from maclip_desktop.scoring.devices import device_title, resolve_device

        version = _package("torch").says
        return Finding("MA-CLIP's engine", f"torch ({version}) on {device_title(resolve_device('auto'))}")
    except (ImportError, OSError) as error:
        mend = "install MaClip Desktop again with pip; the technical scorer works without it"
        return Finding("MA-CLIP's engine", f"torch cannot be loaded ({error})", mend, needed=False)


def _weights(paths: AppPaths) -> Finding:
    weights = find_weights(paths.weights, "RN50")
    if weights is not None:
        return _checked(weights)
    return Finding(
        "CLIP weights",
        f"none in {paths.weights}; photos are scored by the technical scorer",
        "'maclip-desktop weights download' gets them, 'maclip-desktop weights import FILE' takes a file that you have",
        needed=False,
    )


def _checked(weights: Path) -> Finding:
    from maclip_desktop.scoring.inventory import verify

    try:
        return Finding("CLIP weights", f"{weights} ({verify(weights, 'RN50').known or 'not known to this program'})")
    except WeightsError as error:
        # Needed, other than weights that are not there: nothing else takes the place of damaged ones.
        mend = "get them again with 'maclip-desktop weights download', or import a file that is sound"
        return Finding("CLIP weights", str(error), mend)
    except (ImportError, OSError):
        return Finding("CLIP weights", f"{weights} (not checked, for want of torch)")


def _watches() -> Finding:
    try:
        limit = int(Path("/proc/sys/fs/inotify/max_user_watches").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return Finding("folder watching", "by the system's own events")
    mend = f"for more than {limit} folders: sysctl fs.inotify.max_user_watches=524288" if limit <= FEW_WATCHES else ""
    return Finding("folder watching", f"up to {limit} folders by events", mend, needed=False)
