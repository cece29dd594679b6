"""CLIP's text encoder, built by open_clip. Importing this takes seconds."""

from collections.abc import Mapping

import open_clip
import torch
from torch import Tensor, nn

from maclip_desktop.scoring.prompts import PromptPairs


def open_clip_name(backbone: str) -> str:
    """open_clip's name of the architecture with the activation that OpenAI's weights were trained with."""
    return f"{backbone.replace('/', '-')}-quickgelu"


def empty_clip(backbone: str) -> open_clip.model.CLIP:
    """The whole network without numbers in it (on the meta device): quick, and needs no memory."""
    config = open_clip.get_model_config(open_clip_name(backbone))
    with torch.device("meta"):
        return open_clip.model.CLIP(**config)


@torch.inference_mode()
def encode_prompts(backbone: str, text_state: Mapping[str, Tensor], prompts: PromptPairs) -> Tensor:
    """The text features of *prompts*: float32 (pairs, 2, D), not normalised, positive before negative.

    *text_state*: the tensors of a complete CLIP that are not the image encoder's, in any floating point precision.
    """
    tokens = open_clip.tokenize([prompt for pair in prompts for prompt in pair])
    # A text looks back only and is read at its end, whose number is the greatest: what follows the longest text's end
    # need not be computed.
    length = int(tokens.argmax(dim=-1).max()) + 1
    # Of fifty thousand rows of the vocabulary a few dozen are read. They keep their order, so that the end is found.
    used, places = tokens[:, :length].unique(return_inverse=True)
    rows = text_state["token_embedding.weight"][used].float()
    model = empty_clip(backbone)
    others = {name: value.float() for name, value in text_state.items() if name != "token_embedding.weight"}
    # The image encoder stays empty: it is not asked.
    model.load_state_dict(others, strict=False, assign=True)
    model.token_embedding = nn.Embedding(rows.shape[0], rows.shape[1], _weight=rows)
    model.positional_embedding = nn.Parameter(others["positional_embedding"][:length])
    # The mask is a buffer outside the weights, so that it is still without numbers.
    model.attn_mask = torch.full((length, length), float("-inf")).triu_(1)
    features: Tensor = model.eval().encode_text(places)
    # Leave inference mode: a normal tensor may be used anywhere.
    with torch.inference_mode(False):
        return features.clone().reshape(len(prompts), 2, -1)
