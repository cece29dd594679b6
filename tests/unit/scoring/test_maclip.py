"""The MA-CLIP scorer around a small network."""

import copy
from dataclasses import fields

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import Score, TechnicalMeasures
from maclip_desktop.errors import PhotoError
from maclip_desktop.scoring.backbone import ClipNetwork
from maclip_desktop.scoring.maclip import MICRO_BATCH, MaclipScorer
from maclip_desktop.scoring.parameters import MaclipParameters, Protocol
from maclip_desktop.scoring.prompts import PROMPT_PAIRS
from maclip_desktop.scoring.scorer import Scorer

WIDTH = 24


class SmallEncoder(nn.Module):
    """A convolution, batch statistics and a mean: enough for features that depend on every pixel and on the mode."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(5)
        self.convolution = nn.Conv2d(3, WIDTH, 16, stride=16)
        self.norm = nn.BatchNorm2d(WIDTH)
        for parameter in self.convolution.parameters():
            nn.init.normal_(parameter, std=0.1, generator=generator)
        self.largest_batch = 0

    def forward(self, views: Tensor) -> Tensor:
        self.largest_batch = max(self.largest_batch, len(views))
        features: Tensor = self.norm(self.convolution(views)).tanh().mean(dim=(2, 3))
        return features


def brightness_as_sharpness(photo: DecodedPhoto) -> TechnicalMeasures:
    return TechnicalMeasures(float(photo.pixels.mean()) / 255, 0.5, 0.5, 0.5, 0.5)


def make_scorer(encoder: nn.Module | None = None, protocol: Protocol = Protocol.RESIZE448) -> MaclipScorer:
    text = torch.randn(5, 2, WIDTH, generator=torch.Generator().manual_seed(6))
    network = ClipNetwork(encoder or SmallEncoder(), text, 100.0)
    return MaclipScorer(network, MaclipParameters(protocol=protocol), "model", measure=brightness_as_sharpness)


def photo(seed: int, height: int = 300, width: int = 400) -> DecodedPhoto:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 20 + 1, width // 20 + 1, 3), dtype=np.uint8)
    pixels = np.ascontiguousarray(coarse.repeat(20, axis=0).repeat(20, axis=1)[:height, :width])
    return DecodedPhoto(pixels, width, height)


def numbers(score: Score) -> list[float]:
    assert score.cues is not None
    parts = [getattr(score.cues, part.name) for part in fields(score.cues) if part.name != "prompts"]
    return [score.value, *parts, *score.cues.prompts.values()]


def test_it_is_a_scorer() -> None:
    scorer: Scorer = make_scorer()
    assert (scorer.name, scorer.model_id, scorer.device) == ("maclip", "model", "CPU")


def test_a_score_opens_up_into_its_parts() -> None:
    scorer = make_scorer()
    (score,) = scorer.score([scorer.prepare(photo(1))])
    assert (score.scorer, score.model_id, score.views) == ("maclip", "model", 5)
    assert score.cues is not None
    assert tuple(score.cues.prompts) == PROMPT_PAIRS
    assert score.cues.q_sim == pytest.approx(np.mean(list(score.cues.prompts.values())), abs=1e-6)
    assert score.cues.w_sim + score.cues.w_mag == pytest.approx(1.0, abs=1e-6)
    assert score.technical == brightness_as_sharpness(photo(1))


def test_the_embedding_is_the_mean_feature_as_little_endian_halves() -> None:
    scorer = make_scorer()
    prepared = scorer.prepare(photo(1))
    (score,), (features,) = scorer.score([prepared]), scorer.features([prepared])
    assert score.embedding is not None
    embedding = np.frombuffer(score.embedding, dtype="<f2")
    assert embedding.shape == (WIDTH,)
    assert embedding == pytest.approx(features.mean(dim=0).numpy(), abs=1e-3)


@pytest.mark.parametrize("protocol", list(Protocol))
def test_a_photo_alone_scores_as_in_any_batch(protocol: Protocol) -> None:
    scorer = make_scorer(protocol=protocol)
    prepared = [scorer.prepare(photo(seed, 230 + 90 * seed, 700 - 60 * seed)) for seed in range(6)]
    together = scorer.score(prepared)
    backwards = scorer.score(prepared[::-1])[::-1]
    for index, one in enumerate(prepared):
        (alone,) = scorer.score([one])
        assert numbers(together[index]) == pytest.approx(numbers(alone), abs=1e-6)
        assert numbers(backwards[index]) == pytest.approx(numbers(alone), abs=1e-6)
        assert together[index].technical == alone.technical


def test_different_photos_score_differently() -> None:
    scorer = make_scorer()
    scores = scorer.score([scorer.prepare(photo(seed)) for seed in range(6)])
    assert len({score.value for score in scores}) == 6


def test_no_pass_is_larger_than_a_micro_batch() -> None:
    encoder = SmallEncoder()
    scorer = make_scorer(encoder, Protocol.NATIVE)
    (score,) = scorer.score([scorer.prepare(photo(1, 1000, 1200))])
    assert score.views == 57
    assert encoder.largest_batch == MICRO_BATCH


def test_the_network_is_in_evaluation_mode_and_left_as_it_was() -> None:
    encoder = SmallEncoder()
    scorer = make_scorer(encoder)
    before = copy.deepcopy(encoder.state_dict())
    scorer.score([scorer.prepare(photo(1))])
    assert not any(module.training for module in encoder.modules())
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())


def test_a_prepared_photo_holds_bytes_of_the_protocols_size() -> None:
    prepared = make_scorer().prepare(photo(1, 1000, 1500))
    assert prepared.pixels.shape == (448, 448, 3)
    assert prepared.pixels.dtype == np.uint8


def test_a_full_size_photo_is_not_copied() -> None:
    large = photo(1, 600, 800)
    assert make_scorer(protocol=Protocol.NATIVE).prepare(large).pixels is large.pixels


def test_an_extreme_strip_fails_alone() -> None:
    with pytest.raises(PhotoError):
        make_scorer(protocol=Protocol.NATIVE).prepare(DecodedPhoto(np.zeros((2, 30000, 3), np.uint8), 30000, 2))


def test_nothing_to_score_gives_nothing() -> None:
    assert make_scorer().score([]) == []


def test_a_reduced_precision_changes_little_and_reports_float32() -> None:
    text = torch.randn(5, 2, WIDTH, generator=torch.Generator().manual_seed(6))
    reduced = MaclipScorer(
        ClipNetwork(SmallEncoder(), text, 5.0), MaclipParameters(), "m", None, "bfloat16", brightness_as_sharpness
    )
    exact = MaclipScorer(
        ClipNetwork(SmallEncoder(), text, 5.0), MaclipParameters(), "m", None, "float32", brightness_as_sharpness
    )
    prepared = exact.prepare(photo(1))
    (features,) = reduced.features([prepared])
    assert features.dtype == torch.float32
    assert reduced.score([prepared])[0].value == pytest.approx(exact.score([prepared])[0].value, abs=0.05)
