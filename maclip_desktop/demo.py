"""The demonstration: the real window and the real workers on sample photos, driven from here.

Like `app`, this stands above everything; nothing but the demo command imports it.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from maclip_desktop import demo_photos
from maclip_desktop.app import Desktop, make_application
from maclip_desktop.console import Console
from maclip_desktop.core.culling import Select
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.ordering import FlagFilter, SortOrder
from maclip_desktop.core.selection import lowest_share
from maclip_desktop.errors import ProgramError, UserFacingError
from maclip_desktop.exporting.culling_list import ListFormat
from maclip_desktop.imaging.apart import decoding_apart
from maclip_desktop.jobs.messages import ExportRequest, FlagRequest, Notice
from maclip_desktop.paths import AppPaths
from maclip_desktop.running import leave_if_stuck, log_qt_messages, report_exceptions
from maclip_desktop.scoring.factory import ScorerChoice

PATIENCE_SECONDS = 600
REJECTED_SHARE = 0.5


def run_demo(out: Path, paths: AppPaths, choice: ScorerChoice, headless: bool, console: Console) -> int:
    """Watch, score, sort, flag and export; leave the results in *out*. Returns the exit code."""
    log_qt_messages()
    application = make_application()
    photos = out / "photos"
    demo_photos.write_originals(photos)
    # Library, settings and thumbnails of its own, gone afterwards; only the weights are shared with the user's.
    with (
        tempfile.TemporaryDirectory(prefix="maclip-demo-", ignore_cleanup_errors=True) as home,
        decoding_apart() as decoders,
    ):
        own = replace(AppPaths.below(Path(home)), data=paths.data)
        desktop = Desktop(own, Path(home) / "library.db", (photos,), choice)
        desktop.ending.connect(decoders.break_off)
        demo = Demo(desktop, out, photos, console)
        report_exceptions(demo.take_problem)
        application.aboutToQuit.connect(desktop.shutdown)
        desktop.start()
        try:
            demo.run()
            if not headless:
                console.say("The window stays open: try P, X, U and the arrows, and close it when you are done.")
                application.exec()
        finally:
            ended = desktop.shutdown()
    leave_if_stuck(ended)
    return 0


class Demo:
    """One demonstration, step by step, each waited for through the window's own data."""

    def __init__(self, desktop: Desktop, out: Path, photos: Path, console: Console) -> None:
        self._desktop = desktop
        self._out = out
        self._photos = photos
        self._console = console
        self._scorer = ""
        self._problem = ""
        desktop.scoring.ready.connect(self._note_scorer)
        desktop.scoring.unavailable.connect(self._note_problem)
        desktop.failed.connect(self._note_problem)

    def take_problem(self, notice: Notice) -> None:
        self._note_problem(notice.text)

    def run(self) -> None:
        """All steps in order."""
        table = self._desktop.window.model.table
        originals = len(demo_photos.SOURCES)
        self._wait("the first photos", lambda: len(table) == originals and self._all_scored())
        self._console.say(f"Watching {self._photos}: {originals} photos scored by {self._scorer}.")
        degraded = demo_photos.write_degraded(self._photos)
        everything = originals + len(degraded)
        self._wait("the new photos", lambda: len(table) == everything and self._all_scored())
        self._console.say(f"{len(degraded)} worse copies appeared in the folder and were scored too.")
        self._sort_and_flag()
        self._export(ExportRequest(self._out / "culling_list.csv", ListFormat.CSV, Select.REJECTS))
        self._export(ExportRequest(self._out / "scores.json", ListFormat.JSON, Select.ALL))
        self._take_picture()
        self._console.say(f"The results lie in {self._out}: culling_list.csv, scores.json, window.png.")

    def _sort_and_flag(self) -> None:
        window = self._desktop.window
        window.model.set_view(SortOrder.WORST_FIRST, FlagFilter.ALL, None)
        ids = [window.model.photo_id(row) for row in range(window.model.rowCount())]
        worse = [demo_photos.is_degraded(window.model.table.path(window.model.table.slot(one) or 0)) for one in ids]
        count = sum(worse)
        self._console.say(f"Sorted worst first: {sum(worse[:count])} of the lowest {count} photos are worse copies.")
        suggestion = lowest_share(window.model.table.candidates(window.model.shown_slots()), REJECTED_SHARE)
        request = FlagRequest(suggestion.reject_ids, Flag.REJECT, Decider.RULE, "Reject the lowest half")
        window.flags_asked.emit(request)
        flags = window.model.table
        self._wait("the flags", lambda: int((flags.column("flags") == Flag.REJECT).sum()) == len(suggestion.reject_ids))
        self._console.say(f"Flagged as rejects: the lowest {len(suggestion.reject_ids)}.")

    def _export(self, request: ExportRequest) -> None:
        done: list[object] = []
        self._desktop.library.export_done.connect(done.append)
        self._desktop.window.export_asked.emit(request)
        self._wait(f"the list {request.out.name}", lambda: bool(done))
        self._desktop.library.export_done.disconnect(done.append)

    def _take_picture(self) -> None:
        """The window as it is, once the thumbnails on screen and the preview are there."""
        window = self._desktop.window
        window.grid.select_row(0)
        self._wait("the thumbnails", self._thumbnails_are_there)
        self._wait_a_moment()
        window.notices.hide()
        if not window.grab().save(str(self._out / "window.png")):
            raise UserFacingError(f"{self._out / 'window.png'} could not be written; check the folder and the disk.")

    def _thumbnails_are_there(self) -> bool:
        window = self._desktop.window
        requests = [window.model.picture_request(row) for row in window.grid.visible_rows()]
        return all(request is None or window.model.pixmaps.get(request) is not None for request in requests)

    def _all_scored(self) -> bool:
        return self._desktop.window.status.waiting == 0

    def _wait(self, what: str, done: Callable[[], bool]) -> None:
        """Let the window live until *done*; the patience is for machines, not for people."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            if self._problem:
                raise UserFacingError(self._problem)
            if time.monotonic() > deadline:
                raise ProgramError(f"{what} did not come within {PATIENCE_SECONDS} seconds")
            if not self._desktop.window.isVisible():
                raise UserFacingError("The window was closed before the demonstration had ended.")
            self._let_live(20)

    def _wait_a_moment(self) -> None:
        """Time for the preview and the last repaint."""
        self._let_live(700)

    def _let_live(self, milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def _note_scorer(self, ready: object) -> None:
        name, device = getattr(ready, "name", ""), getattr(ready, "device", "")
        self._scorer = {"maclip": "MA-CLIP", "technical": "the technical scorer"}.get(name, name) + f" on {device}"
        warning = getattr(ready, "warning", None)
        if warning:
            self._console.say(warning)

    def _note_problem(self, sentence: str) -> None:
        self._problem = sentence
