"""How long the window does not answer: ``python tests/benchmarks/responsiveness.py [--photos 5000] [--json FILE]``.

A new user's first start: a folder of mixed files (`tests/helpers/mixed_photos.py`), the whole window off-screen, the
technical scorer. While photos are found, read and scored, it is scrolled, sorted and filtered in other ways, and photos
are flagged. A timer in the window's thread measures how long each of its turns has to wait; where that is long, another
thread notes what the window is at. The five longest are told with that.
"""

import argparse
import json
import os
import random
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtTest import QTest

from maclip_desktop.core.ordering import FlagFilter, SortOrder
from tests.helpers.mixed_photos import write_mixed_photos
from tests.helpers.offscreen import Offscreen

ACT_MS = 350
"""Between two things the person does."""


class Person(QObject):
    """Somebody at the window, never at rest; what is done is drawn by lot, the same each time."""

    def __init__(self, run: Offscreen) -> None:
        super().__init__()
        self.acts = 0
        self._window = run.desktop.window
        self._chance = random.Random(1)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._act)
        self._timer.start(ACT_MS)

    def stop(self) -> None:
        self._timer.stop()

    @Slot()
    def _act(self) -> None:
        self.acts += 1
        self._chance.choice(
            (self._scroll, self._scroll, self._walk, self._flag, self._flag, self._sort, self._filter)
        )()

    def _scroll(self) -> None:
        bar = self._window.grid.verticalScrollBar()
        bar.setValue(self._chance.randint(0, max(1, bar.maximum())))

    def _walk(self) -> None:
        QTest.keyClick(self._window.grid, self._chance.choice((Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_PageDown)))

    def _flag(self) -> None:
        QTest.keyClick(self._window.grid, self._chance.choice((Qt.Key.Key_P, Qt.Key.Key_X, Qt.Key.Key_U)))

    def _sort(self) -> None:
        model = self._window.model
        model.set_view(self._chance.choice(list(SortOrder)), model.flag_filter, model.folder_id)

    def _filter(self) -> None:
        model = self._window.model
        chosen = self._chance.choice((FlagFilter.ALL, FlagFilter.ALL, FlagFilter.NOT_REJECTED, FlagFilter.UNFLAGGED))
        model.set_view(model.sort_order, chosen, model.folder_id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=5000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="a folder for the photos, which stay there for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="maclip-responsive-") as place:
        photos = (options.keep or Path(place)) / f"mixed-{options.photos}"
        if not photos.exists():
            print(f"making {options.photos} files", file=sys.stderr)
            write_mixed_photos(photos, options.photos)
        os.environ["MACLIP_HOME"] = str(Path(place) / "home")
        found = measured(photos, options.photos)
    tell(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2), encoding="utf-8")


def measured(photos: Path, count: int) -> dict[str, Any]:
    """Run the window until everything is scored, with a person at it."""
    with Offscreen(photos) as run:
        person = Person(run)
        found_s = run.until(lambda: len(run.desktop.window.model.table) == count, "finding the photos")
        read_s = found_s + run.until(lambda: run.read == count, "reading the photos")
        scored_s = read_s + run.until(lambda: run.scored == count, "scoring the photos")
        person.stop()
        return {
            "longest_block_ms": round(run.blocks.longest_ms, 1),
            "photos": count,
            "found_s": round(found_s, 1),
            "read_s": round(read_s, 1),
            "scored_s": round(scored_s, 1),
            "acts": person.acts,
            "blocks_above_50_ms": len(run.blocks.blocks),
            "blocks_above_100_ms": sum(block.lasted_ms > 100 for block in run.blocks.blocks),
            "worst": [asdict(block) for block in run.blocks.worst()],
        }


def tell(found: dict[str, Any]) -> None:
    for name, value in found.items():
        if name != "worst":
            print(f"{name:20} {value}")
    for block in found["worst"]:
        print(f"{block['lasted_ms']:8.1f} ms, {block['at_s']:.1f} s after the start")
        for stack in block["stacks"][:3]:
            print("    " + " > ".join(stack[-6:]))


if __name__ == "__main__":
    main()
