"""The demonstration from one end to the other, as a stranger runs it."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from maclip_desktop.demo_photos import DEGRADED_OF, SOURCES, STEPS, is_degraded

ROOT = Path(__file__).resolve().parents[2]
DEGRADED = len(DEGRADED_OF) * len(STEPS)


def run_demo(out: Path, home: Path) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"MACLIP_HOME": str(home), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "maclip_desktop", "demo", "--headless", "--out", str(out)],
        env=environment, cwd=home.parent, capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, "subprocess.CompletedProcess[str]"]:
    """The demonstration's folder after one run, and what it said."""
    place = tmp_path_factory.mktemp("demo")
    return place / "out", run_demo(place / "out", place / "home")


Demo = tuple[Path, "subprocess.CompletedProcess[str]"]


def rejects(out: Path) -> list[dict[str, str]]:
    with (out / "culling_list.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_it_ends_well_and_says_which_scorer_worked(demo: Demo) -> None:
    _, done = demo
    assert (done.returncode, done.stdout) == (0, "")
    assert "Traceback" not in done.stderr
    assert "scored by the technical scorer" in done.stderr


def test_the_lowest_photos_are_the_worse_copies(demo: Demo) -> None:
    entries = json.loads((demo[0] / "scores.json").read_text(encoding="utf-8"))
    assert len(entries) == len(SOURCES) + DEGRADED
    scores = [entry["score"] for entry in entries]
    assert scores == sorted(scores)
    lowest = [is_degraded(Path(entry["path"])) for entry in entries[:DEGRADED]]
    assert sum(lowest) >= 0.9 * DEGRADED


def test_the_culling_list_holds_the_lower_half_as_rejects(demo: Demo) -> None:
    lines = rejects(demo[0])
    assert len(lines) == (len(SOURCES) + DEGRADED) // 2
    assert {(line["flag"], line["decided_by"]) for line in lines} == {("reject", "rule")}
    scores = [float(line["score"]) for line in lines]
    assert scores == sorted(scores)
    assert sum(is_degraded(Path(line["path"])) for line in lines) >= 0.9 * len(lines)
    assert all(Path(line["path"]).is_file() for line in lines)


def test_the_picture_shows_a_window_with_photos_in_it(demo: Demo) -> None:
    with Image.open(demo[0] / "window.png") as image:
        assert image.format == "PNG"
        assert min(image.size) > 400
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    # An empty window has a few dozen colours, thumbnails have thousands.
    assert len(np.unique(pixels, axis=0)) > 2000


def test_the_user_s_own_folders_get_nothing_but_a_log(demo: Demo) -> None:
    assert {folder.name for folder in (demo[0].parent / "home").glob("*")} <= {"logs"}


def test_it_can_be_run_again_in_the_same_place(demo: Demo) -> None:
    out, _ = demo
    before = rejects(out)
    assert run_demo(out, out.parent / "home").returncode == 0
    assert rejects(out) == before
