"""What all tests share, and what no test may leave behind."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# Before anything imports Qt: the tests need no screen unless they ask for one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from maclip_desktop.paths import AppPaths

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"

OUR_THREADS = ("decode", "identify", "picture", "library", "scoring")
"""How the program's threads are called; they must be gone with the test, daemons or not."""
PATIENCE_S = 5.0


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


class _ErrorCollector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # Pillow calls a damaged TIFF an error of its own, watchdog an event that comes while it stops.
        if record.name.startswith(("maclip_desktop", "concurrent")):
            self.seen.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def no_logged_errors(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which an error is logged, unless it is marked ``expects_log_errors``; that one must log some."""
    collector = _ErrorCollector()
    logging.getLogger().addHandler(collector)
    yield
    logging.getLogger().removeHandler(collector)
    if request.node.get_closest_marker("expects_log_errors"):
        assert collector.seen, "the test is marked expects_log_errors, but no error was logged"
    else:
        assert not collector.seen, "errors were logged"


def _matters(thread: threading.Thread) -> bool:
    return not thread.daemon or thread.name.startswith(OUR_THREADS)


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail a test that leaves a thread behind."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before and _matters(thread)]
    for thread in left:
        thread.join(PATIENCE_S)
    assert not [thread.name for thread in left if thread.is_alive()], "threads were left behind"


@pytest.fixture(autouse=True)
def no_worker_left(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a worker's QThread running."""
    if "qapp" not in request.fixturenames:
        yield
        return
    from maclip_desktop.jobs.threads import WorkerThread

    started: list[WorkerThread] = []
    start: Callable[[WorkerThread], None] = WorkerThread.start

    def noted_start(thread: WorkerThread) -> None:
        started.append(thread)
        start(thread)

    monkeypatch.setattr(WorkerThread, "start", noted_start)
    yield
    ended = [thread.wait(0) for thread in started]
    assert all(ended), "a worker's thread was left running"
