"""The parts of the benchmark ``library.py``: each runs in a process of its own and tells its figures."""

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject

from maclip_desktop.core.score import Score, TechnicalMeasures
from maclip_desktop.library.store import Store
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.technical import TechnicalScorer
from tests.helpers.generated_photos import numbered, small_photo_name
from tests.helpers.offscreen import Offscreen, no_scorer
from tests.helpers.openings import Openings

START = "MACLIP_BENCH_START"
"""The environment variable with the time at which the process was started."""

SINGLE_PHOTOS = 20
BURST = 5000
EXTRA = 10_000_000
"""Numbers from here on are photos of the part ``watch``."""


COUNT = "MACLIP_BENCH_COUNT"
"""The environment variable with how many photos there are: counting them would take its time in the first part."""


def wanted() -> int:
    return int(os.environ[COUNT])


def since_start() -> float:
    return time.time() - float(os.environ[START])


def import_part(folder: Path) -> dict[str, Any]:
    """From an empty library until every photo is read."""
    count = wanted()
    with Offscreen(folder, load=no_scorer) as run:
        begun = time.perf_counter()
        found_s = run.until(lambda: len(run.desktop.window.model.table) == count, "finding the photos")
        run.until(lambda: run.read == count, "reading the photos")
        taken = time.perf_counter() - begun
    add_scores()
    return {
        "import_per_s": round(count / taken, 1),
        "import_s": round(taken, 2),
        "import_found_s": round(found_s, 2),
        "import_messages": run.messages,
        "import_longest_block_ms": round(run.blocks.longest_ms, 1),
    }


def add_scores() -> None:
    """Give every photo a score of the technical scorer, as if it had been scored: the library has its true size."""
    scorer = TechnicalScorer()
    chance = random.Random(1)
    with Store.open(AppPaths.default().library_file) as store:
        store.set_current_model(scorer.model_id, scorer.name)
        contents = [row.content_hash for row in store.rows() if row.content_hash]
        for start in range(0, len(contents), 5000):
            pairs = [(content, made_up(scorer, chance.random())) for content in contents[start : start + 5000]]
            store.save_scores(pairs)


def made_up(scorer: TechnicalScorer, value: float) -> Score:
    measures = TechnicalMeasures(value, 0.8765432109, 0.7654321098, 0.6543210987, value)
    return Score(value, scorer.name, scorer.model_id, technical=measures)


def score_part(folder: Path) -> dict[str, Any]:
    """The technical scorer, photos read beforehand."""
    count = wanted()
    with Offscreen(folder, load=no_scorer) as first:
        first.until(lambda: first.read == count, "reading the photos")
    with Offscreen() as run:
        taken = run.until(lambda: len(run.desktop.window.model.table) == count == run.scored, "scoring the photos")
    return {"score_per_s": round(count / taken, 1)}


class FirstPaint(QObject):
    """Notes when the grid has first been painted with photos in it."""

    def __init__(self, run: Offscreen) -> None:
        super().__init__()
        self.at_s: float | None = None
        self._model = run.desktop.window.model
        run.desktop.window.grid.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if self.at_s is None and event.type() == QEvent.Type.Paint and self._model.rowCount():
            self.at_s = since_start()
        return False


def window_part(folder: Path) -> dict[str, Any]:
    """Opened on another day: until tiles stand, until they are in order, until they have their pictures."""
    return {f"window_{name}": value for name, value in opened(folder)[0].items()}


def second_part(folder: Path) -> dict[str, Any]:
    """Opened once more: every picture is in the cache, and no photo may be opened."""
    openings = Openings(folder)
    told, children = opened(folder)
    return {
        "second_start_s": told["compared_s"],
        **{name: value for name, value in told.items() if name != "compared_s"},
        "second_start_opened": len(openings.names),
        "second_start_decoders": children,
        "database_mb": round(database_bytes() / 1e6, 1),
        "thumbnails_mb": round(sum(file.stat().st_size for file in files(AppPaths.default().thumbnails)) / 1e6, 1),
    }


def opened(folder: Path) -> tuple[dict[str, Any], int]:
    """Times since the start of the process, and how many children it had at the end."""
    count = wanted()
    with Offscreen() as run:
        window = run.desktop.window
        paint = FirstPaint(run)
        run.until(lambda: paint.at_s is not None, "the first tiles")
        run.until(lambda: run.loaded and len(window.model.table) == count, "the rows")
        loaded_s = since_start()
        run.until(lambda: run.watched, "the comparison")
        compared_s = since_start()
        run.until(lambda: run.pictured, "the pictures")
        told = {
            "first_screen_ms": round(1000 * (paint.at_s or 0)),
            # The window sorts as soon as the library has sent all of its rows, and says nothing before it has.
            "sorted_ms": round(1000 * loaded_s),
            "pictures_ms": round(1000 * since_start()),
            "compared_s": round(compared_s, 2),
            "longest_block_ms": round(run.blocks.longest_ms, 1),
        }
        return told, children()


def children() -> int:
    import psutil

    return len(psutil.Process().children(recursive=True))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def database_bytes() -> int:
    file = AppPaths.default().library_file
    return sum(path.stat().st_size for path in file.parent.glob(f"{file.name}*"))


def watch_part(folder: Path) -> dict[str, Any]:
    """Photos written into the watched folder one by one, then 5,000 at once by another process."""
    with Offscreen() as run:
        run.until(lambda: run.watched, "the comparison")
        singles = [1000 * latency(run, folder, number) for number in range(EXTRA, EXTRA + SINGLE_PHOTOS)]
        burst = burst_of(run, folder)
        told = {
            "watch_latency_ms": round(statistics.median(singles)),
            "watch_latency_worst_ms": round(max(singles)),
            **burst,
        }
    forget_extra(folder)
    return told


def latency(run: Offscreen, folder: Path, number: int) -> float:
    """Seconds from a written file to its tile."""
    (name, content), *_ = numbered(number, 1)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    run.look_for(path)
    begun = time.perf_counter()
    path.write_bytes(content)
    run.until(lambda: run.found, f"the tile of {name}", 60)
    return time.perf_counter() - begun


COPY = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tests.helpers.generated_photos import write_small_photos
write_small_photos(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
"""


def burst_of(run: Offscreen, folder: Path) -> dict[str, Any]:
    model = run.desktop.window.model
    before, messages = model.rowCount(), run.messages
    run.blocks.forget()
    arguments = [str(Path(__file__).resolve().parents[2]), str(folder), str(BURST), str(EXTRA + 1000)]
    begun = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", COPY, *arguments]) as copying:
        copied_s = run.until(lambda: copying.poll() is not None, "the copying")
        run.until(lambda: model.rowCount() == before + BURST, "the burst", 600)
        taken = time.perf_counter() - begun
        shown_messages = run.messages - messages
        run.until(lambda: run.read == before + BURST, "reading the burst")
    return {
        "burst_5000_s": round(taken, 2),
        "burst_copied_s": round(copied_s, 2),
        "burst_messages": shown_messages,
        "burst_read_s": round(time.perf_counter() - begun, 2),
        "burst_longest_block_ms": round(run.blocks.longest_ms, 1),
    }


def forget_extra(folder: Path) -> None:
    """Take the photos of this part away again, so that the folder may serve another run."""
    years = {folder / Path(small_photo_name(number)).parts[0] for number in (EXTRA, EXTRA + 1000, EXTRA + 1000 + BURST)}
    for year in years:
        for path in sorted(year.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()


PARTS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "import": import_part,
    "score": score_part,
    "window": window_part,
    "second": second_part,
    "watch": watch_part,
}
