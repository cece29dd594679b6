"""How hard the scoring works: as hard as it can, or gently, so that other programs are not disturbed."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal

from maclip_desktop.jobs.power import runs_on_battery
from maclip_desktop.scoring.scorer import Scorer

LOOK_SECONDS = 60.0
"""Between two looks at the battery."""
GENTLE_BATCH = 8
"""Photos at once, at most: rests that are short and many disturb less than a few long stretches of work."""
MAX_REST_S = 600.0
"""A machine that slept in the middle of a batch has not worked for so long."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard the scoring works now.

    Gently means: one thread for the model or one that decodes, never both, and after each batch a rest as long as the
    batch took.
    """

    gentle: bool = False
    why: Literal["asked", "battery"] | None = None
    """What makes it gentle; None where it is not."""

    def photos_at_once(self, scorer: Scorer) -> int:
        """How many photos are gathered for one call of the model."""
        return min(GENTLE_BATCH, scorer.photos_at_once) if self.gentle else scorer.photos_at_once

    def has_room(self, scorer: Scorer, decoding: int, decoded: int) -> bool:
        """Whether one more photo may be decoded beside so many that are being decoded, and so many that wait."""
        if self.gentle:
            return decoding == 0 and decoded < self.photos_at_once(scorer)
        return decoding + decoded < 2 * scorer.photos_at_once  # the model's next batch beside the one it has

    def engine_limit(self, scorer: Scorer) -> AbstractContextManager[None]:
        """Within it the model takes as many threads as this effort allows."""
        if not self.gentle or scorer.name != "maclip":  # the others have no engine, and must not have it loaded
            return nullcontext()
        from maclip_desktop.scoring.engine import one_thread

        return one_thread()


FULL = Effort()
ASKED = Effort(gentle=True, why="asked")
ON_BATTERY = Effort(gentle=True, why="battery")


class Throttle:
    """Decides on the effort by what the person asked for and what the machine runs on."""

    def __init__(
        self, on_battery: Callable[[], bool] = runs_on_battery, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = on_battery
        self._clock = clock
        self._asked = (False, False)
        self._looked: float | None = None
        self._on_battery = False

    def ask(self, gentle: bool, on_battery: bool) -> None:
        """Be gentle from now on; *on_battery*: while the machine runs on it. May be called from any thread."""
        self._asked = (gentle, on_battery)

    def hushes(self, effort: Effort) -> bool:
        """Whether the person has asked to be gentle of who makes this *effort*. May be called from any thread."""
        return self._asked[0] and not effort.gentle

    def decide(self, look: bool) -> Effort:
        """The effort to be made now; with *look* the battery is looked at, once in `LOOK_SECONDS`. One thread only."""
        gentle, on_battery = self._asked
        if gentle:
            return ASKED
        if on_battery and look:
            self._look()
        return ON_BATTERY if on_battery and self._on_battery else FULL

    def _look(self) -> None:
        now = self._clock()
        if self._looked is None or now - self._looked >= LOOK_SECONDS:
            self._looked = now
            self._on_battery = self._read()


class Pace:
    """How long was worked, and so how long to rest."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None

    def work(self) -> None:
        """Work begins, or goes on."""
        if self._since is None:
            self._since = self._clock()

    def forget(self) -> None:
        """What was worked until now was long ago."""
        self._since = None

    def rest(self) -> float:
        """Work ends: as many seconds of rest as it took."""
        since, self._since = self._since, None
        return 0.0 if since is None else min(MAX_REST_S, self._clock() - since)
