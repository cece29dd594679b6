"""Small image towers and encoders, for tests that need the machinery and not a real network."""

from collections.abc import Sequence

import torch
from torch import Tensor

from maclip_desktop.scoring.prompts import PROMPT_PAIRS
from maclip_desktop.scoring.tower import ImageTower

WIDTH = 24


def small_tower(
    backbone: str = "RN50", logit_scale: float = 100.0, state: dict[str, Tensor] | None = None
) -> ImageTower:
    """A tower around *state*, with drawn text features of `WIDTH` numbers."""
    text = torch.randn(5, 2, WIDTH, generator=torch.Generator().manual_seed(6))
    return ImageTower(backbone, {}, PROMPT_PAIRS, text, logit_scale, "ab" * 32)


class SmallEncoder:
    """One convolution: features that depend on every pixel. Remembers where and how it was asked."""

    def __init__(self, faults: Sequence[Exception] = ()) -> None:
        """*faults*: raised one after another before it begins to work."""
        self.batches: list[int] = []
        self.built: list[tuple[str, str]] = []
        """Device and precision of every time it was built."""
        self._faults = list(faults)
        generator = torch.Generator().manual_seed(5)
        self._weight = torch.randn(WIDTH, 3, 16, 16, generator=generator) * 0.1

    def build(self, tower: ImageTower, device: torch.device, precision: str) -> "SmallEncoder":
        self.built.append((device.type, precision))
        return self

    def __call__(self, views: Tensor) -> Tensor:
        self.batches.append(len(views))
        if self._faults:
            raise self._faults.pop(0)
        return torch.nn.functional.conv2d(views, self._weight.to(views.dtype), stride=16).tanh().mean(dim=(2, 3))
