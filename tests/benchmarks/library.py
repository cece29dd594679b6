"""A large library: ``python tests/benchmarks/library.py [--photos 100000] [--json FILE] [--keep DIR] [--profile]``.

Makes that many small JPEG files, no two alike, and runs the program's own window with its real workers off-screen over
them, each part in a process of its own:

``import``  the first time: walked, recorded, hashed, metadata read; without a scorer.
``score``   the technical scorer over some of the photos, in a library of their own.
``window``  the library, every photo scored, opened as it would be on another day: thumbnails are made.
``second``  the same once more: nothing has changed and everything is known. Files opened are counted.
``watch``   photos written one by one into the watched folder, until each has its tile; then a burst of 5,000.

The files lie in the system's cache of files: drives that are slow to find a file are slower by what they take for that.
Everything lies in a temporary folder that is removed, or in DIR, where the next run finds the files it needs.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.library_parts import COUNT, PARTS, START
from tests.helpers.generated_photos import require_room, write_small_photos
from tests.helpers.stacks import StackSampler
from tests.helpers.tree_memory import TreeMemory

SCORED = 2000
"""Photos of the part ``score``: enough for a rate."""
KEYS = (
    "import_per_s",
    "second_start_s",
    "first_screen_ms",
    "watch_latency_ms",
    "burst_5000_s",
    "database_mb",
    "peak_mb",
)


def main() -> None:
    options = parsed()
    if options.part:
        print(json.dumps(one_part(options.part, options.profile)))
        return
    with nullcontext(options.keep) if options.keep else tempfile.TemporaryDirectory(prefix="maclip-library-") as place:
        results = measured(Path(place), options.photos, options.profile)
    for name, value in results.items():
        print(f"{name:28} {value}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=2), encoding="utf-8")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="a folder for the photos and the library, which stay there")
    parser.add_argument("--profile", action="store_true", help="tell what each thread was seen doing")
    parser.add_argument("--part", choices=sorted(PARTS), help=argparse.SUPPRESS)
    return parser.parse_args()


def measured(place: Path, count: int, profile: bool) -> dict[str, Any]:
    """All parts, one after the other; what they tell in one table, the keys of the issue first."""
    photos = place / "photos"
    make_photos(place, photos, count)
    few = place / "few"
    few_count = min(count, SCORED)
    make_photos(place, few, few_count)
    found: dict[str, Any] = {"photos": count, "system": f"{platform.system()}, {os.cpu_count()} processors"}
    peaks = []
    for part in ("score", "import", "window", "second", "watch"):
        home, folder, there = (
            (place / "home-few", few, few_count) if part == "score" else (place / "home", photos, count)
        )
        told = run_part(part, home, folder, there, profile)
        peaks.append(told.pop("peak_mb"))
        found[f"{part}_peak_mb"] = peaks[-1]
        found |= told
    found["peak_mb"] = max(peaks)
    return {key: found[key] for key in KEYS} | found


def make_photos(place: Path, folder: Path, count: int) -> None:
    """Write the photos, unless an earlier run has left them; what it left of a library goes."""
    place.mkdir(parents=True, exist_ok=True)
    done = folder.with_name(f"{folder.name}-{count}.done")
    if done.exists():
        return
    require_room(place, count)
    say(f"making {count} photos in {folder}")
    write_small_photos(folder, count)
    done.touch()


def run_part(part: str, home: Path, folder: Path, count: int, profile: bool) -> dict[str, Any]:
    """One part in a process of its own; its figures and the peak of memory with its children."""
    say(part)
    if part in ("score", "import"):
        forget_library(home)
    command = [sys.executable, __file__, "--part", part, *(["--profile"] if profile else [])]
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    environment |= {"MACLIP_HOME": str(home), "MACLIP_BENCH_PHOTOS": str(folder), COUNT: str(count)}
    environment[START] = repr(time.time())
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        memory = TreeMemory(process.pid)
        out, _ = process.communicate()
        peak = memory.stop()
    if process.returncode:
        raise SystemExit(f"The part {part} ended with {process.returncode}.")
    return {**json.loads(out.splitlines()[-1]), "peak_mb": round(peak / 1e6, 1)}


def forget_library(home: Path) -> None:
    for file in sorted(home.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()


def one_part(part: str, profile: bool) -> dict[str, Any]:
    """Run a part in this process."""
    with StackSampler() if profile else nullcontext() as sampler:
        told = PARTS[part](Path(os.environ["MACLIP_BENCH_PHOTOS"]))
    if sampler is not None:
        print(sampler.told(), file=sys.stderr)
    return told


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
