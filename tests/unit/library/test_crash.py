"""A process that is killed in the middle of writing loses nothing that it had saved."""

import subprocess
import sys
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Flag
from maclip_desktop.library.store import Store

_WRITER = """
import itertools, sys
from pathlib import Path
from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import FoundFile
from maclip_desktop.core.score import Score
from maclip_desktop.library.store import Store

store = Store.open(Path(sys.argv[1]))
store.set_current_model("m")
folder = store.add_folder(Path("/photos"), watched=True)
for number in itertools.count():
    (photo_id,) = store.record_found(folder, [FoundFile(folder.path / f"{number}.jpg", 1, 1)])
    store.record_identified(photo_id, 1, 1, str(number), None)
    store.save_scores([(str(number), Score(float(number), "technical", "m", embedding=bytes(3000)))])
    store.decide([photo_id], Flag.REJECT, Decider.PERSON, "reject")
    print(number, flush=True)
"""


@pytest.mark.parametrize("reports", [1, 60])
def test_everything_reported_as_saved_is_there_after_a_kill(tmp_path: Path, reports: int) -> None:
    path = tmp_path / "library.db"
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(reports):
            assert process.stdout.readline()
        process.kill()
        saved = reports + len(process.stdout.read().split())
    with Store.open(path) as store:
        rows = list(store.rows())[:saved]
        assert [(row.path.name, row.score, row.flag) for row in rows] == [
            (f"{number}.jpg", float(number), Flag.REJECT) for number in range(saved)
        ]
        assert store.undo() is not None
        assert store._db.one("PRAGMA integrity_check") == ("ok",)
