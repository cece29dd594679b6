"""CLIP's image encoder as MA-CLIP uses it, built by open_clip."""

from collections.abc import Mapping
from dataclasses import dataclass

import open_clip
import torch
from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
from torch import Tensor, nn

from maclip_desktop.scoring.prompts import PROMPT_PAIRS


@dataclass(frozen=True)
class ClipNetwork:
    """The image encoder and what is left of the text encoder after its work is done."""

    image_encoder: nn.Module
    """(N, 3, 224, 224) normalised views -> (N, D) features, not normalised."""
    text_features: Tensor
    """(pairs, 2, D) float32, not normalised."""
    logit_scale: float
    """The factor of the cosines, already exponentiated."""


def open_clip_name(backbone: str) -> str:
    """open_clip's name of the architecture with the activation that OpenAI's weights were trained with."""
    return f"{backbone.replace('/', '-')}-quickgelu"


def empty_clip(backbone: str) -> open_clip.model.CLIP:
    """The whole network without numbers in it (on the meta device): quick, and needs no memory."""
    config = open_clip.get_model_config(open_clip_name(backbone))
    with torch.device("meta"):
        return open_clip.model.CLIP(**config)


def clip_with_weights(backbone: str, state: Mapping[str, Tensor]) -> open_clip.model.CLIP:
    """The whole network holding *state* (which must fit), ready for inference, without image positional embedding."""
    model = empty_clip(backbone)
    model.load_state_dict(dict(state), strict=True, assign=True)
    # The mask is a buffer outside the weights, so that it is still without numbers.
    length = model.context_length
    model.attn_mask = torch.full((length, length), float("-inf")).triu_(1)
    _drop_positional_embedding(model)
    return model.requires_grad_(False).eval()


def build_network(backbone: str, state: Mapping[str, Tensor]) -> ClipNetwork:
    """Build the image encoder from complete float32 weights; the text encoder is let go after the prompts."""
    model = clip_with_weights(backbone, state)
    return ClipNetwork(model.visual, _encode_prompts(model), float(model.logit_scale.exp()))


def normalise(views: Tensor) -> Tensor:
    """Bring views (N, 3, 224, 224) of 0..1 to the range that CLIP was trained on."""
    mean = torch.tensor(OPENAI_DATASET_MEAN, device=views.device, dtype=views.dtype)[:, None, None]
    deviation = torch.tensor(OPENAI_DATASET_STD, device=views.device, dtype=views.dtype)[:, None, None]
    return (views - mean) / deviation


def _drop_positional_embedding(model: open_clip.model.CLIP) -> None:
    """Put a single row of zeros in its place: adding it changes nothing, for any number of positions."""
    owner = getattr(model.visual, "attnpool", model.visual)
    owner.positional_embedding = nn.Parameter(torch.zeros_like(owner.positional_embedding[:1]))


@torch.inference_mode()
def _encode_prompts(model: open_clip.model.CLIP) -> Tensor:
    prompts = [prompt for pair in PROMPT_PAIRS for prompt in pair]
    features: Tensor = model.encode_text(open_clip.tokenize(prompts))
    # Leave inference mode: a normal tensor may be used anywhere.
    return features.clone().reshape(len(PROMPT_PAIRS), 2, -1)
