"""Reports of errors inside the program: what somebody who wants to mend them needs to know, and nothing more."""

import importlib.metadata
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from maclip_desktop import APP_NAME, __version__
from maclip_desktop.logs.keeping import recent_lines
from maclip_desktop.logs.private import as_entry, without_home

PACKAGES = ("pyside6-essentials", "numpy", "pillow", "rawpy", "pi-heif", "torch", "watchdog")
MAX_KINDS = 10
"""Different errors that a report describes; of all others it gives the number."""
MAX_LETTERS = 20_000
"""Of one error's details: their beginning and their end are what tells something."""


@dataclass
class _Kind:
    words: str
    details: str
    first: float
    times: int = 1


class ErrorsOfRun:
    """The errors inside the program since it was started, each kind once, with how often it came."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._kinds: dict[str, _Kind] = {}
        self._others = 0

    def add(self, words: str, details: str) -> None:
        """*words*: the sentence for the person; *details*: the traceback, which tells one kind from another."""
        known = self._kinds.get(details)
        if known is not None:
            known.times += 1
        elif len(self._kinds) < MAX_KINDS:
            self._kinds[details] = _Kind(words, _shortened(details), self._now())
        else:
            self._others += 1

    @property
    def count(self) -> int:
        """How many there were in all."""
        return sum(kind.times for kind in self._kinds.values()) + self._others

    def text(self) -> str:
        """All of them, in the order in which they came first."""
        parts = [_described(kind) for kind in self._kinds.values()]
        if self._others:
            parts.append(f"{self._others} more of other kinds.")
        return "\n".join(parts)


def error_report(errors: ErrorsOfRun, facts: dict[str, str]) -> str:
    """The whole report, as text to be copied: the system, the errors, the last lines of the log."""
    parts = [system_information(facts), "", errors.text(), "", "The last lines of the log:", recent_lines.text()]
    return without_home("\n".join(parts)) + "\n"


def system_information(facts: dict[str, str]) -> str:
    """Versions and the system, one a line; *facts* are what only the caller knows, by their names."""
    lines = {
        APP_NAME: __version__,
        "System": platform.platform(),
        "Python": f"{platform.python_version()} ({'packed' if getattr(sys, 'frozen', False) else 'installed'})",
        **facts,
        "Packages": ", ".join(f"{name} {version}" for name in PACKAGES if (version := _version(name))),
    }
    return without_home("\n".join(f"{name}: {value}" for name, value in lines.items()))


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _described(kind: _Kind) -> str:
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(kind.first))
    often = f", {kind.times} times" if kind.times > 1 else ""
    return f"{when}{often}: {as_entry(kind.words)}\n{as_entry(kind.details.rstrip())}"


def _shortened(details: str) -> str:
    if len(details) <= MAX_LETTERS:
        return details
    half = MAX_LETTERS // 2
    return f"{details[:half]}\n[...]\n{details[-half:]}"
