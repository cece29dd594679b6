"""The equations of MA-CLIP as functions of features: no network, no photos.

Source: "Beyond Cosine Similarity: Magnitude-Aware CLIP for No-Reference Image Quality Assessment" (AAAI 2026),
equations 4 to 15. N is the number of views, D the width of a feature, P the number of prompt pairs.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from maclip_desktop.scoring.parameters import MaclipParameters, Magnitude

EPSILON = 1e-6
"""Keeps the division by the standard deviation defined."""


@dataclass(frozen=True)
class ViewCues:
    """The parts of the score, one entry per view; float32."""

    q_sim: Tensor
    """(N,), 0..1."""
    q_mag: Tensor
    """(N,)."""
    w_sim: Tensor
    """(N,), 0..1; ``w_sim + w_mag`` is 1."""
    w_mag: Tensor
    """(N,), 0..1."""
    quality: Tensor
    """(N,): the score of each view."""
    prompts: Tensor
    """(N, P): probability of the positive prompt of each pair."""


def view_cues(features: Tensor, text_features: Tensor, logit_scale: float, parameters: MaclipParameters) -> ViewCues:
    """Turn image features into cues and scores.

    *features*: (N, D), not normalised, any precision. *text_features*: (P, 2, D), positive before negative.
    *logit_scale*: the factor of the cosines, already exponentiated. Results are float32; the cosines in between
    are float64.
    """
    features = features.float()
    prompts = prompt_probabilities(features, text_features, logit_scale)
    q_sim = prompts.mean(dim=1)
    q_mag = magnitude_cue(features, parameters)
    w_sim, w_mag = fusion_weights(q_sim, q_mag, parameters)
    return ViewCues(q_sim, q_mag, w_sim, w_mag, w_sim * q_sim + w_mag * q_mag, prompts)


def prompt_probabilities(features: Tensor, text_features: Tensor, logit_scale: float) -> Tensor:
    """Probability of each positive prompt against its antonym, (N, P) (equations 4 to 6)."""
    # The scale multiplies a cosine's rounding by a hundred, and that rounding would depend on N.
    image = functional.normalize(features.double(), dim=-1)
    text = functional.normalize(text_features.double(), dim=-1)
    cosines = torch.einsum("nd,pkd->npk", image, text)
    return torch.softmax(logit_scale * cosines, dim=-1)[..., 0].float()


def magnitude_cue(features: Tensor, parameters: MaclipParameters) -> Tensor:
    """The magnitude of features as *parameters* ask for it, (N,)."""
    if parameters.magnitude is Magnitude.L1:
        return features.abs().mean(dim=-1)
    if parameters.magnitude is Magnitude.L2:
        return torch.linalg.vector_norm(features, dim=-1)
    return box_cox_magnitude(features, parameters.box_lambda)


def box_cox_magnitude(features: Tensor, box_lambda: float) -> Tensor:
    """Mean Box-Cox transform of the standardised absolute feature, (N,) (equations 7 to 10)."""
    absolute = features.abs()
    standardised = absolute / (absolute.std(dim=-1, keepdim=True, correction=1) + EPSILON)
    logarithm = torch.log1p(standardised)
    if box_lambda == 0:
        return logarithm.mean(dim=-1)
    # (x + 1)^lambda - 1 written so that it keeps its digits for a lambda near zero.
    return (torch.expm1(box_lambda * logarithm) / box_lambda).mean(dim=-1)


def fusion_weights(q_sim: Tensor, q_mag: Tensor, parameters: MaclipParameters) -> tuple[Tensor, Tensor]:
    """How much each cue is trusted, both (N,) (equations 11 to 14), or fixed weights."""
    if parameters.fixed_w_sim is not None:
        w_sim = torch.full_like(q_sim, parameters.fixed_w_sim)
        return w_sim, 1 - w_sim
    shift = parameters.alpha * (q_sim - q_mag)
    logits = torch.stack([parameters.base_cos + shift, parameters.base_norm - shift], dim=-1)
    w_sim, w_mag = torch.softmax(logits, dim=-1).unbind(dim=-1)
    return w_sim, w_mag
