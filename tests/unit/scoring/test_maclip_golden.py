"""MA-CLIP against the numbers of its public reference implementation, under the same stand-in weights."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torch import Tensor

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import TechnicalMeasures
from maclip_desktop.scoring.backbone import ClipNetwork, build_network, empty_clip
from maclip_desktop.scoring.cues import ViewCues, view_cues
from maclip_desktop.scoring.maclip import MaclipScorer, PreparedPhoto
from maclip_desktop.scoring.parameters import MaclipParameters
from maclip_desktop.scoring.prompts import PROMPT_PAIRS

pytestmark = pytest.mark.shared

TOLERANCE = 1e-5
RN50, VIT_B32 = "RN50", "ViT-B/32"
GOLDEN_FILES = {RN50: "golden.json", VIT_B32: "golden_vit_b32.json"}
OUR_NAMES = {"box_lam": "box_lambda"}

Case = dict[str, Any]


class Golden:
    """One backbone's reference numbers and what this program gives for the same photographs."""

    def __init__(self, shared: Path, backbone: str) -> None:
        content = json.loads((shared / "reference" / GOLDEN_FILES[backbone]).read_text())
        self.cases: list[Case] = content["cases"]
        self.backbone = backbone
        self.others: dict[str, Any] = content["parameters"]
        self.prompts: list[str] = content["prompts"]
        self.network = seeded_network(shared, backbone)
        self.prepared = [self._prepare(shared, case) for case in self.cases]
        # All photos at once: numbers agree only if every view finds its way back to its photo.
        self.features = self.scorer(self.parameters(self.cases[0])).features(self.prepared)

    def parameters(self, case: Case, other: str | None = None) -> MaclipParameters:
        changes = {OUR_NAMES.get(name, name): value for name, value in self.others.get(other or "", {}).items()}
        return MaclipParameters(backbone=self.backbone, protocol=case["protocol"], **changes)

    def scorer(self, parameters: MaclipParameters) -> MaclipScorer:
        return MaclipScorer(self.network, parameters, "stand-in", measure=lambda _: TechnicalMeasures(1, 1, 1, 1, 1))

    def cues(self) -> Iterator[tuple[Case, ViewCues]]:
        for case, features in zip(self.cases, self.features, strict=True):
            yield case, self.cues_of(case, features)

    def cues_of(self, case: Case, features: Tensor, other: str | None = None) -> ViewCues:
        network = self.network
        return view_cues(features, network.text_features, network.logit_scale, self.parameters(case, other))

    def _prepare(self, shared: Path, case: Case) -> PreparedPhoto:
        with Image.open(shared / "photos" / case["image"]) as image:
            pixels = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
        height, width = pixels.shape[:2]
        return self.scorer(self.parameters(case)).prepare(DecodedPhoto(pixels, width, height))


def seeded_network(shared: Path, backbone: str) -> ClipNetwork:
    spec = importlib.util.spec_from_file_location("seeded_rn50", shared / "reference" / "seeded_rn50.py")
    assert spec is not None and spec.loader is not None
    drawing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawing)
    arrays = drawing.seeded_state_dict(empty_clip(backbone).state_dict(), seed=0)
    return build_network(backbone, {name: torch.from_numpy(array) for name, array in arrays.items()})


@pytest.fixture(scope="module", params=GOLDEN_FILES)
def golden(request: pytest.FixtureRequest, shared: Path) -> Iterator[Golden]:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    yield Golden(shared, request.param)
    torch.set_num_threads(threads)


def test_the_prompts_are_those_of_the_reference(golden: Golden) -> None:
    assert [prompt for pair in PROMPT_PAIRS for prompt in pair] == golden.prompts


def test_text_features_agree(golden: Golden, shared: Path) -> None:
    if golden.backbone != RN50:
        pytest.skip("the reference holds text features of RN50 only")
    expected = np.load(shared / "reference" / "text_features_seed0.npy")
    assert golden.network.text_features.reshape(10, -1).numpy() == pytest.approx(expected, abs=TOLERANCE)


def test_every_case_has_the_references_number_of_views(golden: Golden) -> None:
    assert [len(features) for features in golden.features] == [case["views"] for case in golden.cases]


def test_the_cues_of_every_view_agree(golden: Golden) -> None:
    compared = 0
    for case, cues in golden.cues():
        if "q_sim" in case:
            assert cues.q_sim.tolist() == pytest.approx(case["q_sim"], abs=TOLERANCE), case["image"]
            assert cues.q_mag.tolist() == pytest.approx(case["q_mag"], abs=TOLERANCE), case["image"]
            compared += 1
    assert compared > 0


def test_the_means_over_the_views_agree(golden: Golden) -> None:
    for case, cues in golden.cues():
        assert cues.q_sim.mean().item() == pytest.approx(case["q_sim_mean"], abs=TOLERANCE), case["image"]
        assert cues.q_mag.mean().item() == pytest.approx(case["q_mag_mean"], abs=TOLERANCE), case["image"]
        prompts = cues.prompts.mean(dim=0).tolist()
        assert prompts == pytest.approx(case["prompt_probability_mean"], abs=TOLERANCE), case["image"]


def test_the_lengths_of_the_features_agree(golden: Golden) -> None:
    for case, features in zip(golden.cases, golden.features, strict=True):
        assert features.abs().mean().item() == pytest.approx(case["l1_mean"], abs=TOLERANCE), case["image"]
        assert features.norm(dim=1).mean().item() == pytest.approx(case["l2_mean"], abs=TOLERANCE), case["image"]


def test_the_scores_agree(golden: Golden) -> None:
    for case, cues in golden.cues():
        assert cues.quality.mean().item() == pytest.approx(case["score"], abs=TOLERANCE), case["image"]


def test_the_scores_under_other_parameters_agree(golden: Golden) -> None:
    for case, features in zip(golden.cases, golden.features, strict=True):
        for name, expected in case["other"].items():
            score = golden.cues_of(case, features, name).quality.mean().item()
            assert score == pytest.approx(expected, abs=TOLERANCE), (case["image"], name)


def test_the_scorer_hands_out_these_numbers(golden: Golden) -> None:
    chosen = [index for index, case in enumerate(golden.cases) if case["protocol"] == golden.cases[0]["protocol"]][:2]
    scorer = golden.scorer(golden.parameters(golden.cases[0]))
    for index, score in zip(chosen, scorer.score([golden.prepared[index] for index in chosen]), strict=True):
        case = golden.cases[index]
        assert score.cues is not None
        assert score.value == pytest.approx(case["score"], abs=TOLERANCE)
        assert score.cues.q_sim == pytest.approx(case["q_sim_mean"], abs=TOLERANCE)
        assert score.cues.q_mag == pytest.approx(case["q_mag_mean"], abs=TOLERANCE)
        assert list(score.cues.prompts.values()) == pytest.approx(case["prompt_probability_mean"], abs=TOLERANCE)
