"""The part of the library worker that knows its folders: added, removed, moved, watched, missing."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Signal, Slot

from maclip_desktop.core.photo import Folder
from maclip_desktop.disk import is_directory
from maclip_desktop.jobs.adding import place_in_library
from maclip_desktop.jobs.folder_watch import FolderWatch
from maclip_desktop.jobs.messages import (
    FolderMoved,
    FolderOptions,
    FoldersChanged,
    FolderState,
    FolderStatus,
    Notice,
)
from maclip_desktop.jobs.scan_queue import ScanQueue
from maclip_desktop.jobs.store_worker import StoreWorker
from maclip_desktop.jobs.threads import guarded


class FoldersWorker(StoreWorker):
    """Keeps the folders watched that the library says are to be watched, and has them looked through.

    Signal: ``folders_changed`` (`FoldersChanged`).
    """

    folders_changed = Signal(object)

    def __init__(self, library_file: Path) -> None:
        super().__init__(library_file)
        self._scans = ScanQueue()

    def _open_folders(self) -> None:
        self._watch = FolderWatch(self)
        self._watch.lost.connect(self._folder_lost)
        self._watch.returned.connect(self._begin_watching)
        self._watch.stale.connect(self._queue_scan)

    # --- what the person does ------------------------------------------------------------------------------

    @Slot(object)
    @guarded
    def add_folder(self, path: Path) -> None:
        """Watch *path* and everything in it."""
        before = self._store.folders()
        folder = self._add_folder(path)
        if folder is None:
            return
        self._leave_absorbed(before)
        if any(one.id == folder.id and _is_watched_alike(one, folder) for one in self._watch.folders()):
            self._queue_scan(folder)
        else:
            self._resend_folder(folder)
            self._begin_watching(folder)

    @guarded
    def _add_first_folder(self, path: Path) -> None:
        self._add_folder(path)

    def _add_folder(self, path: Path) -> Folder | None:
        if not is_directory(path):
            self.notice.emit(Notice(f"{path} is no folder that can be opened; choose another one."))
            return None
        return self._store.add_folder(place_in_library(self._store, path), watched=True)

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
        self._note_side_effects()
        self._changes.flush()
        self._send_folders()

    @Slot(object)
    @guarded
    def set_folder_options(self, options: FolderOptions) -> None:
        """Take other files of a folder; those left out now leave the library with their marks kept."""
        before = self._store.folders()
        folder = self._store.set_folder_options(
            options.folder_id, recursive=options.recursive, patterns=options.patterns
        )
        self._leave_absorbed(before)
        # What is under way goes by the options before.
        self._scans.drop(folder.id)
        if folder.watched:
            self._begin_watching(folder)
        else:
            self._queue_scan(folder)

    @Slot(object)
    @guarded
    def move_folder(self, moved: FolderMoved) -> None:
        """A folder of the library lies somewhere else now: its photos keep everything and are not read again."""
        folder = next((one for one in self._store.folders() if one.id == moved.folder_id), None)
        if folder is None:
            return
        if not is_directory(moved.path):
            self.notice.emit(Notice(f"{moved.path} is no folder that can be opened; choose where {folder.path} is."))
            return
        self._watch.unwatch(folder)
        self._scans.drop(folder.id)
        try:
            self._store.relocate(folder.path, place_in_library(self._store, moved.path))
        finally:
            self._follow_folders()
            self._resend_all()

    @Slot()
    @guarded
    def rescan(self) -> None:
        """Look at every watched folder again."""
        for folder in self._watched():
            self._queue_scan(folder)

    def _leave_absorbed(self, before: list[Folder]) -> None:
        """Folders inside another one may have become part of it."""
        now = {one.id for one in self._store.folders()}
        for absorbed in (one for one in before if one.id not in now):
            self._watch.unwatch(absorbed)
            self._scans.drop(absorbed.id)
        self._note_side_effects()

    def _resend_folder(self, folder: Folder) -> None:
        self._changes.changed(known.photo_id for known in self._store.known_files(folder.id).values())

    def _resend_all(self) -> None:
        """Send every row anew, and take back those that are gone."""
        gone = set(self._sent)
        gone.difference_update(self._send_rows(self._store.rows()))
        self._send_rows(iter(()), tuple(gone))
        self._note_side_effects()

    # --- watching ------------------------------------------------------------------------------------------

    def _watched(self) -> list[Folder]:
        return [folder for folder in self._store.folders() if folder.watched]

    def _follow_folders(self) -> None:
        """Watch what the library says is to be watched, as it says, and nothing else."""
        watched = {folder.id: folder for folder in self._watched()}
        for folder in self._watch.folders():
            wanted = watched.get(folder.id)
            if wanted is not None and _is_watched_alike(folder, wanted):
                del watched[folder.id]
            else:
                self._watch.unwatch(folder)
        for folder in watched.values():
            self._begin_watching(folder)

    @Slot(object)
    @guarded
    def _begin_watching(self, folder: Folder) -> None:
        problem = self._watch.watch(folder)
        if problem:
            self.notice.emit(Notice(problem, serious=False))
        if self._watch.is_absent(folder):
            self._scans.missing.add(folder.id)
        self._queue_scan(folder)

    @Slot(object)
    @guarded
    def _folder_lost(self, folder: Folder) -> None:
        """Its photos are offline from now on; the look that follows says so, or finds another folder at its place."""
        self._scans.missing.add(folder.id)
        self._queue_scan(folder)

    @Slot(object)
    @guarded
    def _queue_scan(self, folder: Folder) -> None:
        self._queue_scans([(folder, folder.path)])

    def _queue_scans(self, directories: Iterable[tuple[Folder, Path]]) -> None:
        """Have directories looked through, each with the folder it is, or is in."""
        wanted = list(directories)
        for folder, path in wanted:
            self._scans.add(folder, None if path == folder.path else path)
        if wanted:
            self._wake()
            self._send_folders()

    def _send_folders(self) -> None:
        states = tuple(
            FolderState(folder.id, folder.path, self._status(folder), folder.recursive, folder.patterns)
            for folder in self._store.folders()
        )
        self.folders_changed.emit(FoldersChanged(states))

    def _status(self, folder: Folder) -> FolderStatus:
        if folder.id in self._scans.missing:
            return FolderStatus.MISSING
        if self._scans.scanning(folder):
            return FolderStatus.SCANNING
        if not folder.watched:
            return FolderStatus.UNWATCHED
        return FolderStatus.POLLED if self._watch.is_polled(folder) else FolderStatus.WATCHED


def _is_watched_alike(folder: Folder, other: Folder) -> bool:
    """Whether both are watched in one way; what was seen of their drives is no matter."""
    return (folder.path, folder.recursive, folder.patterns) == (other.path, other.recursive, other.patterns)
