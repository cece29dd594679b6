"""The part of the library worker that knows folders and files: watched, walked, settled, read."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import Signal, Slot

from maclip_desktop.core.photo import Folder
from maclip_desktop.disk import is_directory
from maclip_desktop.errors import FolderError
from maclip_desktop.jobs.folder_watch import FolderWatch
from maclip_desktop.jobs.identifying import IdentifyQueue
from maclip_desktop.jobs.messages import FoldersChanged, FolderState, FolderStatus, Notice
from maclip_desktop.jobs.scan import found_files
from maclip_desktop.jobs.scan_queue import ScanQueue
from maclip_desktop.jobs.store_worker import StoreWorker
from maclip_desktop.jobs.tasks import Identified
from maclip_desktop.jobs.threads import guarded
from maclip_desktop.jobs.unsaved import Unsaved
from maclip_desktop.library.store import Store


class FilesWorker(StoreWorker):
    """Keeps the library's photos as the folders are.

    Signal: ``folders_changed`` (`FoldersChanged`).
    """

    folders_changed = Signal(object)
    _identified = Signal(object)

    def __init__(self, library_file: Path) -> None:
        super().__init__(library_file)
        self._scans = ScanQueue()
        self._arrived: set[int] = set()
        """Photos that came while their folder was watched and have not been read yet."""
        self._read = Unsaved(self._save_read)
        self._gone = Unsaved(self._forget_gone)
        self._settled = Unsaved(self._record_settled)
        self._directories = Unsaved(self._look_through)

    def _open_files(self) -> None:
        self._pool: Executor = ThreadPoolExecutor(2, thread_name_prefix="identify")
        self._identifying = IdentifyQueue(self._pool, self._identified.emit)
        self._identified.connect(self._take_identified)
        self._watch = FolderWatch(self)
        self._watch.settled.connect(self._take_settled)
        self._watch.gone.connect(self._take_gone)
        self._watch.directories.connect(self._take_directories)
        self._watch.lost.connect(self._queue_scan)
        self._watch.returned.connect(self._begin_watching)

    def _close_files(self) -> None:
        if hasattr(self, "_watch"):
            self._watch.stop()
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _one_turn(self, store: Store) -> None:
        if self._scans.busy:
            self._scan_step()
        self._identifying.advance(store)

    def _more_to_do(self) -> bool:
        return self._scans.busy

    # --- folders -------------------------------------------------------------------------------------------

    @Slot(object)
    @guarded
    def add_folder(self, path: Path) -> None:
        """Watch *path* and everything in it."""
        before = self._store.folders()
        folder = self._add_folder(path)
        if folder is not None:
            # Folders inside it may have become part of it.
            now = {one.id for one in self._store.folders()}
            for absorbed in (one for one in before if one.id not in now):
                self._watch.unwatch(absorbed)
                self._scans.drop(absorbed.id)
            self._changes.changed(known.photo_id for known in self._store.known_files(folder.id).values())
            self._begin_watching(folder)

    @guarded
    def _add_first_folder(self, path: Path) -> None:
        self._add_folder(path)

    def _add_folder(self, path: Path) -> Folder | None:
        if not is_directory(path):
            self.notice.emit(Notice(f"{path} is no folder that can be opened; choose another one."))
            return None
        return self._store.add_folder(path.absolute(), watched=True)

    @Slot(object)
    @guarded
    def remove_folder(self, folder_id: int) -> None:
        """Forget a folder; marks and scores stay in the library and are back when the folder is added again."""
        for folder in self._store.folders():
            if folder.id == folder_id:
                self._watch.unwatch(folder)
        self._scans.drop(folder_id)
        self._changes.removed(known.photo_id for known in self._store.known_files(folder_id).values())
        self._store.remove_folder(folder_id)
        self._changes.flush()
        self._send_folders()

    @Slot()
    @guarded
    def rescan(self) -> None:
        """Look at every watched folder again."""
        for folder in self._watched():
            self._queue_scan(folder)

    def _watched(self) -> list[Folder]:
        return [folder for folder in self._store.folders() if folder.watched]

    def _follow_folders(self) -> None:
        """Watch what the library says is to be watched, and nothing else."""
        watched = {folder.id: folder for folder in self._watched()}
        for folder in self._watch.folders():
            if watched.pop(folder.id, None) is None:
                self._watch.unwatch(folder)
        for folder in watched.values():
            self._begin_watching(folder)

    @Slot(object)
    @guarded
    def _begin_watching(self, folder: Folder) -> None:
        problem = self._watch.watch(folder)
        if problem:
            self.notice.emit(Notice(problem, serious=False))
        self._queue_scan(folder)

    @Slot(object)
    @guarded
    def _queue_scan(self, folder: Folder, below: Path | None = None) -> None:
        self._scans.add(folder, below)
        self._wake()
        self._send_folders()

    def _send_folders(self) -> None:
        states = tuple(FolderState(folder.id, folder.path, self._status(folder)) for folder in self._store.folders())
        self.folders_changed.emit(FoldersChanged(states))

    def _status(self, folder: Folder) -> FolderStatus:
        if folder.id in self._scans.missing:
            return FolderStatus.MISSING
        if self._scans.scanning(folder):
            return FolderStatus.SCANNING
        if not folder.watched:
            return FolderStatus.UNWATCHED
        return FolderStatus.POLLED if self._watch.is_polled(folder) else FolderStatus.WATCHED

    # --- files found and read ------------------------------------------------------------------------------

    def _scan_step(self) -> None:
        try:
            step = self._scans.step(self._store)
        except FolderError:
            self._send_folders()
            raise
        if step is None:
            self._send_folders()
            return
        self._note_found(step.changed, arrived=self._scans.in_part)
        self._changes.removed(step.removed)
        for sentence in step.problems.values():
            self.notice.emit(Notice(sentence))

    def _note_found(self, photo_ids: "list[int] | tuple[int, ...]", *, arrived: bool) -> None:
        """*arrived*: they came just now into a folder that is watched, and are wanted before a backlog."""
        if not photo_ids:
            return
        if arrived:
            self._arrived.update(photo_ids)
            self._identifying.arrived(photo_ids)
        self._identifying.more_may_wait()
        self._changes.changed(photo_ids)
        self._more_to_score(())

    @Slot(object)
    @guarded
    def _take_identified(self, future: "Future[Identified]") -> None:
        self._read.add([future.result()])
        self._wake()

    def _save_read(self, read: list[Identified]) -> None:
        read_ids = self._identifying.record(self._store, read)
        self._changes.changed(read_ids)
        self._more_to_score([photo_id for photo_id in read_ids if photo_id in self._arrived])
        self._arrived.difference_update(read_ids)

    def _more_to_score(self, arrived: "list[int] | tuple[int, ...]") -> None:
        """Photos may want a score now, first of all those that have *arrived*."""
        raise NotImplementedError

    # --- what the file system says -------------------------------------------------------------------------

    @Slot(object)
    @guarded
    def _take_settled(self, paths: tuple[Path, ...]) -> None:
        self._settled.add(paths)
        self._wake()

    def _record_settled(self, paths: list[Path]) -> None:
        for folder, files in found_files(self._store, paths):
            self._note_found(self._store.record_found(folder, files), arrived=True)

    @Slot(object)
    @guarded
    def _take_gone(self, paths: tuple[Path, ...]) -> None:
        self._gone.add(paths)
        self._wake()

    def _forget_gone(self, paths: list[Path]) -> None:
        for path in paths:
            folder = self._store.folder_for(path)
            if folder is not None and not is_directory(folder.path):
                self._queue_scan(folder)
            elif folder is not None:
                gone = self._store.photos_at(path)
                self._store.forget_photos(gone)
                self._arrived.difference_update(gone)
                self._changes.removed(gone)

    @Slot(object)
    @guarded
    def _take_directories(self, paths: tuple[Path, ...]) -> None:
        self._directories.add(paths)
        self._wake()

    def _look_through(self, paths: list[Path]) -> None:
        for path in paths:
            folder = self._store.folder_for(path)
            if folder is not None:
                self._queue_scan(folder, None if path == folder.path else path)
