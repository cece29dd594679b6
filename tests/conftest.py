"""What all tests share."""

import os
from pathlib import Path

import pytest

# Before anything imports Qt: the tests need no screen unless they ask for one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from maclip_desktop.paths import AppPaths

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared test photographs; a test that needs it skips where it is absent."""
    if not (SHARED / "photos" / "labels.csv").is_file():
        pytest.skip("the shared test photographs are not beside this checkout")
    return SHARED


@pytest.fixture
def app_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppPaths:
    """Fresh application folders, never the user's own."""
    home = tmp_path / "home"
    monkeypatch.setenv("MACLIP_HOME", str(home))
    return AppPaths.below(home)
