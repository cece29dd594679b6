"""CLIP's ResNet image encoders for inference, as MA-CLIP uses them.

Numbers equal open_clip's network with its positional embedding set to zero; the work is less: batch norms are folded
into the convolutions, and of the attention pool only the one query is computed whose answer is the feature.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from maclip_desktop.scoring.convolution import Convolution

HEAD_WIDTH = 64
"""Channels of an attention head, in all of CLIP's networks."""

BATCH_NORM_EPSILON = 1e-5

MakeConvolution = Callable[[Tensor, Tensor, int], Convolution]
"""(weight, bias, stride) -> the convolution; it moves them to where they are needed."""


@dataclass(frozen=True)
class _Bottleneck:
    narrow: Convolution
    middle: Convolution
    widen: Convolution
    shortcut: Convolution | None
    halves: bool

    def __call__(self, x: Tensor) -> Tensor:
        y = self.middle(self.narrow(x))
        if self.halves:
            x, y = functional.avg_pool2d(x, 2), functional.avg_pool2d(y, 2)
        return self.widen(y, add=x if self.shortcut is None else self.shortcut(x, relu=False))


class ResNetEncoder:
    """(N, 3, 224, 224) normalised views -> (N, D) float32 features.

    The convolutions compute in the precision of their weights, the attention pool always in float32: it is a hundredth
    of the work.
    """

    def __init__(self, state: Mapping[str, Tensor], make: MakeConvolution, device: torch.device) -> None:
        self._stem = [
            make(*_folded(state, f"conv{number}", f"bn{number}"), 2 if number == 1 else 1) for number in (1, 2, 3)
        ]
        self._blocks = [_bottleneck(state, make, stage, index) for stage, index in _block_places(state)]
        self._pool = AttentionPool(state, device)

    def __call__(self, views: Tensor) -> Tensor:
        for convolution in self._stem:
            views = convolution(views)
        views = functional.avg_pool2d(views, 2)
        for block in self._blocks:
            views = block(views)
        return self._pool(views)


class AttentionPool:
    """CLIP's attention pooling for its first query, the mean of all places, in float32.

    With one query q a head's keys need not be made: q . (K x + b) is (K' q) . x and a constant, and a constant changes
    no softmax. Nor need its values: their weighted mean is V applied to the weighted mean of the places.
    """

    def __init__(self, state: Mapping[str, Tensor], device: torch.device) -> None:
        def take(name: str) -> Tensor:
            return state[f"attnpool.{name}"].float().to(device)

        width = state["attnpool.q_proj.weight"].shape[0]
        self._heads = width // HEAD_WIDTH
        self._query = take("q_proj.weight"), take("q_proj.bias")
        self._keys = take("k_proj.weight").view(self._heads, HEAD_WIDTH, width)
        self._values = take("v_proj.weight").view(self._heads, HEAD_WIDTH, width)
        self._values_bias = take("v_proj.bias")
        self._out = take("c_proj.weight"), take("c_proj.bias")

    def __call__(self, x: Tensor) -> Tensor:
        """(N, C, H, W) in any precision -> (N, D) float32."""
        places = x.float().flatten(2).transpose(1, 2)
        mean = places.mean(dim=1, keepdim=True)
        tokens = torch.cat([mean, places], dim=1)
        query = functional.linear(mean[:, 0], *self._query).view(len(x), self._heads, HEAD_WIDTH)
        seeking = torch.einsum("nhd,hdc->nhc", query * HEAD_WIDTH**-0.5, self._keys)
        weights = torch.softmax(torch.einsum("nhc,nlc->nhl", seeking, tokens), dim=-1)
        found = torch.einsum("nhl,nlc->nhc", weights, tokens)
        values = torch.einsum("nhc,hdc->nhd", found, self._values).flatten(1) + self._values_bias
        return functional.linear(values, *self._out)


def _block_places(state: Mapping[str, Tensor]) -> list[tuple[int, int]]:
    places = ((stage, index) for stage in (1, 2, 3, 4) for index in range(len(state)))
    return [place for place in places if f"layer{place[0]}.{place[1]}.conv1.weight" in state]


def _bottleneck(state: Mapping[str, Tensor], make: MakeConvolution, stage: int, index: int) -> _Bottleneck:
    def convolution(conv: str, norm: str) -> Convolution:
        return make(*_folded(state, f"layer{stage}.{index}.{conv}", f"layer{stage}.{index}.{norm}"), 1)

    has_shortcut = f"layer{stage}.{index}.downsample.0.weight" in state
    return _Bottleneck(
        narrow=convolution("conv1", "bn1"),
        middle=convolution("conv2", "bn2"),
        widen=convolution("conv3", "bn3"),
        shortcut=convolution("downsample.0", "downsample.1") if has_shortcut else None,
        halves=stage > 1 and index == 0,
    )


def _folded(state: Mapping[str, Tensor], conv: str, norm: str) -> tuple[Tensor, Tensor]:
    """A convolution's weight and bias with its batch norm inside, float32; folded in float64 to lose nothing."""
    deviation = (state[f"{norm}.running_var"].double() + BATCH_NORM_EPSILON).sqrt()
    scale = state[f"{norm}.weight"].double() / deviation
    weight = state[f"{conv}.weight"].double() * scale[:, None, None, None]
    bias = state[f"{norm}.bias"].double() - state[f"{norm}.running_mean"].double() * scale
    return weight.float(), bias.float()
