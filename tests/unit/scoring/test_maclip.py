"""The MA-CLIP scorer around a small network."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import Score, TechnicalMeasures
from maclip_desktop.errors import DeviceError, PhotoError, UsageError
from maclip_desktop.scoring import devices, maclip, precision, view_encoder
from maclip_desktop.scoring.maclip import UNKNOWN_WEIGHTS, MaclipScorer
from maclip_desktop.scoring.parameters import MaclipParameters, Protocol
from maclip_desktop.scoring.prompts import PROMPT_PAIRS
from maclip_desktop.scoring.scorer import Scorer
from maclip_desktop.scoring.view_encoder import ViewEncoder
from tests.helpers.towers import WIDTH, SmallEncoder, small_tower

CPU = torch.device("cpu")


def brightness_as_sharpness(photo: DecodedPhoto) -> TechnicalMeasures:
    return TechnicalMeasures(float(photo.pixels.mean()) / 255, 0.5, 0.5, 0.5, 0.5)


def make_scorer(
    encoder: SmallEncoder | None = None, protocol: Protocol = Protocol.RESIZE448, exact_decode: bool = False
) -> MaclipScorer:
    tower = small_tower()
    network = ViewEncoder(tower, CPU, "float32", build=(encoder or SmallEncoder()).build)
    return MaclipScorer(
        tower,
        network,
        MaclipParameters(protocol=protocol),
        exact_decode=exact_decode,
        measure=brightness_as_sharpness,
    )


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
    assert (scorer.name, scorer.device, scorer.precision) == ("maclip", "CPU", "float32")


def test_a_score_opens_up_into_its_parts() -> None:
    scorer = make_scorer()
    (score,) = scorer.score([scorer.prepare(photo(1))])
    assert (score.scorer, score.model_id, score.views) == ("maclip", scorer.model_id, 5)
    assert score.cues is not None
    assert tuple(score.cues.prompts) == tuple(positive for positive, _ in PROMPT_PAIRS)
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


def test_no_pass_is_larger_than_the_device_wants() -> None:
    encoder = SmallEncoder()
    scorer = make_scorer(encoder, Protocol.NATIVE)
    (score,) = scorer.score([scorer.prepare(photo(1, 1000, 1200))])
    assert score.views == 57
    assert max(encoder.batches) == devices.views_at_once("RN50", CPU)


def test_every_tile_has_its_score_and_its_place() -> None:
    scorer = make_scorer(protocol=Protocol.NATIVE)
    prepared = scorer.prepare(photo(1, 480, 700))
    (score,) = scorer.score([prepared])
    assert score.tiles is not None
    assert (score.tiles.rows, score.tiles.columns) == (3, 4)
    assert np.mean([*score.tiles.values, score.tiles.whole]) == pytest.approx(score.value, abs=1e-6)
    place = list(score.tiles.rectangles())[5]
    left, top = round(place.left * 700), round(place.top * 480)
    cut = DecodedPhoto(np.ascontiguousarray(photo(1, 480, 700).pixels[top : top + 224, left : left + 224]), 224, 224)
    (alone,) = scorer.score([scorer.prepare(cut)])
    assert alone.tiles is not None
    assert score.tiles.values[5] == pytest.approx(alone.tiles.values[0], abs=1e-6)


def test_a_prepared_photo_holds_bytes_of_the_protocols_size() -> None:
    prepared = make_scorer().prepare(photo(1, 1000, 1500))
    assert prepared.picture.shape == (448, 448, 3)
    assert prepared.picture.dtype == torch.uint8


def test_a_full_size_photo_is_not_copied() -> None:
    large = photo(1, 600, 800)
    prepared = make_scorer(protocol=Protocol.NATIVE).prepare(large)
    assert prepared.picture.data_ptr() == large.pixels.ctypes.data


def test_an_extreme_strip_fails_alone() -> None:
    with pytest.raises(PhotoError):
        make_scorer(protocol=Protocol.NATIVE).prepare(DecodedPhoto(np.zeros((2, 30000, 3), np.uint8), 30000, 2))


def test_nothing_to_score_gives_nothing() -> None:
    assert make_scorer().score([]) == []


class TestDecoding:
    @pytest.mark.parametrize(
        ("width", "height", "needed"),
        [
            (4032, 3024, 750),
            (3024, 4032, 750),
            (6000, 4000, 667),
            (4000, 4000, 1000),
            (1000, 900, None),
            (895, 9000, None),
        ],
    )
    def test_only_a_photo_of_twice_the_size_is_decoded_reduced(
        self, width: int, height: int, needed: int | None
    ) -> None:
        assert make_scorer().min_side(width, height) == needed

    def test_a_panorama_keeps_the_side_that_the_protocol_needs(self) -> None:
        assert make_scorer().min_side(20000, 1000) == 448

    def test_exact_decoding_reduces_nothing(self) -> None:
        assert make_scorer(exact_decode=True).min_side(4032, 3024) is None

    def test_native_reduces_nothing(self) -> None:
        assert make_scorer(protocol=Protocol.NATIVE).min_side(8192, 5464) is None

    def test_an_unknown_size_is_decoded_whole(self) -> None:
        assert make_scorer().min_side(0, 0) is None


class TestModelId:
    def test_tells_scores_of_reduced_decoding_apart(self) -> None:
        assert make_scorer().model_id == make_scorer(exact_decode=True).model_id + ":draft:srgb"

    def test_names_reduced_decoding_only_where_photos_are_ever_decoded_reduced(self) -> None:
        native = make_scorer(protocol=Protocol.NATIVE)
        assert native.model_id == make_scorer(protocol=Protocol.NATIVE, exact_decode=True).model_id + ":srgb"

    def test_follows_other_parameters_over_the_same_network(self) -> None:
        scorer = make_scorer()
        other = scorer.under(MaclipParameters(alpha=2.0, protocol=Protocol.NATIVE))
        assert other.model_id == MaclipParameters(alpha=2.0, protocol=Protocol.NATIVE).model_id("ab" * 32, "srgb")
        assert scorer.model_id != other.model_id


def test_quality_from_features_is_the_score_under_the_same_parameters() -> None:
    scorer = make_scorer()
    prepared = scorer.prepare(photo(3))
    (features,), (score,) = scorer.features([prepared]), scorer.score([prepared])
    assert scorer.quality(features, MaclipParameters()) == pytest.approx(score.value, abs=1e-6)
    assert scorer.quality(features, MaclipParameters(alpha=2.0)) != pytest.approx(score.value, abs=1e-6)


class TestBuilding:
    @pytest.fixture(autouse=True)
    def small_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(devices, "_cpu_multiplies_bfloat16", lambda: True)
        monkeypatch.setattr(precision, "largest_difference", lambda *_: 0.0)
        monkeypatch.setattr(view_encoder, "build_encoder", SmallEncoder().build)

    def build(self, **options: Any) -> MaclipScorer:
        return MaclipScorer.from_tower(small_tower(logit_scale=5.0), MaclipParameters(), exact_decode=True, **options)

    def test_auto_names_a_reduced_precision_no_closer(self) -> None:
        scorer = self.build(device="cpu")
        assert scorer.precision == "bfloat16"
        assert scorer.model_id == MaclipParameters().model_id("ab" * 32, "reduced")

    def test_a_precision_that_was_asked_for_is_named(self) -> None:
        assert self.build(device="cpu", precision="bfloat16").model_id.endswith(":bfloat16")

    def test_float32_has_the_plain_name(self) -> None:
        assert self.build(device="cpu", precision="float32").model_id == MaclipParameters().model_id("ab" * 32)

    @pytest.mark.parametrize(
        ("asked", "difference", "on_the_cpu"),
        [
            ("auto", 0.0, "bfloat16"),
            ("auto", 1.0, "float32"),
            ("float16", 0.0, "float32"),
            ("bfloat16", 1.0, "bfloat16"),
            ("float32", 0.0, "float32"),
        ],
    )
    def test_scores_keep_what_their_id_says_when_the_cpu_takes_over(
        self, monkeypatch: pytest.MonkeyPatch, asked: str, difference: float, on_the_cpu: str
    ) -> None:
        card = torch.device("meta")
        monkeypatch.setattr(maclip, "resolve_device", lambda name: card)
        monkeypatch.setattr(precision, "reduced_precision", lambda device: "float16" if device == card else "bfloat16")
        monkeypatch.setattr(precision, "largest_difference", lambda *at: 0.0 if at[2] == card else difference)
        small = SmallEncoder([RuntimeError("CUDA error: unspecified launch failure")])
        monkeypatch.setattr(view_encoder, "build_encoder", small.build)
        scorer = self.build(precision=asked)
        model_id = scorer.model_id
        scorer.score([scorer.prepare(photo(1))])
        assert (scorer.device, scorer.precision, scorer.model_id) == ("CPU", on_the_cpu, model_id)

    def test_a_precision_that_the_device_lacks_is_refused(self) -> None:
        with pytest.raises(DeviceError, match="float16"):
            self.build(device="cpu", precision="float16")

    def test_unknown_words_are_wrong_use(self) -> None:
        with pytest.raises(UsageError, match="device"):
            self.build(device="toaster")
        with pytest.raises(UsageError, match="precision"):
            self.build(device="cpu", precision="int1")

    def test_unknown_weights_carry_a_warning_and_known_ones_do_not(self) -> None:
        assert self.build(device="cpu").warning == UNKNOWN_WEIGHTS
        known = replace(small_tower(), known="OpenAI's RN50.pt")
        assert MaclipScorer.from_tower(known, MaclipParameters(), "cpu").warning is None
