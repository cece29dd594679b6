"""The technical scorer on real photographs: it agrees with people, and falls along graded degradations."""

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from scipy import ndimage, stats

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import Reason, TechnicalMeasures
from maclip_desktop.scoring.technical import measure

pytestmark = pytest.mark.shared

FALLING_KINDS = ("blur", "motion", "darkness", "resolution")
LOST_HIGHLIGHTS = ("4979420600", "6435747701")
"""The ladder photos bright enough to lose their highlights; the others are underexposed and gain by more light."""


@pytest.fixture(scope="module")
def photos(shared: Path) -> Path:
    return shared / "photos"


@pytest.fixture(scope="module")
def rows(photos: Path) -> list[dict[str, str]]:
    with (photos / "labels.csv").open(newline="", encoding="utf-8") as labels:
        return list(csv.DictReader(labels))


def load(path: Path) -> DecodedPhoto:
    with Image.open(path) as image:
        pixels = np.array(ImageOps.exif_transpose(image).convert("RGB"))
    return DecodedPhoto(pixels, width=pixels.shape[1], height=pixels.shape[0])


def laplacian_sharpness(photo: DecodedPhoto) -> float:
    """The plain measure to beat: logarithm of the variance of the Laplacian of the luminance."""
    luminance = np.asarray(Image.fromarray(photo.pixels).convert("L"), dtype=np.float32)
    return float(np.log(ndimage.laplace(luminance).var() + 1))


@pytest.mark.parametrize(("folder", "listed"), [("clive", 0.473), ("biq2021", 0.495)])
def test_agrees_with_people_better_than_the_laplacian(
    photos: Path, rows: list[dict[str, str]], folder: str, listed: float
) -> None:
    rated = [row for row in rows if row["path"].startswith(f"{folder}/")]
    opinions = [float(row["mos"]) for row in rated]
    decoded = [load(photos / row["path"]) for row in rated]
    ours = stats.spearmanr([measure(photo).score for photo in decoded], opinions).statistic
    plain = stats.spearmanr([laplacian_sharpness(photo) for photo in decoded], opinions).statistic
    assert ours > max(plain, listed) + 0.02


@pytest.fixture(scope="module")
def ladders(photos: Path, rows: list[dict[str, str]]) -> dict[tuple[str, str], list[TechnicalMeasures]]:
    """(photo, kind) -> measures from the undegraded photo to the worst step."""
    steps = defaultdict(list)
    for row in rows:
        if row["path"].startswith("ladders/"):
            photo, kind = row["group"].split("/")
            severity = -float(row["level"]) if kind == "resolution" else float(row["level"])
            steps[photo, kind].append((severity, row["path"]))
    wanted = {key: found for key, found in steps.items() if key[1] in (*FALLING_KINDS, "overexposure")}
    return {
        (photo, kind): [measure(load(photos / "koniq" / f"{photo}.jpg"))]
        + [measure(load(photos / path)) for _, path in sorted(found)]
        for (photo, kind), found in wanted.items()
    }


@pytest.mark.parametrize("kind", FALLING_KINDS)
def test_score_falls_at_every_step_of_every_ladder(
    ladders: dict[tuple[str, str], list[TechnicalMeasures]], kind: str
) -> None:
    chosen = {photo: [step.score for step in steps] for (photo, which), steps in ladders.items() if which == kind}
    assert len(chosen) == 5
    assert {photo for photo, scores in chosen.items() if not all(np.diff(scores) < 0)} == set()


def test_score_falls_at_every_step_of_the_overexposure_ladders(
    ladders: dict[tuple[str, str], list[TechnicalMeasures]],
) -> None:
    # The undegraded photo is left out: one of the five is better for a little more light, to people as well.
    chosen = {
        photo: [step.score for step in steps[1:]] for (photo, kind), steps in ladders.items() if kind == "overexposure"
    }
    assert len(chosen) == 5
    assert {photo for photo, scores in chosen.items() if not all(np.diff(scores) < 0)} == set()


def test_lost_highlights_are_named(ladders: dict[tuple[str, str], list[TechnicalMeasures]]) -> None:
    for photo in LOST_HIGHLIGHTS:
        assert Reason.BURNT_OUT in ladders[photo, "overexposure"][-1].reasons, photo


@pytest.mark.parametrize(("kind", "reason"), [("blur", Reason.BLURRED), ("darkness", Reason.TOO_DARK)])
def test_the_worst_step_says_what_is_wrong(
    ladders: dict[tuple[str, str], list[TechnicalMeasures]], kind: str, reason: Reason
) -> None:
    worst = {photo: steps[-1].reasons for (photo, which), steps in ladders.items() if which == kind}
    assert {photo for photo, reasons in worst.items() if reason not in reasons} == set()


def test_undegraded_photos_are_given_no_reason(ladders: dict[tuple[str, str], list[TechnicalMeasures]]) -> None:
    assert {photo: steps[0].reasons for (photo, _), steps in ladders.items() if steps[0].reasons} == {}


def test_the_sharp_one_of_three_wins(photos: Path) -> None:
    sharp_ones = sorted((photos / "blur_triplets").glob("*_S.jpg"))
    assert sharp_ones
    for sharp in sharp_ones:
        out_of_focus, shaken = (sharp.with_name(sharp.name.replace("_S", mark)) for mark in ("_F", "_M"))
        best = measure(load(sharp)).score
        assert best > measure(load(out_of_focus)).score
        assert best > measure(load(shaken)).score
