"""The part of the library worker that knows files: found, settled, gone, read, tried again."""

import math
from collections.abc import Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QTimer, Signal, Slot

from maclip_desktop.core.formats import is_film, is_photo
from maclip_desktop.core.photo import Folder, FoundFile, PhotoRow
from maclip_desktop.disk import is_directory, is_there
from maclip_desktop.errors import FolderError
from maclip_desktop.jobs.folders_worker import FoldersWorker
from maclip_desktop.jobs.identifying import IdentifyQueue
from maclip_desktop.jobs.messages import Notice
from maclip_desktop.jobs.retries import Retries
from maclip_desktop.jobs.scan import STEP_FILES, found_files, innermost, is_below
from maclip_desktop.jobs.scan_queue import ScanEnded
from maclip_desktop.jobs.tasks import Identified
from maclip_desktop.jobs.threads import guarded
from maclip_desktop.jobs.unsaved import Unsaved
from maclip_desktop.library.names import relative_name
from maclip_desktop.library.photos import Fault
from maclip_desktop.library.store import Store
from maclip_desktop.watching.identity import KnownPlace, identity_of
from maclip_desktop.watching.settle import look_at
from maclip_desktop.watching.true_names import TrueNames

LONGEST_WAIT_S = 3600.0
"""A timer's milliseconds are 32 bits wide, and a computer may sleep meanwhile."""


class FilesWorker(FoldersWorker):
    """Keeps the library's photos as the folders are."""

    _identified = Signal(object)

    def __init__(self, library_file: Path) -> None:
        super().__init__(library_file)
        self._arrived: set[int] = set()
        """Photos that came while their folder was watched and have not been read yet."""
        self._told_missing: set[int] = set()
        """Folders of which the person knows that they are not there."""
        self._retries = Retries()
        self._read = Unsaved(self._save_read)
        self._gone = Unsaved(self._forget_gone, STEP_FILES)
        self._settled = Unsaved(self._record_settled, STEP_FILES)
        self._directories = Unsaved(self._look_through)

    def _open_files(self) -> None:
        self._pool: Executor = ThreadPoolExecutor(2, thread_name_prefix="identify")
        self._identifying = IdentifyQueue(self._pool, self._identified.emit)
        self._identified.connect(self._take_identified)
        self._open_folders()
        self._watch.settled.connect(self._take_settled)
        self._watch.gone.connect(self._take_gone)
        self._watch.directories.connect(self._take_directories)
        self._next_try = QTimer(self)
        self._next_try.setSingleShot(True)
        self._next_try.timeout.connect(self._retry_due)

    def _close_files(self) -> None:
        if hasattr(self, "_watch"):
            self._next_try.stop()
            self._watch.stop()
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _one_turn(self, store: Store) -> None:
        if self._scans.busy:
            self._scan_step()
        self._identifying.advance(store, self._scans.missing)

    def _more_to_do(self) -> bool:
        return self._scans.busy

    # --- looking through folders ---------------------------------------------------------------------------

    def _scan_step(self) -> None:
        try:
            step = self._scans.step(self._store)
        except FolderError as error:
            self._wait_for_missing(error)
            return
        if self._scans.ended is not None:
            self._after_scan(self._scans.ended)
        if step is None:
            self._send_folders()
            return
        self._note_found(step.changed, arrived=self._scans.in_part)
        self._changes.removed(step.removed)
        self._retries.forget(step.removed)
        self._note_side_effects()
        for sentence in step.problems.values():
            self.notice.emit(Notice(sentence))

    def _wait_for_missing(self, error: FolderError) -> None:
        """Say once that a folder is not there, and have it waited for."""
        for folder in self._watched():
            if folder.id in self._scans.missing and not self._watch.is_absent(folder):
                self._watch.wait_for(folder)
        self._send_folders()
        if not self._scans.missing <= self._told_missing:
            self._told_missing |= self._scans.missing
            raise error

    def _after_scan(self, ended: ScanEnded) -> None:
        folder = ended.folder
        if ended.below is not None:
            return
        self._told_missing.discard(folder.id)
        self._watch.looked_through(folder, ended.took_s)
        if ended.was_missing:
            self._identifying.more_may_wait()
            self._more_to_score(())
        if self._watch.is_absent(folder):
            # It is back, or another one at its place, before anybody noticed.
            self._watch.watch(folder)
            if not self._watch.is_absent(folder):
                self._queue_scan(folder)

    def _note_found(self, photo_ids: "list[int] | tuple[int, ...]", *, arrived: bool) -> None:
        """*arrived*: they came just now into a folder that is watched, and are wanted before a backlog."""
        if not photo_ids:
            return
        self._retries.forget(photo_ids)
        if arrived:
            self._arrived.update(photo_ids)
            self._identifying.arrived(photo_ids)
        self._identifying.more_may_wait()
        self._changes.changed(photo_ids)
        self._more_to_score(())

    # --- files read ----------------------------------------------------------------------------------------

    @Slot(object)
    @guarded
    def _take_identified(self, future: "Future[list[Identified]]") -> None:
        self._read.add(future.result())
        self._wake()

    def _save_read(self, read: list[Identified]) -> None:
        read_ids = self._identifying.record(self._store, read)
        self._note_outcomes({result.row.id: result.fault if result.error else None for result in read})
        self._changes.changed(read_ids)
        self._note_side_effects()
        self._more_to_score([photo_id for photo_id in read_ids if photo_id in self._arrived])
        self._arrived.difference_update(read_ids)

    def _more_to_score(self, arrived: "list[int] | tuple[int, ...]") -> None:
        """Photos may want a score now, first of all those that have *arrived*."""
        raise NotImplementedError

    # --- tried again ---------------------------------------------------------------------------------------

    @Slot(object)
    @guarded
    def try_again(self, photo_ids: tuple[int, ...] | None) -> None:
        """Try failed photos again at once: these, or all of them."""
        again = self._store.try_again(photo_ids)
        self._retries.forget(again)
        self._read_again(again)

    def _note_outcomes(self, faults: dict[int, Fault | None]) -> None:
        """How reading or scoring ended, by photo: what could not be reached is tried again after a while."""
        self._retries.failed(photo_id for photo_id, fault in faults.items() if fault is Fault.ACCESS)
        self._retries.forget(photo_id for photo_id, fault in faults.items() if fault is not Fault.ACCESS)
        self._plan_retry()

    def _plan_retry(self) -> None:
        wait_s = self._retries.wait_s()
        if wait_s < math.inf:
            self._next_try.start(math.ceil(1000 * min(wait_s, LONGEST_WAIT_S)))

    @Slot()
    @guarded
    def _retry_due(self) -> None:
        due = self._retries.due()
        # What is in a folder that is away is seen again, and so tried, when that is back.
        away = {row.id for row in self._store.rows(due) if row.folder_id in self._scans.missing}
        tried = [photo_id for photo_id in due if photo_id not in away]
        self._read_again(self._store.try_again(tried))
        self._plan_retry()

    def _read_again(self, photo_ids: list[int]) -> None:
        self._identifying.more_may_wait()
        self._changes.changed(photo_ids)
        self._more_to_score(())
        # A file that has changed since it was found, without anybody saying so, would fail for ever.
        rows = self._store.rows(photo_ids)
        self._settled.add(row.path for row in rows if _seems_changed(row))
        self._wake()

    # --- what the file system says -------------------------------------------------------------------------

    @Slot(object)
    @guarded
    def _take_settled(self, paths: tuple[Path, ...]) -> None:
        self._settled.add(paths)
        self._wake()

    def _record_settled(self, paths: list[Path]) -> None:
        for folder, files in found_files(self._store, self._well_named(paths)):
            self._note_found(self._store.record_found(folder, _wanted(folder, files)), arrived=True)
        self._note_side_effects()

    def _well_named(self, paths: Iterable[Path]) -> list[Path]:
        """Those written as on the drive; around the others their directory is looked through, which settles both."""
        names = TrueNames()
        folders = self._store.folders()
        well_named: list[Path] = []
        others: list[tuple[Folder, Path]] = []
        for path in paths:
            folder = innermost(folders, path)
            if folder is None:
                continue
            true = names.deepest_true(folder.path, path)
            if true == path:
                well_named.append(path)
            else:
                others.append((folder, true))
        self._queue_scans(others)
        return well_named

    @Slot(object)
    @guarded
    def _take_gone(self, paths: tuple[Path, ...]) -> None:
        self._gone.add(paths)
        self._wake()

    def _forget_gone(self, paths: list[Path]) -> None:
        folders = self._store.folders()
        here = {folder.id: _is_itself(folder) for folder in folders}
        gone: list[int] = []
        doubtful: list[tuple[Folder, Path]] = []
        for path in paths:
            folder = innermost(folders, path)
            if folder is None:
                continue
            if not here[folder.id]:
                doubtful.append((folder, folder.path))
            elif is_there(path):
                self._settled.add([path])  # it was back before this was written down
            elif _concerns_drive(folder, path):
                doubtful.append((folder, path.parent))
            else:
                # Of this folder alone: another one that lies inside may only be away with its drive.
                known = self._store.known_files(folder.id, relative_name(folder.path, path))
                gone += [file.photo_id for file in known.values()]
        self._queue_scans(doubtful)
        self._store.forget_photos(gone)
        self._arrived.difference_update(gone)
        self._retries.forget(gone)
        self._changes.removed(gone)
        self._note_side_effects()

    @Slot(object)
    @guarded
    def _take_directories(self, paths: tuple[Path, ...]) -> None:
        self._directories.add(paths)
        self._wake()

    def _look_through(self, paths: list[Path]) -> None:
        folders = self._store.folders()
        found = [(innermost(folders, path), path) for path in self._well_named(paths)]
        self._queue_scans(
            (folder, path) for folder, path in found if folder and (folder.recursive or path == folder.path)
        )


def _concerns_drive(folder: Folder, path: Path) -> bool:
    """Whether what is gone is, holds, or lies on a drive of its own, which may only be away."""
    place = KnownPlace.read(folder.identity)
    mounts = [folder.path / mount for mount in place.mounts] if place else []
    return any(is_below(path, mount) or is_below(mount, path) for mount in mounts)


def _seems_changed(row: PhotoRow) -> bool:
    try:
        return look_at(row.path) not in (None, (row.size, row.mtime_ns))
    except OSError:
        return False


def _wanted(folder: Folder, files: Iterable[FoundFile]) -> list[FoundFile]:
    """What the walk would find of *files*: the folder's options may have changed since they were announced."""
    photos = (file for file in files if is_photo(file.path) or is_film(file.path))
    return [file for file in photos if folder.patterns.takes(relative_name(folder.path, file.path))]


def _is_itself(folder: Folder) -> bool:
    """Whether the folder is there, and the one that it was when it was last looked through."""
    if not is_directory(folder.path):
        return False
    place = KnownPlace.read(folder.identity)
    return place is None or place.identity == identity_of(folder.path)
