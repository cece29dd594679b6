"""A folder to be watched, and a watcher that must leave no thread behind."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.watching.seen import Seen


@pytest.fixture
def threads_before() -> set[threading.Thread]:
    return set(threading.enumerate())


@pytest.fixture
def seen(threads_before: set[threading.Thread]) -> Iterator[Seen]:
    seen = Seen()
    yield seen
    seen.watcher.stop()
    assert set(threading.enumerate()) <= threads_before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder
