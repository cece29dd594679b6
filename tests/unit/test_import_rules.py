"""Imports point downwards only; every heavy library has one room that knows it."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "maclip_desktop"
THIRD_ROW = {"scoring", "library", "watching", "exporting", "imaging"}
PLAIN = {"paths", "errors", "disk"}
"""Modules that stand below everything."""

MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "paths": {"errors"},
    "errors": set(),
    "disk": set(),
    "logs": PLAIN,
    "reports": {"logs"} | PLAIN,
    "instance": PLAIN,
    "display": {"errors"},
    "console": {"errors"},
    "settings": {"core", "errors"},
    "demo_photos": {"imaging", "errors"},
    **{room: {"core"} | PLAIN for room in THIRD_ROW},
    "jobs": {"core"} | THIRD_ROW | PLAIN,
    # The window talks to the workers only; of the third row it knows the cache of pictures and the forms of a list.
    "ui": {"core", "jobs", "imaging", "exporting", "settings"} | PLAIN,
    "benchmark": {"core", "jobs"} | THIRD_ROW | PLAIN,
    "evaluation": {"core"} | PLAIN,
    "commands": {"core", "benchmark", "evaluation", "instance", "jobs", "console", "display", "settings", "demo_photos"}
    | THIRD_ROW
    | PLAIN,
    "cli": {"commands", "console", "logs"} | PLAIN,
    # The imaging room for a packed program alone, which is its own decoder as well.
    "__main__": {"cli", "imaging"},
    "__init__": {"maclip"},
    "maclip": {"core", "imaging", "jobs", "scoring"} | PLAIN,
    "running": {"jobs"} | PLAIN,
    "error_desk": {"ui", "jobs", "library", "reports"} | PLAIN,
    "app": {"ui", "jobs", "core", "settings", "imaging", "scoring", "instance", "logs", "running", "error_desk"}
    | PLAIN,
    "demo": {"app", "running", "demo_photos", "console", "jobs", "core", "exporting", "imaging", "scoring"} | PLAIN,
}
"""Room or module of the package -> what of the package it may import. Anything not listed is not allowed."""

LAZILY: dict[str, set[str]] = {"commands": {"app", "demo"}}
"""What may be imported inside functions only: the window and Qt are loaded when they are wanted."""

ROOMS_OF_LIBRARY: dict[str, set[str]] = {
    "PySide6": {"ui", "jobs", "app", "demo", "running", "error_desk", "instance.server"},
    "torch": {"scoring"},
    "open_clip": {"scoring"},
    "safetensors": {"scoring"},
    # The doctor names SQLite's version; it opens nothing with it.
    "sqlite3": {"library", "commands.doctor"},
    "sqlite_utils": {"library"},
    "watchdog": {"watching"},
    "rawpy": {"imaging"},
    "pi_heif": {"imaging"},
    "matplotlib": {"evaluation"},
    "PIL": {"imaging", "scoring", "demo_photos", "maclip", "benchmark"},
}
"""Library -> who alone may import it."""


def imports(source: str) -> Iterator[tuple[str, bool]]:
    """Every imported module's full name, and whether the import stands inside a function."""
    tree = ast.parse(source)
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            # "from maclip_desktop import demo_photos" imports a module as well.
            names = [f"{node.module}.{alias.name}" for alias in node.names if node.module == "maclip_desktop"]
            yield from ((name, id(node) in inside) for name in names or [node.module or ""])


def violations(module: str, source: str) -> list[str]:
    """What *module* (its name below the package) imports against the rules."""
    room = module.split(".")[0]
    found = []
    for name, inside_function in imports(source):
        top, *rest = name.split(".")
        if top == "maclip_desktop":
            if not rest or (len(rest) == 1 and not is_module(rest[0])):
                continue  # the package's own name and version
            allowed = MAY_IMPORT.get(room, set()) | (LAZILY.get(room, set()) if inside_function else set())
            if rest[0] != room and rest[0] not in allowed:
                found.append(f"{module} imports {name}")
        elif top in ROOMS_OF_LIBRARY and not {room, module} & ROOMS_OF_LIBRARY[top]:
            found.append(f"{module} imports {name}")
    return found


def is_module(name: str) -> bool:
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts), path


def test_every_import_points_downwards() -> None:
    found = [line for module, path in modules() for line in violations(module, path.read_text(encoding="utf-8"))]
    assert not found


def test_every_room_is_in_the_table() -> None:
    assert {module.split(".")[0] for module, _ in modules()} <= set(MAY_IMPORT)


def test_the_walk_sees_the_whole_program() -> None:
    assert {"cli", "core.flags", "jobs.tasks", "ui.main_window", "library.store"} <= {name for name, _ in modules()}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("library.made_up", "from maclip_desktop.scoring.scorer import Scorer"),
        ("core.made_up", "import maclip_desktop.library.store"),
        ("core.made_up", "def late():\n    from maclip_desktop.jobs import tasks"),
        ("ui.made_up", "from maclip_desktop.library.store import Store"),
        ("ui.made_up", "from maclip_desktop.scoring.factory import ScorerChoice"),
        ("jobs.made_up", "from maclip_desktop.ui.words import ago"),
        ("commands.made_up", "from maclip_desktop import demo"),
        ("commands.made_up", "from maclip_desktop.app import run"),
        ("imaging.made_up", "from PySide6.QtGui import QImage"),
        ("jobs.made_up", "import torch.nn as nn"),
        ("jobs.made_up", "def late():\n    import sqlite3"),
        ("jobs.made_up", "from watchdog.observers import Observer"),
        ("commands.made_up", "import sqlite3"),
    ],
)
def test_a_forbidden_import_is_found(module: str, source: str) -> None:
    assert len(violations(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("jobs.made_up", "from maclip_desktop.library.store import Store\nfrom PySide6.QtCore import QObject"),
        ("commands.made_up", "def late():\n    from maclip_desktop.app import run"),
        ("commands.doctor", "import sqlite3"),
        ("cli", "from maclip_desktop import APP_NAME, __version__"),
    ],
)
def test_an_allowed_import_is_not(module: str, source: str) -> None:
    assert violations(module, source) == []


@pytest.mark.parametrize("heavy", ["torch", "PySide6", "open_clip", "skimage", "matplotlib"])
def test_the_command_line_starts_without_the_heavy_libraries(heavy: str) -> None:
    import subprocess

    code = f"import sys, maclip_desktop.cli, maclip_desktop.commands.window; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, check=False).returncode == 0
