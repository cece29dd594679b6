"""Whether memory stays flat over thousands of photos, and under its limit for a very large one.

    python tests/benchmarks/memory_over_photos.py flat [--photos 2000] [--megapixels 0.3] [--weights FILE]
    python tests/benchmarks/memory_over_photos.py large [--megapixels 45] [--weights FILE]

``flat`` scores generated photos, all different, through the program's own pipeline, and prints the memory of the
process every hundred photos. ``large`` scores a single photo at full resolution (the protocol native) and prints the
peak. Each runs in a process of its own, with stand-in weights unless others are given, and leaves nothing behind.
"""

import argparse
import math
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from maclip_desktop.benchmark.apart import Say, apart
from maclip_desktop.benchmark.generated import write_generated
from maclip_desktop.benchmark.memory import forget_peak, peak_bytes, resident_bytes
from maclip_desktop.benchmark.program import temporary_run
from maclip_desktop.benchmark.subject import Subject, with_standins
from maclip_desktop.scoring.factory import ScorerChoice
from maclip_desktop.scoring.parameters import MaclipParameters, Protocol

EVERY = 100
SETTLED_AFTER = 200
"""Photos after which caches are full and memory should not grow any more."""


@dataclass(frozen=True)
class Sample:
    photos: int
    resident: int
    peak: int


def score_and_sample(subject: Subject, say: Say) -> list[Sample]:
    """Score all photos of *subject*, and look at the memory every `EVERY` photos and at the end."""
    scorer = subject.make_scorer()
    forget_peak()
    samples = [sample(0)]
    with temporary_run(subject, say) as (store, work):
        ids, _ = work.find(subject.paths, recursive=True)
        work.read(ids)
        for done in range(0, len(ids), EVERY):
            batch = ids[done : done + EVERY]
            work.score(batch, scorer)
            samples.append(sample(done + len(batch)))
            say(line(samples[-1]))
        scored = sum(row.score is not None for row in store.rows(ids))
    if scored != len(ids):
        raise RuntimeError(f"only {scored} of {len(ids)} photos got a score")
    return samples


def sample(photos: int) -> Sample:
    return Sample(photos, resident_bytes() or 0, peak_bytes() or 0)


def line(one: Sample) -> str:
    return f"{one.photos:6} photos   now {one.resident / 1e6:7.1f} MB   peak {one.peak / 1e6:7.1f} MB"


def verdict(samples: list[Sample]) -> str:
    """How memory at the end compares with memory once the caches were full."""
    settled = next((one for one in samples if one.photos >= SETTLED_AFTER), samples[1])
    last = samples[-1]
    growth = 1000 * (last.resident - settled.resident) / 1e6 / max(1, last.photos - settled.photos)
    ratio = last.resident / settled.resident
    return f"last / after {settled.photos} photos: {ratio:.3f}   growth: {growth:+.1f} MB per thousand photos"


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def hush(text: str) -> None:
    pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("flat", "large"))
    parser.add_argument("--photos", type=int, default=2000, help="how many for 'flat' (default: 2000)")
    parser.add_argument("--megapixels", type=float, help="of a photo (default: 0.3 for 'flat', 45 for 'large')")
    parser.add_argument("--weights", type=Path, help="a file of weights (default: stand-in weights)")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    large = options.what == "large"
    megapixels = options.megapixels or (45 if large else 0.3)
    height = round(math.sqrt(megapixels * 1e6 * 2 / 3))
    size = round(height * 3 / 2), height
    protocol = Protocol.NATIVE if large else Protocol.RESIZE448
    choice = ScorerChoice("maclip", None, None, MaclipParameters(protocol=protocol), options.device, options.precision)
    with tempfile.TemporaryDirectory(prefix="maclip-bench-") as name:
        photos = Path(name) / "photos"
        photos.mkdir()
        write_generated(photos, 1 if large else options.photos, hush, size)
        subject = Subject(choice, options.weights, False, (photos,), None, Path(name))
        if subject.weights is None:
            subject = apart(hush, with_standins, subject)
        samples = apart(tell if sys.stderr.isatty() else hush, score_and_sample, subject)
    print("\n".join(line(one) for one in samples))
    print(f"{size[0]} x {size[1]} pixels, {protocol}: peak {samples[-1].peak / 1e9:.2f} GB")
    if not large:
        print(verdict(samples))


if __name__ == "__main__":
    main()
