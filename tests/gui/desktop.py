"""What the tests of the whole window (real files, library, threads) share: a scorer that counts, and views."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from maclip_desktop.app import Desktop
from maclip_desktop.core.flags import Flag
from maclip_desktop.core.photo import DecodedPhoto, PhotoRow
from maclip_desktop.core.score import Score
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.scorer import ShouldStop, never
from maclip_desktop.scoring.technical import TechnicalScorer

PATIENCE_MS = 30_000


CTRL = Qt.KeyboardModifier.ControlModifier


class CountingScorer(TechnicalScorer):
    """The technical scorer, counting the photos it is given; it may be held up before each batch."""

    def __init__(self, gate: Callable[[], object] = bool) -> None:
        super().__init__()
        self.scored = 0
        self._gate = gate

    def prepare(self, photo: DecodedPhoto) -> Any:
        self._gate()
        return super().prepare(photo)

    def score(self, prepared: Any, should_stop: ShouldStop = never) -> list[Score]:
        self.scored += len(prepared)
        return list(super().score(prepared))


OpenDesktop = Callable[..., Desktop]


def scores(desktop: Desktop) -> dict[str, float]:
    table = desktop.window.model.table
    return {table.path(slot).name: float(table.column("scores")[slot]) for slot in range(len(table))}


def flags(desktop: Desktop) -> dict[str, Flag]:
    table = desktop.window.model.table
    return {table.path(slot).name: Flag(int(table.column("flags")[slot])) for slot in range(len(table))}


def shown_names(desktop: Desktop) -> list[str]:
    model = desktop.window.model
    return [model.index(row).data() for row in range(model.rowCount())]


def wait_scored(qtbot: QtBot, desktop: Desktop, count: int) -> None:
    qtbot.waitUntil(
        lambda: len(scores(desktop)) == count and not np.isnan(list(scores(desktop).values())).any(),
        timeout=PATIENCE_MS,
    )


def wait_sorted(qtbot: QtBot, desktop: Desktop, count: int) -> None:
    wait_scored(qtbot, desktop, count)
    qtbot.waitUntil(lambda: desktop.window.model.misplaced() == 0, timeout=PATIENCE_MS)


def saved(paths: AppPaths) -> dict[str, PhotoRow]:
    with Store.open(paths.library_file) as store:
        return {row.path.name: row for row in store.rows()}
