"""Convolutions with the batch norm folded in, in two ways that compute the same."""

from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional


class Convolution(Protocol):
    """A convolution with a bias, keeping the size but for its stride."""

    def __call__(self, x: Tensor, *, relu: bool = True, add: Tensor | None = None) -> Tensor:
        """Convolve *x* (N, C, H, W), then add *add* to it where it is given, then take the positive part."""


class PlainConvolution:
    """torch's convolution, everywhere at home."""

    def __init__(self, weight: Tensor, bias: Tensor, stride: int = 1) -> None:
        self._weight = weight.contiguous(memory_format=torch.channels_last)
        self._bias = bias
        self._stride = stride
        self._padding = weight.shape[-1] // 2

    def __call__(self, x: Tensor, *, relu: bool = True, add: Tensor | None = None) -> Tensor:
        y = functional.conv2d(x, self._weight, self._bias, self._stride, self._padding)
        if add is not None:
            y.add_(add)
        return y.relu_() if relu else y


class FusedConvolution:
    """oneDNN's convolution with what follows it in one pass, its weights laid out for the processor beforehand.

    In bfloat16 twice as fast as the plain one. torch's compiler uses these operations itself, but does not promise
    them to anybody: see `fused_convolutions_work`.
    """

    def __init__(self, weight: Tensor, bias: Tensor, stride: int = 1) -> None:
        self._weight = weight.contiguous(memory_format=torch.channels_last)
        self._bias = bias
        padding = weight.shape[-1] // 2
        self._geometry = ([padding, padding], [stride, stride], [1, 1], 1)
        self._laid_out = False

    def __call__(self, x: Tensor, *, relu: bool = True, add: Tensor | None = None) -> Tensor:
        operations = torch.ops.mkldnn
        if not self._laid_out:
            # The best layout depends on the input; another size later is computed as rightly.
            self._weight = operations._reorder_convolution_weight(self._weight, *self._geometry, list(x.shape))
            self._laid_out = True
        last = "relu" if relu else "none"
        if add is None:
            return operations._convolution_pointwise(x, self._weight, self._bias, *self._geometry, last, [], "")
        return operations._convolution_pointwise.binary(
            x, add, self._weight, self._bias, *self._geometry, "add", 1.0, last if relu else None, [], ""
        )


def fused_convolutions_work() -> bool:
    """Whether this torch has the fused operations for bfloat16 and they compute what the plain ones do."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(1, 16, 8, 8, generator=generator).bfloat16().contiguous(memory_format=torch.channels_last)
    weight, bias = torch.randn(16, 16, 3, 3, generator=generator).bfloat16(), torch.ones(16).bfloat16()
    with torch.inference_mode():
        plain, fused = PlainConvolution(weight, bias), FusedConvolution(weight, bias)
        ways: list[dict[str, Any]] = [{}, {"add": x}, {"relu": False}]
        try:
            pairs = [(plain(x, **way), fused(x, **way)) for way in ways]
        except (AttributeError, RuntimeError, TypeError, NotImplementedError):
            return False  # another version of torch has them not, or otherwise
        return all(torch.allclose(one.float(), other.float(), rtol=0.02, atol=0.1) for one, other in pairs)
