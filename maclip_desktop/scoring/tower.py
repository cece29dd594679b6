"""What is left of a set of CLIP weights when only photos are to be scored."""

from dataclasses import dataclass

from torch import Tensor

from maclip_desktop.scoring.prompts import PromptPairs


@dataclass(frozen=True)
class ImageTower:
    """The image encoder's tensors, and what the text encoder made of the prompts before it was let go."""

    backbone: str
    state: dict[str, Tensor]
    """Named as in open_clip's image encoder without ``visual.``: on the CPU, float16 or float32 as they were stored;
    without the positional embedding, which MA-CLIP does not use, and without counters of training steps."""
    prompts: PromptPairs
    text_features: Tensor
    """(pairs, 2, D) float32, not normalised: positive before negative."""
    logit_scale: float
    """The factor of the cosines, already exponentiated."""
    sha256: str
    """Hexadecimal hash of the complete weights' file: the same for a compact file made of it."""
    known: str | None = None
    """What the weights are known as, for people; None where nothing is known of them."""
