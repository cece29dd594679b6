"""From an image tower to a network that runs on a device in a precision."""

import logging
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor

from maclip_desktop.scoring.convolution import Convolution, FusedConvolution, PlainConvolution, fused_convolutions_work
from maclip_desktop.scoring.devices import dtype_of
from maclip_desktop.scoring.resnet import ResNetEncoder
from maclip_desktop.scoring.tower import ImageTower
from maclip_desktop.scoring.vision_transformer import VisionTransformerEncoder

log = logging.getLogger(__name__)

Encoder = Callable[[Tensor], Tensor]
"""(N, 3, 224, 224) normalised views, in the encoder's device and precision -> (N, D) float32 features there."""


def build_encoder(tower: ImageTower, device: torch.device, precision: str) -> Encoder:
    """The image encoder of *tower* on *device*, computing in *precision* (a resolved one)."""
    dtype = dtype_of(precision)
    if "attnpool.q_proj.weight" not in tower.state:
        return VisionTransformerEncoder(tower.state, device, dtype)
    kind = FusedConvolution if _fused_pays(device, dtype) else PlainConvolution

    def make(weight: Tensor, bias: Tensor, stride: int) -> Convolution:
        return kind(weight.to(device, dtype), bias.to(device, dtype), stride)

    return ResNetEncoder(tower.state, make, device)


def _fused_pays(device: torch.device, dtype: torch.dtype) -> bool:
    """The fused convolutions gain nothing in float32 and twice the speed in bfloat16."""
    return device.type == "cpu" and dtype == torch.bfloat16 and _fused_convolutions_work()


@cache
def _fused_convolutions_work() -> bool:
    working = fused_convolutions_work()
    if not working:
        log.info("this torch has no fused convolutions for bfloat16; the plain ones are used")
    return working
