"""Killed at any moment of a scoring run, again and again: nothing saved is lost, and nothing saved is made again."""

import random
import signal
import sys
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.library.store import Store
from tests.helpers.killing import assert_sound, hashes, query, start, wait_for
from tests.helpers.pictures import write_photo

PHOTOS = 200
KILLS = 4

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot tell who was killed")


class Runs:
    """Scoring runs over one folder and one library, and what is expected of the library between them."""

    def __init__(self, tmp_path: Path, rng: random.Random) -> None:
        self.photos = tmp_path / "photos"
        self.library = tmp_path / "home" / "data" / "library.db"
        self.flags: dict[str, Flag] = {}
        self._home = tmp_path / "home"
        self._rng = rng

    def killed_at(self, progress: int) -> bool:
        """Start a run and kill it at *progress* (each photo identified is a step, and each photo scored)."""
        process = start(self._home, "-m", "maclip_desktop", "score", self.photos, "--scorer", "technical")
        wait_for(lambda: self.progress() >= progress or process.poll() is not None)
        process.kill()
        process.communicate()
        return process.returncode == -signal.SIGKILL

    def to_the_end(self) -> int:
        process = start(self._home, "-m", "maclip_desktop", "score", self.photos, "--scorer", "technical")
        process.communicate()
        return process.returncode

    def progress(self) -> int:
        identified = query(self.library, "SELECT count(*) FROM photo WHERE content_hash IS NOT NULL")
        return sum(count for (count,) in identified) + len(self.scored_at())

    def scored_at(self) -> dict[str, float]:
        """Content -> when its score was saved."""
        return dict(query(self.library, "SELECT content_hash, scored_at FROM score"))

    def mark_some(self) -> None:
        """What a person does between two runs."""
        with Store.open(self.library) as store:
            rows = [row for row in store.rows() if row.content_hash is not None]
            for row in self._rng.sample(rows, min(3, len(rows))):
                flag = self._rng.choice([Flag.PICK, Flag.REJECT])
                store.decide([row.id], flag, Decider.PERSON, "Mark")
                self.flags[row.path.name] = flag


@pytest.mark.parametrize("seed", [1])
def test_every_photo_has_one_score_and_every_mark_is_there(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    runs = Runs(tmp_path, rng)
    for number in range(PHOTOS):
        write_photo(runs.photos / f"{number:03}.jpg", 20 + number, side=320)
    before = hashes(runs.photos)
    saved: dict[str, float] = {}
    for round_ in range(KILLS):
        # Somewhere in what is left; the first kill comes while files are still being found or read.
        done = runs.progress()
        assert runs.killed_at(rng.randint(done + 1, done + (2 * PHOTOS - done) // 2))
        now = runs.scored_at()
        assert saved.items() <= now.items()
        saved = now
        if round_ % 2:
            runs.mark_some()
    assert 0 < len(saved) < PHOTOS
    assert runs.to_the_end() == 0
    assert saved.items() <= runs.scored_at().items()
    assert_all_is_there(runs)
    assert hashes(runs.photos) == before


def assert_all_is_there(runs: Runs) -> None:
    assert_sound(runs.library)
    with Store.open(runs.library) as store:
        rows = list(store.rows())
    assert len(rows) == PHOTOS
    assert all(row.current_score is not None for row in rows)
    assert {row.path.name: row.flag for row in rows if row.flag is not Flag.NONE} == runs.flags
    per_photo = query(
        runs.library, "SELECT count(*) FROM photo JOIN score USING (content_hash) GROUP BY photo.id, model_id"
    )
    assert per_photo == [(1,)] * PHOTOS
