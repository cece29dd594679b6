"""The Python interface: one class, one call."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from maclip_desktop import Maclip, MaclipResult, maclip
from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import Score
from maclip_desktop.core.tiles import Rectangle
from maclip_desktop.errors import PhotoError, UsageError, WeightsError
from maclip_desktop.jobs import tasks
from maclip_desktop.scoring.factory import ScorerChoice
from maclip_desktop.scoring.maclip import UNKNOWN_WEIGHTS, MaclipScorer, PreparedPhoto
from maclip_desktop.scoring.view_encoder import ViewEncoder
from tests.helpers.towers import WIDTH, SmallEncoder, small_tower


@pytest.fixture
def chosen() -> list[ScorerChoice]:
    return []


@pytest.fixture(autouse=True)
def small_network(monkeypatch: pytest.MonkeyPatch, chosen: list[ScorerChoice]) -> None:
    def load(choice: ScorerChoice, *_: Any, **__: Any) -> MaclipScorer:
        chosen.append(choice)
        tower = small_tower()
        encoder = ViewEncoder(tower, torch.device("cpu"), "float32", build=SmallEncoder().build)
        return MaclipScorer(tower, encoder, choice.parameters, exact_decode=choice.exact_decode)

    monkeypatch.setattr(maclip, "load_maclip", load)


@pytest.fixture
def pixels() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)


@pytest.fixture
def file(tmp_path: Path, pixels: NDArray[np.uint8]) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(pixels).save(path)
    return path


def numbers(result: MaclipResult) -> list[float]:
    return [
        result.score,
        result.q_sim,
        result.q_mag,
        result.w_sim,
        result.w_mag,
        result.whole,
        *result.prompts.values(),
    ]


def test_a_path_an_image_and_an_array_of_one_photo_score_the_same(file: Path, pixels: NDArray[np.uint8]) -> None:
    scorer = Maclip()
    first = numbers(scorer(file))
    for photo in (str(file), Image.fromarray(pixels), pixels):
        assert numbers(scorer(photo)) == pytest.approx(first, abs=1e-6)


def test_a_list_gives_a_list_in_its_order(file: Path, pixels: NDArray[np.uint8]) -> None:
    photos: list[maclip.Photo] = [file, np.ascontiguousarray(pixels[:, ::-1]), Image.fromarray(pixels).rotate(90)] * 7
    scorer = Maclip()
    results = scorer(photos)
    assert isinstance(results, list)
    for photo, result in zip(photos, results, strict=True):
        assert numbers(result) == pytest.approx(numbers(scorer(photo)), abs=1e-6)


def test_large_photos_wait_in_bounded_memory(monkeypatch: pytest.MonkeyPatch, pixels: NDArray[np.uint8]) -> None:
    """A photo of 45 megapixels at full size takes 135 MB: sixteen of them must not be held at once."""
    monkeypatch.setattr(maclip, "MAX_HELD_BYTES", 4 * pixels.nbytes)
    monkeypatch.setattr(tasks, "MAX_HELD_BYTES", 4 * pixels.nbytes)
    prepare, score = MaclipScorer.prepare, MaclipScorer.score
    begun: list[int] = []
    waiting_at_a_score: list[int] = []
    scored = 0

    def counted(self: MaclipScorer, photo: DecodedPhoto) -> PreparedPhoto:
        begun.append(1)
        return prepare(self, photo)

    def watched(self: MaclipScorer, prepared: Sequence[PreparedPhoto], *rest: Any) -> list[Score]:
        nonlocal scored
        waiting_at_a_score.append(len(begun) - scored)
        scored += len(prepared)
        return score(self, prepared, *rest)

    monkeypatch.setattr(MaclipScorer, "prepare", counted)
    monkeypatch.setattr(MaclipScorer, "score", watched)
    assert len(Maclip()([pixels] * 20, protocol="native")) == 20
    assert max(waiting_at_a_score) <= 6


def test_an_empty_list_gives_an_empty_list() -> None:
    assert Maclip()([]) == []


def test_a_result_holds_every_part(pixels: NDArray[np.uint8]) -> None:
    result = Maclip()(pixels, protocol="native")
    assert result.w_sim + result.w_mag == pytest.approx(1)
    assert list(result.prompts) == [
        "Good image",
        "Sharp image",
        "sharp edges",
        "High resolution image",
        "Noise-free image",
    ]
    assert [tile.place for tile in result.tiles] == [
        Rectangle(0.0, 0.0, 224 / 400, 224 / 300),
        Rectangle(128 / 400, 0.0, 224 / 400, 224 / 300),
    ]
    assert np.mean([*(tile.score for tile in result.tiles), result.whole]) == pytest.approx(result.score, abs=1e-6)
    assert result.embedding.shape == (WIDTH,)
    assert result.embedding.dtype == np.float32


def test_options_are_those_of_the_papers_quick_start(pixels: NDArray[np.uint8]) -> None:
    scorer = Maclip()
    plain = scorer(pixels).score
    assert scorer(pixels, box_lam=0.5, base_cos=1.0, base_norm=0.6, alpha=1.0).score == plain
    for option in ({"box_lam": 0.0}, {"base_cos": 0.2}, {"base_norm": 2}, {"alpha": 3.0}, {"magnitude": "l2"}):
        assert scorer(pixels, **option).score != plain
    assert scorer(pixels, fixed_w_sim=1).score == pytest.approx(scorer(pixels).q_sim)


def test_pixels_are_decoded_exactly_unless_asked_otherwise(chosen: list[ScorerChoice]) -> None:
    Maclip()
    Maclip(exact_decode=False)
    assert [choice.exact_decode for choice in chosen] == [True, False]


def test_what_it_was_made_with_is_handed_on(chosen: list[ScorerChoice]) -> None:
    Maclip("ViT-B/32", "some.pt", "cuda", "float16", prompts=[("crisp", "soft")])
    (choice,) = chosen
    assert (choice.kind, choice.weights, choice.device, choice.precision) == (
        "maclip",
        Path("some.pt"),
        "cuda",
        "float16",
    )
    assert (choice.parameters.backbone, choice.parameters.prompts) == ("ViT-B/32", (("crisp", "soft"),))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lambda": 1}, "no option 'lambda'"),
        ({"protocol": "resize"}, "no protocol 'resize'"),
        ({"box_lam": 11}, "between -10 and 10"),
        ({"alpha": float("nan")}, "finite"),
        ({"fixed_w_sim": 1.5}, "between 0 and 1"),
        ({"box_lam": "half"}, "finite number"),
        ({"magnitude": "l3"}, "no magnitude 'l3'"),
    ],
)
def test_options_that_cannot_be_are_named(pixels: NDArray[np.uint8], options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Maclip()(pixels, **options)


@pytest.mark.parametrize(
    "prompts", [[], ["good"], [("good",)], [(1, 2)], 5, [3], [("", "bad")], [("a", "b"), ("a", "c")]]
)
def test_prompts_that_cannot_be_are_refused(prompts: Any) -> None:
    with pytest.raises(UsageError):
        Maclip(prompts=prompts)


def test_weights_that_nobody_knows_carry_a_warning() -> None:
    assert Maclip().warning == UNKNOWN_WEIGHTS


def test_a_file_that_is_no_photo_is_named(tmp_path: Path, file: Path) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no photo")
    for photos in (bad, [file, bad]):
        with pytest.raises(PhotoError, match=r"bad\.jpg"):
            Maclip()(photos)


def test_a_strip_too_thin_for_native_is_named(tmp_path: Path) -> None:
    strip = tmp_path / "strip.png"
    Image.new("RGB", (20000, 10)).save(strip)
    with pytest.raises(PhotoError, match=r"strip\.png: .*too thin"):
        Maclip()(strip, protocol="native")


def test_weights_that_are_missing_are_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    with pytest.raises(WeightsError, match="There is no weights file"):
        Maclip(weights=tmp_path / "nowhere.pt")


def test_naming_the_package_loads_no_torch() -> None:
    program = "import sys, maclip_desktop; sys.exit('torch' in sys.modules or None)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
