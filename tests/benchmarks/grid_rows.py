"""How long the grid's rows take from a large library: ``python tests/benchmarks/grid_rows.py [--photos 100000]``.

The library has scores of two models with embeddings: ``first`` has scored every photo, ``second`` every other one.
Each line names the model that is shown. ``to score``: one question of the scoring queue, from the beginning of the
library and from near its end.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from maclip_desktop.core.score import Score
from maclip_desktop.library.store import Store

EMBEDDING = bytes(2048)
RUNS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=100_000)
    count = parser.parse_args().photos
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "library.db"
        fill(file, count)
        print(f"{count:,} photos, {file.stat().st_size / 1e6:.0f} MB")
        with Store.open(file) as store:
            for model_id in ("first", "second", "third"):
                store.set_current_model(model_id)
                rows = best(lambda: sum(1 for _ in store.rows()))
                next_ones = 1000 * best(partial(store.to_score, model_id, 48))
                last_ones = 1000 * best(partial(store.to_score, model_id, 48, count - 48))
                print(
                    f"{model_id:7} rows {rows:5.2f} s   to score {next_ones:6.1f} ms, near the end {last_ones:6.1f} ms"
                )


def fill(file: Path, count: int) -> None:
    """Photos in a hundred directories, their contents in no order, as hashes are."""
    hashes = [f"{number * 2654435761 % 2**32:08x}" + "0" * 56 for number in range(count)]
    random.Random(1).shuffle(hashes)
    with Store.open(file) as store, store.batch():
        folder = store.add_folder(Path("/photos"), watched=True)
        store._db.run_many(
            "INSERT INTO photo (folder_id, relative_path, size, mtime_ns, content_hash, width, height, captured_at, "
            "camera, state) VALUES (?, ?, ?, ?, ?, 4000, 3000, ?, 'Camera', 'identified')",
            (
                (folder.id, f"day{n % 100:02}/IMG_{n:06}.jpg", 4_000_000 + n, n, content, 1e9 + n)
                for n, content in enumerate(hashes)
            ),
        )
        for chunk in chunks(hashes):
            store.save_scores([(content, score("first")) for content in chunk])
        for chunk in chunks(hashes[::2]):
            store.save_scores([(content, score("second")) for content in chunk])


def chunks(items: list[str], size: int = 5000) -> Iterator[list[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def score(model_id: str) -> Score:
    return Score(random.random(), "maclip", model_id, views=5, embedding=EMBEDDING)


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of a few runs."""
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


if __name__ == "__main__":
    main()
