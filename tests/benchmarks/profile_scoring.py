"""Where the time goes: ``python tests/benchmarks/profile_scoring.py PHOTO... [--protocol P] [--precision P]``.

Prints torch's operations of scoring the photos (stand-in weights), the dearest first, and Python's functions of reading
and preparing them.
"""

import argparse
import cProfile
import pstats
import time
from pathlib import Path

from torch.profiler import ProfilerActivity, profile

from maclip_desktop.imaging.decode import decode
from maclip_desktop.imaging.metadata import read_info
from maclip_desktop.scoring.maclip import MaclipScorer, PreparedPhoto
from maclip_desktop.scoring.parameters import MaclipParameters, Protocol
from maclip_desktop.scoring.standin import standin_tower


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--backbone", default="RN50")
    parser.add_argument("--protocol", default="resize448")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--rows", type=int, default=15)
    options = parser.parse_args()
    parameters = MaclipParameters(backbone=options.backbone, protocol=Protocol(options.protocol))
    tower = standin_tower(options.backbone)
    scorer = MaclipScorer.from_tower(tower, parameters, options.device, options.precision)

    def prepared(path: Path) -> PreparedPhoto:
        info = read_info(path)
        return scorer.prepare(decode(path, min_side=scorer.min_side(info.width, info.height)))

    python = cProfile.Profile()
    ready = python.runcall(lambda: [prepared(path) for path in options.photos])
    scorer.score(ready)  # a first pass sets things up
    kinds = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if scorer.device.startswith("CUDA") else [])]
    start = time.perf_counter()
    scorer.score(ready)
    plain_seconds = time.perf_counter() - start
    with profile(activities=kinds) as torch_profile:
        scorer.score(ready)
    print(f"{scorer.device}, {scorer.precision}: {len(ready) / plain_seconds:.2f} photos/s in the model alone")
    order = "self_device_time_total" if len(kinds) > 1 else "self_cpu_time_total"
    print(torch_profile.key_averages().table(sort_by=order, row_limit=options.rows, max_name_column_width=40))
    print("Reading and preparing:")
    pstats.Stats(python).sort_stats("tottime").print_stats(options.rows)


if __name__ == "__main__":
    main()
