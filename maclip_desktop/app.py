"""Wires the window and the workers together. Nobody imports this but the entry points."""

import gc
import logging
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from maclip_desktop import APP_NAME, __version__
from maclip_desktop.error_desk import ErrorDesk
from maclip_desktop.imaging.apart import decoding_apart
from maclip_desktop.imaging.limits import set_max_pixels
from maclip_desktop.instance.claim import Claim
from maclip_desktop.jobs.library_worker import LibraryWorker
from maclip_desktop.jobs.messages import DownloadProgress, Notice, ScorerReady
from maclip_desktop.jobs.scoring_worker import LoadScorer, ScoringWorker
from maclip_desktop.jobs.threads import WorkerThread
from maclip_desktop.jobs.thumbnail_shelf import ThumbnailShelf
from maclip_desktop.jobs.thumbnails import PictureLoader, load_preview
from maclip_desktop.logs.keeping import crash_stacks
from maclip_desktop.paths import AppPaths, resources_dir
from maclip_desktop.running import (
    close_on_interrupt,
    leave_if_stuck,
    log_qt_messages,
    name_threads_in_log,
    report_exceptions,
)
from maclip_desktop.scoring.factory import ScorerChoice, create_scorer
from maclip_desktop.settings import Settings, load_settings, save_settings
from maclip_desktop.ui.inspector import PREVIEW_SIDE
from maclip_desktop.ui.main_window import MainWindow
from maclip_desktop.ui.weights_dialog import WeightsDialog

log = logging.getLogger(__name__)

PIXELS_PER_MEGAPIXEL = 1_000_000
SHUTDOWN_SECONDS = 1.8
"""What closing may take; a person takes two seconds for a crash."""


class Desktop(QObject):
    """The window with its workers, from `start` to `shutdown`.

    *library_file*: where marks and scores live. *folders*: to be watched from the start. *max_megapixels*: stands for
    the settings' limit.
    Signals: ``failed`` (a sentence, where there is no library to work with), ``ending`` (the workers have been asked to
    end, and what they wait for may be given up).
    """

    failed = Signal(str)
    ending = Signal()
    _retry_failed = Signal(object)
    _choose_scorer = Signal(object, bool)
    _problem = Signal(object)

    def __init__(
        self,
        paths: AppPaths,
        library_file: Path,
        folders: tuple[Path, ...] = (),
        choice: ScorerChoice | None = None,
        load_scorer: LoadScorer = create_scorer,
        *,
        max_megapixels: int | None = None,
    ) -> None:
        super().__init__()
        self._paths = paths
        self._settings = load_settings(paths.settings_file)
        self._choice = self._filled_in(choice or ScorerChoice())
        self._ended: bool | None = None
        self._weights_dialog: WeightsDialog | None = None
        self._wanted: ScorerChoice | None = None
        set_max_pixels((max_megapixels or self._settings.max_megapixels) * PIXELS_PER_MEGAPIXEL)
        self._shelf = ThumbnailShelf(paths.thumbnails, self._settings.thumbnails_mb)
        self._thumbnails = PictureLoader(self._shelf.load)
        self._previews = PictureLoader(partial(load_preview, PREVIEW_SIDE))
        # Who asked for a scorer on the command line is not told of another one.
        shown = replace(self._settings, scorer=self._choice.kind)
        self.window = MainWindow(self._thumbnails, self._previews, shown, application_icon())
        self.library = LibraryWorker(library_file, folders)
        self.scoring = ScoringWorker(self._choice, paths.weights, load_scorer)
        self.errors = ErrorDesk(self.window, paths.logs)
        self._threads = (WorkerThread(self.library, "library"), WorkerThread(self.scoring, "scoring"))
        self._wire()
        self.scoring.set_paused(self._settings.paused)
        self.scoring.set_gentle(self._settings.gentle, self._settings.gentle_on_battery)

    def start(self) -> None:
        """Show the window; the workers begin once it stands."""
        self.window.show()
        QTimer.singleShot(0, self._start_threads)

    def shutdown(self) -> bool:
        """End the workers; True where all of them ended in time. Called again it gives the same answer."""
        if self._ended is None:
            self._ended = False
            self._save_settings()
            self._ended = self._end_workers(time.monotonic() + SHUTDOWN_SECONDS)
            # Libraries complain at the end of the program of what was not collected.
            gc.unfreeze()
            if not self._ended:
                log.warning("Something was still busy when the program was closed.")
        return self._ended

    def _end_workers(self, deadline: float) -> bool:
        self.scoring.cancel()
        pictures = (self._thumbnails, self._previews)
        for loader in pictures:
            loader.request_close()
        for thread in self._threads:
            thread.request_stop()
        self.ending.emit()
        ended = [thread.wait(round(1000 * _left(deadline))) for thread in self._threads]
        closed = [loader.close(_left(deadline)) for loader in pictures]
        self._shelf.close()
        return all(ended + closed)

    @property
    def closed(self) -> bool:
        return self._ended is not None

    @Slot()
    def _start_threads(self) -> None:
        if self.closed:
            return
        for thread in self._threads:
            thread.start()
        lost = self._choice.lost_weights
        if lost is not None:
            self.window.take_notice(
                Notice(f"The weights file {lost} is gone; choose it again under Help, Get MA-CLIP, to score with it.")
            )

    def _filled_in(self, asked: ScorerChoice) -> ScorerChoice:
        """Where no scorer was asked for, the settings decide which; how it works is as asked."""
        if asked.kind != "auto" or asked.weights is not None:
            return asked
        remembered = Path(self._settings.weights) if self._settings.weights else None
        return replace(asked, kind=self._settings.scorer, remembered_weights=remembered)

    def _wire(self) -> None:
        window, library, scoring = self.window, self.library, self.scoring
        window.folders.add_asked.connect(library.add_folder)
        window.folders.remove_asked.connect(library.remove_folder)
        window.flags_asked.connect(library.set_flags)
        window.undo_asked.connect(library.undo)
        window.redo_asked.connect(library.redo)
        window.rescan_asked.connect(library.rescan)
        window.folder_options_asked.connect(library.set_folder_options)
        window.folder_moved.connect(library.move_folder)
        window.pairs_asked.connect(library.set_pairs)
        window.retry_failed_asked.connect(library.try_again)
        self._retry_failed.connect(library.try_again)
        window.details_asked.connect(library.look_up)
        window.export_asked.connect(library.export)
        window.grid.visible_photos.connect(library.show_first)
        window.status.pause_asked.connect(scoring.set_paused, Qt.ConnectionType.DirectConnection)
        window.weights_asked.connect(self._ask_for_weights)
        window.scorer_banner.download_cancelled.connect(scoring.cancel_download, Qt.ConnectionType.DirectConnection)
        window.scorer_banner.retry_asked.connect(scoring.try_again)
        window.settings_changed.connect(self._take_settings)
        window.clear_thumbnails_asked.connect(self._shelf.clear)
        window.log_folder_asked.connect(self.errors.open_log_folder)
        window.error_report_asked.connect(self.errors.show_report)
        window.system_information_asked.connect(self.errors.copy_system_information)
        window.closing.connect(self._close)
        library.rows_changed.connect(window.take_rows)
        library.folders_changed.connect(window.take_folders)
        library.loaded.connect(window.library_loaded)
        library.details_ready.connect(window.inspector.show_details)
        library.undo_changed.connect(window.take_undo_state)
        library.step_undone.connect(window.take_undone)
        library.export_done.connect(window.take_export_done)
        library.pairs_changed.connect(window.show_pairs)
        library.failed.connect(self.failed)
        self._problem.connect(self.errors.take_notice)
        library.to_score.connect(scoring.submit)
        scoring.scored.connect(library.save_scores)
        scoring.ready.connect(library.scorer_ready)
        scoring.ready.connect(window.take_scorer)
        scoring.ready.connect(self._scorer_ready)
        scoring.ready.connect(self._spare_collections)
        scoring.moved.connect(window.status.show_scorer)
        scoring.effort_changed.connect(window.status.show_effort)
        scoring.halted.connect(window.take_halt)
        scoring.unavailable.connect(self._scorer_unavailable)
        scoring.downloading.connect(self._show_download)
        self._choose_scorer.connect(scoring.choose, Qt.ConnectionType.DirectConnection)
        for worker in (library, scoring):
            worker.notice.connect(self.errors.take_notice)

    @Slot()
    def _close(self) -> None:
        self.shutdown()
        QApplication.quit()

    def _save_settings(self) -> None:
        settings = replace(
            self.window.settings(),
            scorer=self._settings.scorer,
            weights=self._settings.weights,
        )
        try:
            save_settings(settings, self._paths.settings_file)
        except OSError as error:
            log.warning("The settings could not be saved in %s: %s", self._paths.settings_file, error)

    @Slot(object)
    def _take_settings(self, settings: Settings) -> None:
        """The person has changed preferences: they count from now on."""
        self.scoring.set_gentle(settings.gentle, settings.gentle_on_battery)
        self._shelf.set_limit(settings.thumbnails_mb)
        if settings.max_megapixels != self._settings.max_megapixels:
            # Unchanged, it leaves the command line's limit as it is.
            set_max_pixels(settings.max_megapixels * PIXELS_PER_MEGAPIXEL)
        if settings.max_megapixels > self._settings.max_megapixels:
            # What was too large before may not be so now.
            self._retry_failed.emit(None)
        self._settings = replace(settings, scorer=self._settings.scorer, weights=self._settings.weights)
        self._save_settings()

    def report_problem(self, notice: Notice) -> None:
        """Show a message. May be called from any thread."""
        self._problem.emit(notice)

    @Slot(object)
    def take_folders(self, folders: tuple[Path, ...]) -> None:
        """Another start hands *folders* over: watch them, and come to the front."""
        for folder in folders:
            self.window.folders.add_asked.emit(folder)
        window = self.window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()

    @Slot(str)
    def leave_without_library(self, sentence: str) -> None:
        """Without a library nothing can be kept: say so, and close with the message."""
        box = QMessageBox(QMessageBox.Icon.Critical, APP_NAME, sentence, parent=self.window)
        box.finished.connect(self.window.close)
        box.open()

    # --- the scorer ----------------------------------------------------------------------------------------

    @Slot()
    def _ask_for_weights(self) -> None:
        dialog = WeightsDialog(self.window)
        dialog.download_asked.connect(self._download_weights)
        dialog.file_chosen.connect(self._use_weights)
        self._weights_dialog = dialog
        dialog.finished.connect(self._forget_dialog)
        dialog.open()

    @Slot()
    def _forget_dialog(self) -> None:
        if self._weights_dialog is not None:
            self._weights_dialog.deleteLater()
            self._weights_dialog = None

    @Slot()
    def _download_weights(self) -> None:
        choice = replace(self._choice, kind="maclip", weights=None, remembered_weights=None, keep=True)
        self._try_choice(choice, allow_download=True)

    @Slot(object)
    def _use_weights(self, file: Path) -> None:
        self._try_choice(replace(self._choice, kind="maclip", weights=file, keep=True), allow_download=False)

    def _try_choice(self, choice: ScorerChoice, allow_download: bool) -> None:
        self._wanted = choice
        self._choose_scorer.emit(choice, allow_download)

    @Slot()
    def _spare_collections(self) -> None:
        """The model's libraries are here to stay. To look through their objects stops all threads for half a second."""
        gc.freeze()

    @Slot(object)
    def _scorer_ready(self, message: ScorerReady) -> None:
        if self._wanted is None or message.name != "maclip":
            return
        self._choice, self._wanted = self._wanted.from_now_on, None
        weights = "" if self._choice.weights is None else str(self._choice.weights)
        self._settings = replace(self._settings, weights=weights)
        if self._weights_dialog is not None:
            self._weights_dialog.accept()

    @Slot(str)
    def _scorer_unavailable(self, sentence: str) -> None:
        self._wanted = None
        if self._weights_dialog is not None:
            self._weights_dialog.show_failure(sentence)
        else:
            self.window.take_no_scorer(sentence)

    @Slot(object)
    def _show_download(self, progress: DownloadProgress) -> None:
        if self._weights_dialog is not None:
            self._weights_dialog.show_progress(progress)
        else:
            self.window.scorer_banner.show_download(progress)


def application_icon() -> QIcon:
    return QIcon(str(resources_dir() / "icons" / "maclip-desktop.svg"))


def make_application() -> QApplication:
    """The one QApplication, with the program's name on it."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("maclip-desktop")
    application.setApplicationDisplayName(APP_NAME)
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("maclip-desktop")
    application.setWindowIcon(application_icon())
    return application


def _left(deadline: float) -> float:
    """Seconds until *deadline*, never negative."""
    return max(0.0, deadline - time.monotonic())


def run(
    paths: AppPaths,
    library_file: Path,
    folders: tuple[Path, ...],
    choice: ScorerChoice | None,
    claim: Claim | None = None,
    max_megapixels: int | None = None,
) -> int:
    """Open the window and stay until it is closed. Returns the exit code.

    *claim*: the right to be the one window of this library, for those who come later.
    """
    log_qt_messages()
    name_threads_in_log()
    log.info("%s %s opens %s.", APP_NAME, __version__, library_file)
    with crash_stacks(paths.logs), decoding_apart() as decoders:
        application = make_application()
        desktop = Desktop(paths, library_file, folders, choice, max_megapixels=max_megapixels)
        desktop.ending.connect(decoders.break_off)
        report_exceptions(desktop.report_problem)
        desktop.failed.connect(desktop.leave_without_library)
        interrupts = close_on_interrupt(desktop.window)
        application.aboutToQuit.connect(desktop.shutdown)
        if claim is not None and claim.sure:
            listen(desktop, claim)
        desktop.start()
        code = application.exec()
        interrupts.stop()
        leave_if_stuck(desktop.shutdown(), code)
    log.info("Closed.")
    return code


def listen(desktop: Desktop, claim: Claim) -> None:
    """Take the folders of later starts, until *desktop* is closed."""
    try:
        from maclip_desktop.instance.server import WindowServer
    except ImportError as error:
        # Qt's network library wants a system library of its own; one window is worth more than none.
        log.warning("Later starts cannot be heard: %s", error)
        return
    server = WindowServer(claim.address, desktop)
    server.asked.connect(desktop.take_folders)
    desktop.window.closing.connect(server.close)
