"""Below the grid: how far the scoring is, how fast, by what, and pause."""

import time
from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from maclip_desktop.jobs.effort import FULL, Effort
from maclip_desktop.jobs.messages import ScorerReady
from maclip_desktop.jobs.rate import RateMeter
from maclip_desktop.ui import words
from maclip_desktop.ui.labels import ElidedLabel

PERMILLE = 1000


class StatusPanel(QWidget):
    """Signal: ``pause_asked`` (True to pause, False to go on). *clock*: seconds that only go forward."""

    pause_asked = Signal(bool)

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._meter = RateMeter(clock)
        self._has_scorer = False
        self._waiting = 0
        self._total = 0
        self._failed = 0
        self._paused = False
        self._halted = False
        self._effort = FULL
        self._bar = QProgressBar()
        self._bar.setRange(0, PERMILLE)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(160)
        self._bar.setAccessibleName(self.tr("Scoring progress"))
        self._bar.hide()
        self._text = ElidedLabel()
        self._scorer = QLabel(self.tr("Loading the scorer…"))
        self._pause = QPushButton(self.tr("Pause"))
        self._pause.setCheckable(True)
        self._pause.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._pause.setToolTip(self.tr("Stop scoring for now, for example while you need the machine for other work"))
        self._pause.setEnabled(False)
        self._pause.toggled.connect(self._toggle)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(self._bar)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._scorer)
        layout.addWidget(self._pause)
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._write)

    @property
    def waiting(self) -> int:
        """Photos that are still to be scored."""
        return self._waiting

    @property
    def paused(self) -> bool:
        """Whether scoring rests by the person's wish: what the next start goes on with."""
        return self._paused

    def show_paused(self, paused: bool) -> None:
        """Show how the last session was left. Nothing is asked for: the worker is told by whoever tells the panel."""
        with QSignalBlocker(self._pause):
            self._pause.setChecked(paused)
        self._take_paused(paused)

    @Slot(object)
    def show_effort(self, effort: Effort) -> None:
        """How hard the scoring works from now on: the rate until now says nothing of it."""
        self._effort = effort
        self._meter.begin()
        self._write()

    @Slot(object)
    def show_scorer(self, scorer: ScorerReady) -> None:
        by = self.tr("Scored by %1 on %2").replace("%1", words.scorer_words(scorer.name))
        warning = [self.tr("weights not known")] if scorer.warning else []
        self._scorer.setText(" · ".join([by.replace("%2", scorer.device), *warning]))
        about = (scorer.warning, scorer.precision, scorer.model_id)
        self._scorer.setToolTip("\n".join(part for part in about if part))
        self._has_scorer = True
        self._pause.setEnabled(True)
        self.show_retry()

    def show_no_scorer(self, sentence: str) -> None:
        """A scorer could not be had; one that works already goes on."""
        if self._has_scorer:
            return
        self._scorer.setText(self.tr("No scorer"))
        self._scorer.setToolTip(sentence)

    def show_halt(self) -> None:
        """Say that nothing is scored, because the scorer fails."""
        self._set_halted(True)

    @Slot()
    def show_retry(self) -> None:
        """It is tried again."""
        self._set_halted(False)

    def _set_halted(self, halted: bool) -> None:
        if halted != self._halted:
            self._halted = halted
            self._meter.begin()
            self._write()

    def show_counts(self, total: int, waiting: int, failed: int, finished: int = 0) -> None:
        """All photos shown or not, those without a score or an error, those with an error.

        *finished*: how many that were waiting got their score or error just now; waiting alone does not tell,
        for new photos may have come at the same time.
        """
        if self._waiting == 0 and waiting > 0:
            self._meter.begin()
        elif finished:
            self._meter.add(finished)
        self._total, self._waiting, self._failed = total, waiting, failed
        if waiting and not self._tick.isActive():
            self._tick.start()
        self._write()

    def stop(self) -> None:
        self._tick.stop()

    @Slot(bool)
    def _toggle(self, paused: bool) -> None:
        self._take_paused(paused)
        self.pause_asked.emit(paused)

    def _take_paused(self, paused: bool) -> None:
        self._paused = paused
        self._pause.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self._meter.begin()
        self._write()

    @Slot()
    def _write(self) -> None:
        done = self._total - self._waiting
        self._bar.setValue(PERMILLE * done // self._total if self._total else 0)
        self._bar.setVisible(self._waiting > 0)
        if self._waiting == 0:
            self._tick.stop()
        self._text.setText(self._sentence(done))
        self._text.setToolTip(self._text.text())

    def _sentence(self, done: int) -> str:
        if self._total == 0:
            return ""
        if self._waiting == 0:
            text = self._finished()
        else:
            text = self.tr("%1 of %2 done").replace("%1", f"{done:,}").replace("%2", f"{self._total:,}")
            text = " · ".join([text, *self._speed()])
        if self._failed:
            text += " · " + self.tr("%1 could not be read").replace("%1", f"{self._failed:,}")
        return text

    def _finished(self) -> str:
        scored = self._total - self._failed
        return self.tr("%1 scored").replace("%1", words.photos(scored))

    def _speed(self) -> list[str]:
        if self._paused:
            return [self.tr("paused")]
        if self._halted:
            return [self.tr("stopped")]
        rate, left = self._meter.per_second(), self._meter.seconds_left(self._waiting)
        if rate is None or left is None:
            return self._manner()
        return [self.tr("%1 photos/s").replace("%1", f"{rate:.1f}"), words.time_left(left), *self._manner()]

    def _manner(self) -> list[str]:
        if not self._effort.gentle:
            return []
        return [self.tr("scoring gently (on battery)") if self._effort.why == "battery" else self.tr("scoring gently")]
