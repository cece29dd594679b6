"""Every file of a collection, alone and all together: ``python tests/benchmarks/shared_photos.py [DIR] [--json F]``.

DIR is ``../shared/photos`` unless told otherwise; it is only read. First the whole folder is scored by the command line
with the technical scorer, with its memory looked at, children included. Then each file is read in a process of its own
by Pillow, pi_heif and rawpy as they come (within 30 s and 4 GB), to see whether what the program refuses can be opened
at all, and by the program's own identify and prepare, to see how long a file takes. Told are: files that one of them
opens and the program refuses, files without a score and without a reason, the slowest files, and the peak of memory.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from maclip_desktop.core.formats import is_photo
from tests.helpers.tree_memory import TreeMemory

SHARED = Path(__file__).resolve().parents[3] / "shared" / "photos"
ALONE_S = 30
SLOW_S = 10
ALONE_BYTES = 4_000_000_000
SLOWEST = 12

ALONE = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))
import warnings
warnings.simplefilter("ignore")
path, opener = sys.argv[1], sys.argv[2]
begun = time.perf_counter()
if opener == "rawpy":
    import rawpy
    with rawpy.imread(path) as raw:
        if not raw.postprocess(half_size=True).any():
            raise SystemExit("nothing but black: there is no sensor data in the file")
else:
    from PIL import Image
    if opener == "pi_heif":
        import pi_heif
        pi_heif.register_heif_opener()
        if not pi_heif.is_supported(path):
            raise SystemExit("not supported")
        image = pi_heif.open_heif(path)[0].to_pillow()
    else:
        image = Image.open(path)
    image.load()
    image.convert("RGB")
print(f"opened {time.perf_counter() - begun:.3f}")
"""

OURS = """
import sys, time
from pathlib import Path
from maclip_desktop.core.photo import PhotoRow
from maclip_desktop.jobs.tasks import identify, prepare
from maclip_desktop.scoring.technical import TechnicalScorer
from maclip_desktop.errors import PhotoError
scorer = TechnicalScorer()
for line in sys.stdin:
    path = Path(line.rstrip("\\n"))
    status = path.stat()
    row = PhotoRow(1, 1, path, status.st_size, status.st_mtime_ns)
    begun = time.perf_counter()
    found = identify(row)
    if found.info is not None:
        row = PhotoRow(1, 1, path, row.size, row.mtime_ns, "0", found.info.width, found.info.height)
        try:
            prepare(row, scorer)
        except PhotoError:
            pass
    print(f"{time.perf_counter() - begun:.3f}", flush=True)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    files = sorted(path for path in options.photos.resolve().rglob("*") if path.is_file() and is_photo(path.name))
    told = scored(options.photos.resolve())
    entries = {Path(entry["path"]): entry for entry in told.pop("entries")}
    refused = [path for path in files if path not in entries or entries[path]["score"] is None]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        others = dict(zip(refused, pool.map(openers_of, refused), strict=True))
    times = dict(timed(files))
    slowest = sorted(times, key=lambda path: -times[path])[:SLOWEST]
    told |= {
        "files": len(files),
        "scored": len(files) - len(refused),
        "refused": len(refused),
        "without_a_reason": [str(path) for path in refused if not entries.get(path, {}).get("error")],
        "opened_by_others": {str(path): [opener, reason(entries, path)] for path, opener in others.items() if opener},
        "slowest_s": {str(path): times[path] for path in slowest},
        "slower_than_10_s": [str(path) for path in files if times[path] > SLOW_S],
        "reasons": {str(path): reason(entries, path) for path in refused},
    }
    tell(told)
    if options.json:
        options.json.write_text(json.dumps(told, indent=2), encoding="utf-8")
    return 1 if told["without_a_reason"] or told["slower_than_10_s"] else 0


def scored(photos: Path) -> dict[str, Any]:
    """The whole folder by the command line, in a library of its own."""
    with tempfile.TemporaryDirectory(prefix="maclip-shared-") as home:
        out = Path(home) / "list.json"
        arguments = ["score", str(photos), "--scorer", "technical", "--json", str(out)]
        begun = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", "maclip_desktop", *arguments],
            cwd=Path(__file__).resolve().parents[2],
            env={**os.environ, "MACLIP_HOME": home},
            stderr=subprocess.DEVNULL,
        ) as process:
            memory = TreeMemory(process.pid)
            code = process.wait()
            peak = memory.stop()
        entries = json.loads(out.read_text(encoding="utf-8"))
    seconds = round(time.perf_counter() - begun, 1)
    return {"exit_code": code, "seconds": seconds, "peak_mb": round(peak / 1e6), "entries": entries}


def openers_of(path: Path) -> str | None:
    """The first of the libraries that opens the file by itself."""
    for opener in ("Pillow", "pi_heif", "rawpy"):
        command = [sys.executable, "-c", ALONE.replace("{limit}", str(ALONE_BYTES)), str(path), opener]
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(command, capture_output=True, text=True, timeout=ALONE_S, check=False)
            if done.returncode == 0:
                return opener
    return None


def timed(files: list[Path]) -> Iterator[tuple[Path, float]]:
    """Seconds each file takes the program to identify and to prepare for the technical scorer."""
    waiting = list(files)
    while waiting:
        with subprocess.Popen(
            [sys.executable, "-c", OURS],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            while waiting:
                path = waiting.pop(0)
                process.stdin.write(f"{path}\n")
                process.stdin.flush()
                said = process.stdout.readline()
                yield path, float(said) if said else float("inf")
                if not said:
                    break
            process.stdin.close()


def reason(entries: dict[Path, dict[str, Any]], path: Path) -> str:
    text: str = entries.get(path, {}).get("error") or ""
    return text.replace(str(path), path.name)


def tell(told: dict[str, Any]) -> None:
    for name, value in told.items():
        if isinstance(value, dict | list):
            print(f"{name}: {len(value)}")
            for one in value.items() if isinstance(value, dict) else value:
                print("    ", *(one if isinstance(one, tuple) else [one]))
        else:
            print(f"{name}: {value}")


if __name__ == "__main__":
    sys.exit(main())
