"""Damaged files by the thousand: ``python tests/benchmarks/fuzz_decoding.py [--files 20000] [--seed 1] [--seconds S]``.

Small files of our own (`tests/helpers/fuzz_seeds.py`) are damaged (`tests/helpers/mutations.py`) and read as the
program reads photos: metadata, pixels reduced and whole, thumbnail. Each may be a picture or a `PhotoError`; anything
else is a find: another exception, the end of the process, more than 10 s or 1 GB for one file. The work is done in
processes of its own, one per core or ``--workers``, so that a crash is seen and the next file goes on. Files of finds
are kept in ``--keep DIR``. ``--more DIR``: small files in there (100 KB) are damaged as well. Ends with 1 where any
was found.
"""

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from maclip_desktop.benchmark.memory import forget_peak, peak_bytes
from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.imaging.thumbnails import ThumbnailCache
from tests.helpers.fuzz_seeds import Seed, seeds
from tests.helpers.mutations import mutant

LIMIT_S = 10.0
START_S = 60.0
"""A process may take this long to load everything."""
LIMIT_BYTES = 1_000_000_000
SMALL_BYTES = 100_000


@dataclass(frozen=True)
class Find:
    """A file that did what none may do."""

    number: int
    suffix: str
    what: str
    kept: str | None = None


def main() -> int:
    options = parsed()
    if options.worker:
        work(options)
        return 0
    begun = time.monotonic()
    finds, outcomes = run(options)
    print(json.dumps({"seconds": round(time.monotonic() - begun), "outcomes": dict(outcomes)}))
    for find in finds:
        print(json.dumps(asdict(find)))
    print(f"{sum(outcomes.values())} files, {len(finds)} finds")
    return 1 if finds else 0


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first file")
    parser.add_argument("--seconds", type=float, help="end after this time, however many files there have been")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--more", type=Path)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def all_seeds(more: Path | None) -> list[Seed]:
    others = [path for path in sorted(more.rglob("*")) if path.is_file()] if more else []
    small = [path for path in others if 0 < path.stat().st_size <= SMALL_BYTES]
    return seeds() + [(path.suffix.lower(), path.read_bytes()) for path in small]


# --- the process that reads ------------------------------------------------------------------------------------------


def work(options: argparse.Namespace) -> None:
    """Read the numbers that come by standard input; say what became of each."""
    own = all_seeds(options.more)
    with tempfile.TemporaryDirectory(prefix="maclip-fuzz-") as place:
        print("ready", flush=True)
        for line in sys.stdin:
            print(outcome(Path(place), mutant(own, options.seed, int(line))), flush=True)


def outcome(place: Path, made: Seed) -> str:
    """``picture``, ``refused``, or what is a find."""
    suffix, content = made
    path = place / f"photo{suffix}"
    path.write_bytes(content)
    forget_peak()
    try:
        said = "picture" if read_all(path) else "refused"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a find
        return f"find {type(error).__name__}: {error}".replace("\n", " ")
    peak = peak_bytes() or 0
    return said if peak < LIMIT_BYTES else f"find {peak / 1e6:.0f} MB of memory"


def read_all(path: Path) -> bool:
    """Everything the program does with a file; True where its pixels can be had."""
    try:
        read_info(path)
    except PhotoError as error:
        check(error, path)
    shown = []
    for side in (16, None):
        try:
            photo = decode(path, min_side=side, colour_managed=side is None)
            shown.append(photo.pixels.shape[2] == 3 and photo.width > 0)
        except PhotoError as error:
            check(error, path)
    try:
        status = path.stat()
        ThumbnailCache(path.parent / "cache", 32).load_or_make(path, status.st_size, status.st_mtime_ns)
    except PhotoError as error:
        check(error, path)
    return bool(shown)


def check(error: PhotoError, path: Path) -> None:
    """The sentence names the file once and is one line."""
    text = str(error)
    if text.count(str(path)) != 1 or "\n" in text or not text.endswith("."):
        raise AssertionError(f"a sentence that is none: {text!r}")


# --- the process that looks on ---------------------------------------------------------------------------------------


class Reader:
    """A process that reads, with a thread that hears what it says."""

    def __init__(self, options: argparse.Namespace) -> None:
        arguments = ["--worker", "--seed", str(options.seed), *(["--more", str(options.more)] if options.more else [])]
        self._process = subprocess.Popen(
            [sys.executable, __file__, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._hear, daemon=True).start()
        self._said.get(timeout=START_S)

    def read(self, number: int) -> str:
        """What becomes of a file; after ``find`` of a crash or a hang this process is no more."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{number}\n")
        self._process.stdin.flush()
        try:
            said = self._said.get(timeout=LIMIT_S)
        except queue.Empty:
            self.close()
            return f"find more than {LIMIT_S:.0f} s"
        return said or f"find the process ended with {self._process.wait()}"

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _hear(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(line.strip())
        self._said.put("")


def run(options: argparse.Namespace) -> tuple[list[Find], Counter[str]]:
    """All files, shared out to the readers."""
    numbers = iter(range(options.first, options.first + options.files))
    until = time.monotonic() + options.seconds if options.seconds else float("inf")
    lock, finds, outcomes = threading.Lock(), [], Counter[str]()
    own = all_seeds(options.more)

    def feed() -> None:
        reader = Reader(options)
        while time.monotonic() < until:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            said = reader.read(number)
            with lock:
                outcomes[said.split(" ")[0]] += 1
                if said.startswith("find"):
                    finds.append(kept(own, options, number, said))
            if reader.ended:
                reader = Reader(options)
        reader.close()

    feeders = [threading.Thread(target=feed) for _ in range(options.workers)]
    for feeder in feeders:
        feeder.start()
    for feeder in feeders:
        feeder.join()
    return finds, outcomes


def kept(own: list[Seed], options: argparse.Namespace, number: int, said: str) -> Find:
    suffix, content = mutant(own, options.seed, number)
    target = None
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        target = options.keep / f"{options.seed}-{number}{suffix}"
        target.write_bytes(content)
    print(f"{number} {suffix} {said}", file=sys.stderr, flush=True)
    return Find(number, suffix, said.removeprefix("find "), str(target) if target else None)


if __name__ == "__main__":
    sys.exit(main())
