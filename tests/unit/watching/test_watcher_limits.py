"""Where the system announces nothing, not all, or has thrown announcements away."""

import errno
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from watchdog.events import FileSystemEventHandler
from watchdog.observers.api import BaseObserver, ObservedWatch

from maclip_desktop.watching import watcher as watcher_module
from maclip_desktop.watching.native import native_observer
from maclip_desktop.watching.watcher import PROBE, FolderWatcher, WatchKind
from tests.unit.watching.seen import PATIENCE_S, Seen


class TestAFolderNobodyAnnounces:
    """It is not watched at all: the caller looks through it now and then."""

    @pytest.fixture
    def silent(self, seen: Seen, folder: Path, monkeypatch: pytest.MonkeyPatch) -> FolderWatcher:
        monkeypatch.setattr(watcher_module, "is_silent", lambda _: True)
        assert seen.watcher.watch(folder) is WatchKind.POLLING
        return seen.watcher

    def test_is_named_with_the_reason(self, silent: FolderWatcher, folder: Path) -> None:
        assert silent.problems() == {
            folder: f"{folder} is looked through for changes about once a minute, and less often where that takes "
            "long, because its drive does not announce them."
        }

    def test_costs_no_thread(self, silent: FolderWatcher, threads_before: set[threading.Thread]) -> None:
        assert set(threading.enumerate()) <= threads_before

    def test_is_alive_while_it_is_the_one_that_it_was(self, silent: FolderWatcher, folder: Path) -> None:
        assert silent.is_alive(folder)
        folder.rename(folder.with_name("away"))
        assert not silent.is_alive(folder)
        folder.mkdir()
        assert not silent.is_alive(folder)


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ENOSPC, "max_user_watches"), (errno.EMFILE, "max_user_instances"), (errno.EIO, "refuses")],
)
def test_at_the_systems_limit_nothing_is_announced(folder: Path, number: int, reason: str) -> None:
    def at_the_limit(_: object) -> BaseObserver:
        raise OSError(number, "no more")

    watcher = FolderWatcher(native=at_the_limit)
    assert watcher.watch(folder, True) is WatchKind.POLLING
    assert reason in watcher.problems()[folder]
    watcher.unwatch(folder)
    assert watcher.problems() == {}
    watcher.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts watched directories")
class TestTheLimitOfWatchedDirectories:
    @pytest.fixture
    def full(self) -> list[bool]:
        """Once it has an entry, the system takes no more, as it says of the directory that is tried."""
        return []

    @pytest.fixture
    def limited(
        self, full: list[bool], threads_before: set[threading.Thread], monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[FolderWatcher]:
        def make(on_lost: Callable[[], None]) -> BaseObserver:
            observer = native_observer(on_lost)
            schedule = observer.schedule

            def schedule_but_one(handler: FileSystemEventHandler, path: str, **options: Any) -> ObservedWatch:
                if full and path == str(PROBE):
                    raise OSError(errno.ENOSPC, "inotify watch limit reached")
                return schedule(handler, path, **options)

            monkeypatch.setattr(observer, "schedule", schedule_but_one)
            return observer

        watcher = FolderWatcher(native=make)
        yield watcher
        watcher.stop()
        assert set(threading.enumerate()) <= threads_before

    def test_a_folder_of_which_only_part_can_be_watched_is_not_watched(
        self, limited: FolderWatcher, full: list[bool], folder: Path
    ) -> None:
        full.append(True)
        assert limited.watch(folder, True) is WatchKind.POLLING
        assert "max_user_watches" in limited.problems()[folder]

    def test_reached_later_is_found_out(self, limited: FolderWatcher, full: list[bool], folder: Path) -> None:
        assert limited.watch(folder, True) is WatchKind.NATIVE
        assert limited.has_room()
        full.append(True)
        assert not limited.has_room()

    def test_does_not_matter_where_nothing_is_watched(self, limited: FolderWatcher, full: list[bool]) -> None:
        full.append(True)
        assert limited.has_room()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says so")
def test_announcements_that_the_system_has_thrown_away_are_told_once(
    folder: Path, threads_before: set[threading.Thread]
) -> None:
    from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, WatchDescriptor

    observers: list[Any] = []

    def make(on_lost: Callable[[], None]) -> BaseObserver:
        observer = native_observer(on_lost)
        observers.append(observer)
        return observer

    told = threading.Event()
    watcher = FolderWatcher(told.set, native=make)
    watcher.watch(folder, True)
    assert not watcher.take_lost()
    # As the kernel says it, in the place where watchdog reads it.
    lost = InotifyEvent(WatchDescriptor(-1), InotifyConstants.IN_Q_OVERFLOW, 0, b"")
    observers[0]._inotify_fd.handle_event(lost)
    assert told.wait(PATIENCE_S)
    assert watcher.take_lost()
    assert not watcher.take_lost()
    (folder / "a.jpg").write_bytes(b"x")
    told.clear()
    while folder / "a.jpg" not in watcher.take():
        assert told.wait(PATIENCE_S), "it is deaf afterwards"
        told.clear()
    watcher.stop()
    assert set(threading.enumerate()) <= threads_before
