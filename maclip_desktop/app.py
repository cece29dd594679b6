"""Wires the window and the workers together. Nobody imports this but the entry points."""

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, QTimer, QtMsgType, Signal, Slot, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from maclip_desktop import APP_NAME, __version__
from maclip_desktop.imaging.thumbnails import ThumbnailCache
from maclip_desktop.jobs.library_worker import LibraryWorker
from maclip_desktop.jobs.messages import DownloadProgress, Notice, ScorerReady
from maclip_desktop.jobs.scoring_worker import LoadScorer, ScoringWorker
from maclip_desktop.jobs.threads import WorkerThread
from maclip_desktop.jobs.thumbnails import PictureLoader, load_preview, load_thumbnail
from maclip_desktop.paths import AppPaths, resources_dir
from maclip_desktop.scoring.factory import ScorerChoice, create_scorer
from maclip_desktop.settings import load_settings, save_settings
from maclip_desktop.ui.inspector import PREVIEW_SIDE
from maclip_desktop.ui.main_window import MainWindow
from maclip_desktop.ui.weights_dialog import WeightsDialog

log = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 1.8
"""What closing may take; a person takes two seconds for a crash."""


INTERRUPT_MS = 500


class Desktop(QObject):
    """The window with its workers, from `start` to `shutdown`.

    *library_file*: where marks and scores live. *folders*: to be watched from the start.
    Signal ``failed``: a sentence, where there is no library to work with.
    """

    failed = Signal(str)
    _choose_scorer = Signal(object, bool)
    _problem = Signal(object)

    def __init__(
        self,
        paths: AppPaths,
        library_file: Path,
        folders: tuple[Path, ...] = (),
        choice: ScorerChoice | None = None,
        load_scorer: LoadScorer = create_scorer,
    ) -> None:
        super().__init__()
        self._paths = paths
        self._settings = load_settings(paths.settings_file)
        self._choice = self._filled_in(choice or ScorerChoice())
        self._ended: bool | None = None
        self._weights_dialog: WeightsDialog | None = None
        self._wanted: ScorerChoice | None = None
        self._thumbnails = PictureLoader(partial(load_thumbnail, ThumbnailCache(paths.thumbnails)))
        self._previews = PictureLoader(partial(load_preview, PREVIEW_SIDE))
        # Who asked for a scorer on the command line is not told of another one.
        shown = replace(self._settings, scorer=self._choice.kind)
        self.window = MainWindow(self._thumbnails, self._previews, shown, application_icon())
        self.library = LibraryWorker(library_file, folders)
        self.scoring = ScoringWorker(self._choice, paths.weights, load_scorer)
        self._threads = (WorkerThread(self.library, "library"), WorkerThread(self.scoring, "scoring"))
        self._wire()

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
        ended = [thread.wait(round(1000 * _left(deadline))) for thread in self._threads]
        closed = [loader.close(_left(deadline)) for loader in pictures]
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
        window.details_asked.connect(library.look_up)
        window.export_asked.connect(library.export)
        window.grid.visible_photos.connect(library.show_first)
        window.status.pause_asked.connect(scoring.set_paused, Qt.ConnectionType.DirectConnection)
        window.weights_asked.connect(self._ask_for_weights)
        window.scorer_banner.download_cancelled.connect(scoring.cancel_download, Qt.ConnectionType.DirectConnection)
        window.scorer_banner.retry_asked.connect(scoring.try_again)
        window.closing.connect(self._close)
        library.rows_changed.connect(window.take_rows)
        library.folders_changed.connect(window.take_folders)
        library.loaded.connect(window.library_loaded)
        library.details_ready.connect(window.inspector.show_details)
        library.undo_changed.connect(window.take_undo_state)
        library.step_undone.connect(window.take_undone)
        library.export_done.connect(window.take_export_done)
        library.failed.connect(self.failed)
        self._problem.connect(window.take_notice)
        library.to_score.connect(scoring.submit)
        scoring.scored.connect(library.save_scores)
        scoring.ready.connect(library.scorer_ready)
        scoring.ready.connect(window.take_scorer)
        scoring.ready.connect(self._scorer_ready)
        scoring.moved.connect(window.status.show_scorer)
        scoring.halted.connect(window.take_halt)
        scoring.unavailable.connect(self._scorer_unavailable)
        scoring.downloading.connect(self._show_download)
        self._choose_scorer.connect(scoring.choose, Qt.ConnectionType.DirectConnection)
        for worker in (library, scoring):
            worker.notice.connect(window.take_notice)

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

    def report_problem(self, notice: Notice) -> None:
        """Show a message. May be called from any thread."""
        self._problem.emit(notice)

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


def log_qt_messages() -> None:
    """What Qt says to itself goes to the log, not to the terminal of somebody who wants a list."""
    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
        QtMsgType.QtCriticalMsg: logging.ERROR,
        QtMsgType.QtFatalMsg: logging.CRITICAL,
    }
    qt_log = logging.getLogger("qt")
    qInstallMessageHandler(lambda kind, _context, text: qt_log.log(levels[kind], "%s", text))


def report_exceptions(say: Callable[[Notice], None]) -> None:
    """An exception nobody caught goes to the log and to the person, instead of into the void.

    *say* is called in whatever thread it happened in.
    """

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.error("Unexpected error:\n%s", "".join(traceback.format_exception(kind, error, trace)))
        say(Notice(f"An error inside the program: {kind.__name__}: {error}"))

    sys.excepthook = report
    threading.excepthook = lambda arguments: report(
        arguments.exc_type, arguments.exc_value or arguments.exc_type(), arguments.exc_traceback
    )


def close_on_interrupt(window: MainWindow) -> QTimer:
    """Let Ctrl+C in the terminal close the window as its own button does; keep the timer that is returned."""
    signal.signal(signal.SIGINT, lambda *_: window.close())
    # Python handles signals between two of its own instructions, and Qt's loop executes none while it waits.
    timer = QTimer()
    timer.timeout.connect(lambda: None)
    timer.start(INTERRUPT_MS)
    return timer


def run(paths: AppPaths, library_file: Path, folders: tuple[Path, ...], choice: ScorerChoice | None) -> int:
    """Open the window and stay until it is closed. Returns the exit code."""
    log_qt_messages()
    application = make_application()
    desktop = Desktop(paths, library_file, folders, choice)
    report_exceptions(desktop.report_problem)
    desktop.failed.connect(desktop.leave_without_library)
    interrupts = close_on_interrupt(desktop.window)
    application.aboutToQuit.connect(desktop.shutdown)
    desktop.start()
    code = application.exec()
    interrupts.stop()
    leave_if_stuck(desktop.shutdown(), code)
    return code


def leave_if_stuck(ended: bool, code: int = 0) -> None:
    """A decoder stuck in a foreign library must not keep a closed program alive; all that counts is saved."""
    if not ended:
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(code)
