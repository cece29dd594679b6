"""The equations of MA-CLIP against a second writing of them in numpy."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from maclip_desktop.scoring.cues import box_cox_magnitude, fusion_weights, prompt_probabilities, view_cues
from maclip_desktop.scoring.parameters import MaclipParameters, Magnitude

Doubles = NDArray[np.float64]


def expected_score(features: Doubles, text: Doubles, scale: float, parameters: MaclipParameters) -> Doubles:
    """Equations 4 to 15 of the paper, one view at a time, in float64."""
    scores = []
    for feature in features:
        probabilities = []
        for positive, negative in text:
            similar, opposed = (
                scale * feature @ side / np.linalg.norm(feature) / np.linalg.norm(side) for side in (positive, negative)
            )
            probabilities.append(1.0 / (1.0 + np.exp(opposed - similar)))
        q_sim = np.mean(probabilities)
        x = np.abs(feature) / (np.std(np.abs(feature), ddof=1) + 1e-6) + 1.0
        power = parameters.box_lambda
        q_mag = {
            Magnitude.BOX_COX: np.mean(np.log(x) if power == 0 else (x**power - 1.0) / power),
            Magnitude.L1: np.sum(np.abs(feature)) / len(feature),
            Magnitude.L2: np.sqrt(np.sum(feature**2)),
        }[parameters.magnitude]
        difference = q_sim - q_mag
        logit_sim = parameters.base_cos + parameters.alpha * difference
        logit_mag = parameters.base_norm - parameters.alpha * difference
        w_sim = 1.0 / (1.0 + np.exp(logit_mag - logit_sim))
        if parameters.fixed_w_sim is not None:
            w_sim = parameters.fixed_w_sim
        scores.append(w_sim * q_sim + (1.0 - w_sim) * q_mag)
    return np.array(scores)


@given(
    seed=st.integers(0, 2**32 - 1),
    box_lambda=st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0, -0.5]),
    base_cos=st.floats(-2, 2),
    base_norm=st.floats(-2, 2),
    alpha=st.floats(-3, 3),
    magnitude=st.sampled_from(Magnitude),
    fixed_w_sim=st.none() | st.floats(0, 1),
)
def test_scores_follow_the_equations(
    seed: int,
    box_lambda: float,
    base_cos: float,
    base_norm: float,
    alpha: float,
    magnitude: Magnitude,
    fixed_w_sim: float | None,
) -> None:
    rng = np.random.default_rng(seed)
    features, text = rng.normal(0, 3, (4, 32)), rng.normal(0, 1, (5, 2, 32))
    parameters = MaclipParameters(
        box_lambda=box_lambda,
        base_cos=base_cos,
        base_norm=base_norm,
        alpha=alpha,
        magnitude=magnitude,
        fixed_w_sim=fixed_w_sim,
    )

    cues = view_cues(torch.from_numpy(features), torch.from_numpy(text), 100.0, parameters)

    expected = expected_score(features, text, 100.0, parameters)
    assert cues.quality.numpy() == pytest.approx(expected, abs=2e-5, rel=2e-5)


def test_a_fixed_weight_of_one_is_the_prompt_similarity_alone_and_of_zero_the_magnitude() -> None:
    rng = np.random.default_rng(4)
    features, text = torch.from_numpy(rng.normal(0, 3, (4, 32))), torch.from_numpy(rng.normal(0, 1, (5, 2, 32)))
    similarity = view_cues(features, text, 100.0, MaclipParameters(fixed_w_sim=1.0))
    magnitude = view_cues(features, text, 100.0, MaclipParameters(fixed_w_sim=0.0))
    assert torch.equal(similarity.quality, similarity.q_sim)
    assert torch.equal(magnitude.quality, magnitude.q_mag)


@given(seed=st.integers(0, 2**32 - 1), factor=st.floats(0.01, 100))
def test_prompt_similarity_does_not_see_the_length_of_a_feature(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    features, text = torch.from_numpy(rng.normal(0, 1, (3, 16))), torch.from_numpy(rng.normal(0, 1, (5, 2, 16)))
    assert torch.allclose(
        prompt_probabilities(features * factor, text, 100.0), prompt_probabilities(features, text, 100.0), atol=1e-5
    )


def test_a_feature_like_the_positive_prompt_is_probable() -> None:
    text = torch.eye(2)[None]
    assert prompt_probabilities(torch.tensor([[5.0, 0.0]]), text, 100.0).item() == pytest.approx(1.0)
    assert prompt_probabilities(torch.tensor([[0.0, 5.0]]), text, 100.0).item() == pytest.approx(0.0)
    assert prompt_probabilities(torch.tensor([[1.0, 1.0]]), text, 100.0).item() == pytest.approx(0.5)


def test_the_deviation_is_the_unbiased_one() -> None:
    # |F| = (0, 2): mean 1, unbiased variance 2; x = (0, sqrt 2), so the mean of (x + 1) - 1 is half of sqrt 2.
    assert box_cox_magnitude(torch.tensor([[0.0, -2.0]]), 1.0).item() == pytest.approx(2**0.5 / 2, abs=1e-5)


def test_a_small_box_lambda_runs_into_the_logarithm() -> None:
    features = torch.randn(3, 64, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(box_cox_magnitude(features, 1e-7), box_cox_magnitude(features, 0.0), atol=1e-6)


def test_without_alpha_the_trust_is_the_prior() -> None:
    w_sim, w_mag = fusion_weights(torch.tensor([0.1, 0.9]), torch.tensor([0.9, 0.1]), MaclipParameters(alpha=0.0))
    prior = 1 / (1 + np.exp(0.6 - 1.0))
    assert w_sim.tolist() == pytest.approx([prior, prior])
    assert (w_sim + w_mag).tolist() == pytest.approx([1.0, 1.0])


def test_the_greater_cue_is_trusted_more_with_alpha() -> None:
    w_sim, _ = fusion_weights(torch.tensor([0.1, 0.9]), torch.tensor([0.9, 0.1]), MaclipParameters())
    assert w_sim[0] < 0.5 < w_sim[1]


def test_half_precision_features_are_reduced_in_float32() -> None:
    features = torch.randn(2, 64, generator=torch.Generator().manual_seed(2)).to(torch.bfloat16)
    text = torch.randn(5, 2, 64, generator=torch.Generator().manual_seed(3))
    half = view_cues(features, text, 100.0, MaclipParameters())
    full = view_cues(features.float(), text, 100.0, MaclipParameters())
    assert half.quality.dtype == torch.float32
    assert torch.equal(half.quality, full.quality)
