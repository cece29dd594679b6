"""CLIP's vision transformers for inference, as MA-CLIP uses them: without positional embedding.

Numbers equal open_clip's network with that embedding set to zero. Of the last block only the class token is computed,
as nothing else of it is read.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from maclip_desktop.scoring.resnet import HEAD_WIDTH

LAYER_NORM_EPSILON = 1e-5

QUICK_GELU_SLOPE = 1.702
"""OpenAI's networks were trained with x * sigmoid(1.702 x) in place of GELU."""


class VisionTransformerEncoder:
    """(N, 3, 224, 224) normalised views -> (N, D) float32 features; the blocks compute in *dtype*."""

    def __init__(self, state: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype) -> None:
        self._weights = {name: value.to(device, dtype) for name, value in state.items()}
        self._projection = state["proj"].float().to(device)
        self._blocks = sum(name.endswith(".ln_1.weight") for name in state)
        self._patch = state["conv1.weight"].shape[-1]

    def __call__(self, views: Tensor) -> Tensor:
        patches = functional.conv2d(views, self._weights["conv1.weight"], stride=self._patch)
        class_token = self._weights["class_embedding"].expand(len(views), 1, -1)
        x = self._norm(torch.cat([class_token, patches.flatten(2).transpose(1, 2)], dim=1), "ln_pre")
        for number in range(self._blocks):
            x = self._block(x, f"transformer.resblocks.{number}.", queries=1 if number == self._blocks - 1 else None)
        return self._norm(x[:, 0], "ln_post").float() @ self._projection

    def _block(self, x: Tensor, name: str, queries: int | None) -> Tensor:
        """One residual block; only the first *queries* tokens come out of it (None: all)."""
        normed = self._norm(x, f"{name}ln_1")
        x = x[:, :queries] + self._attention(normed, f"{name}attn.", queries)
        hidden = self._linear(self._norm(x, f"{name}ln_2"), f"{name}mlp.c_fc")
        return x + self._linear(hidden * torch.sigmoid(QUICK_GELU_SLOPE * hidden), f"{name}mlp.c_proj")

    def _attention(self, x: Tensor, name: str, queries: int | None) -> Tensor:
        weight, bias = self._weights[f"{name}in_proj_weight"], self._weights[f"{name}in_proj_bias"]
        width = x.shape[-1]
        query = self._heads(functional.linear(x[:, :queries], weight[:width], bias[:width]))
        key, value = functional.linear(x, weight[width:], bias[width:]).chunk(2, dim=-1)
        found = functional.scaled_dot_product_attention(query, self._heads(key), self._heads(value))
        return self._linear(found.transpose(1, 2).flatten(2), f"{name}out_proj")

    def _heads(self, x: Tensor) -> Tensor:
        """(N, L, C) -> (N, heads, L, C / heads)."""
        return x.reshape(*x.shape[:-1], -1, HEAD_WIDTH).transpose(1, 2)

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return functional.layer_norm(x, (x.shape[-1],), weight, bias, LAYER_NORM_EPSILON)
