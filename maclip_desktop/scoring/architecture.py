"""Which CLIP a set of weights belongs to, told by the shapes of its tensors.

Imports neither torch nor open_clip: the shapes are those of open_clip's networks, written as rules; a test compares.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring.parameters import BACKBONES

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]

VOCABULARY = 49408
CONTEXT_LENGTH = 77
_REDUCTION = 32
"""A ResNet's picture is so many times as wide as its last map of features."""
_EXPANSION = 4
"""A residual block gives so many times the channels that it works on; a transformer's inner layer likewise."""


@dataclass(frozen=True)
class Architecture:
    """One of OpenAI's CLIPs."""

    name: str
    embed: int
    """D: the values of a feature."""
    image_side: int
    """Pixels of the pictures that it was trained on; tells how many positions it knows."""
    blocks: tuple[int, ...]
    """Residual blocks of each of a ResNet's four stages; the one number of layers of a vision transformer."""
    width: int
    text_width: int
    patch: int | None = None
    """Pixels of a vision transformer's patch; None for a ResNet."""
    text_layers: int = 12

    @property
    def positions(self) -> int:
        return (self.image_side // (self.patch or _REDUCTION)) ** 2 + 1

    def image_shapes(self) -> dict[str, Shape]:
        """The tensors that scoring uses, named as in open_clip's image encoder without ``visual.``."""
        return dict(self._vision_transformer(self.patch) if self.patch else self._resnet())

    def complete_shapes(self) -> dict[str, Shape]:
        """The tensors of a whole CLIP in open_clip's layout, without the counters of training steps."""
        places = "positional_embedding" if self.patch else "attnpool.positional_embedding"
        # An attention pool works at the width that the last stage gives out.
        width = self.width if self.patch else self.width * _REDUCTION
        image = {places: (self.positions, width)} | self.image_shapes()
        return {f"visual.{name}": shape for name, shape in image.items()} | dict(self._text())

    def _resnet(self) -> Iterator[tuple[str, Shape]]:
        half = self.width // 2
        for index, (inner, outer) in enumerate(((3, half), (half, half), (half, self.width)), start=1):
            yield f"conv{index}.weight", (outer, inner, 3, 3)
            yield from _batch_norm(f"bn{index}", outer)
        inner = self.width
        for stage, count in enumerate(self.blocks):
            planes = self.width << stage
            for block in range(count):
                yield from _residual_block(f"layer{stage + 1}.{block}", inner, planes, first=block == 0)
                inner = planes * _EXPANSION
        for name in ("k_proj", "q_proj", "v_proj"):
            yield from _linear(f"attnpool.{name}", inner, inner)
        yield from _linear("attnpool.c_proj", inner, self.embed)

    def _vision_transformer(self, patch: int) -> Iterator[tuple[str, Shape]]:
        yield "class_embedding", (self.width,)
        yield "proj", (self.width, self.embed)
        yield "conv1.weight", (self.width, 3, patch, patch)
        yield from _layer_norm("ln_pre", self.width)
        yield from _transformer(self.width, *self.blocks)
        yield from _layer_norm("ln_post", self.width)

    def _text(self) -> Iterator[tuple[str, Shape]]:
        yield "logit_scale", ()
        yield "text_projection", (self.text_width, self.embed)
        yield "token_embedding.weight", (VOCABULARY, self.text_width)
        yield "positional_embedding", (CONTEXT_LENGTH, self.text_width)
        yield from _transformer(self.text_width, self.text_layers)
        yield from _layer_norm("ln_final", self.text_width)


ARCHITECTURES = {
    one.name: one
    for one in (
        Architecture("RN50", 1024, 224, (3, 4, 6, 3), 64, 512),
        Architecture("RN101", 512, 224, (3, 4, 23, 3), 64, 512),
        Architecture("RN50x4", 640, 288, (4, 6, 10, 6), 80, 640),
        Architecture("RN50x16", 768, 384, (6, 8, 18, 8), 96, 768),
        Architecture("RN50x64", 1024, 448, (3, 15, 36, 10), 128, 1024),
        Architecture("ViT-B/32", 512, 224, (12,), 768, 512, patch=32),
        Architecture("ViT-B/16", 512, 224, (12,), 768, 512, patch=16),
        Architecture("ViT-L/14", 768, 224, (24,), 1024, 768, patch=14),
        Architecture("ViT-L/14@336px", 768, 336, (24,), 1024, 768, patch=14),
    )
}
"""All of OpenAI's, by OpenAI's names. Those that are no backbone of ours are known to be named in a refusal."""


def recognise(shapes: Shapes) -> str | None:
    """The name of the CLIP that tensors of these names and *shapes* look like, or None; they need not be complete."""
    try:
        found = _signature(shapes)
    except (KeyError, IndexError):
        return None
    return next((name for name, one in ARCHITECTURES.items() if _signature(one.complete_shapes()) == found), None)


def require_fit(shapes: Shapes, backbone: str | None, path: Path) -> str:
    """The backbone of the complete set of weights in *path*: *backbone* itself, or what it is where that is None.

    *shapes*: all tensors but counters of training steps, in open_clip's layout. Raises `WeightsError`.
    """
    found = recognise(shapes)
    if found is not None and found not in BACKBONES:
        raise WeightsError(
            f"{path} holds CLIP {found}, which this program cannot use; choose a file of {_choice(backbone)} weights."
        )
    if found is not None:
        require_asked(found, backbone, path)
    expected = backbone or found
    if expected is None:
        raise WeightsError(
            f"{path} holds tensors, but not those of a CLIP that this program knows;"
            f" choose a file of {_choice(None)} weights."
        )
    require_complete(shapes, ARCHITECTURES[expected].complete_shapes(), expected, path)
    return expected


def require_asked(found: str, asked: str | None, path: Path) -> None:
    """Raise `WeightsError` unless weights of the backbone *found* are what was *asked* for."""
    if asked not in (None, found):
        raise WeightsError(f"{path} holds {found}, but {asked} was asked for; use --backbone {found}.")


def require_complete(shapes: Shapes, expected: Shapes, backbone: str, path: Path) -> None:
    """Raise `WeightsError`, naming the first tensor that is missing, wrong or too many, unless all is as expected."""
    wrong = [name for name, shape in expected.items() if shapes.get(name) != shape]
    wrong += [name for name in shapes if name not in expected]
    if wrong:
        raise WeightsError(
            f"{path} is not a complete set of CLIP {backbone} weights (tensors that are missing or do not fit:"
            f" {len(wrong)}, the first is {wrong[0]}); choose a file of {backbone} weights."
        )


def _choice(backbone: str | None) -> str:
    return backbone or f"{', '.join(BACKBONES[:-1])} or {BACKBONES[-1]}"


def _signature(shapes: Shapes) -> tuple[object, ...]:
    """What tells one CLIP from another."""
    stem, embed = shapes["visual.conv1.weight"], shapes["text_projection"][1]
    pool = shapes.get("visual.attnpool.positional_embedding")
    positions = (pool or shapes["visual.positional_embedding"])[0]
    stages = tuple(_count(shapes, rf"visual\.layer{stage}\.\d+\.conv1\.weight") for stage in range(1, 5))
    layers = _count(shapes, r"visual\.transformer\.resblocks\.\d+\.ln_1\.weight")
    return pool is None, stem[0], stem[-1], embed, positions, stages, layers


def _count(shapes: Shapes, pattern: str) -> int:
    return sum(re.fullmatch(pattern, name) is not None for name in shapes)


def _residual_block(name: str, inner: int, planes: int, first: bool) -> Iterator[tuple[str, Shape]]:
    outer = planes * _EXPANSION
    for index, shape in enumerate(((planes, inner, 1, 1), (planes, planes, 3, 3), (outer, planes, 1, 1)), start=1):
        yield f"{name}.conv{index}.weight", shape
        yield from _batch_norm(f"{name}.bn{index}", shape[0])
    if first:
        yield f"{name}.downsample.0.weight", (outer, inner, 1, 1)
        yield from _batch_norm(f"{name}.downsample.1", outer)


def _transformer(width: int, layers: int) -> Iterator[tuple[str, Shape]]:
    for index in range(layers):
        block = f"transformer.resblocks.{index}"
        yield from _layer_norm(f"{block}.ln_1", width)
        yield f"{block}.attn.in_proj_weight", (3 * width, width)
        yield f"{block}.attn.in_proj_bias", (3 * width,)
        yield from _linear(f"{block}.attn.out_proj", width, width)
        yield from _layer_norm(f"{block}.ln_2", width)
        yield from _linear(f"{block}.mlp.c_fc", width, width * _EXPANSION)
        yield from _linear(f"{block}.mlp.c_proj", width * _EXPANSION, width)


def _linear(name: str, inner: int, outer: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (outer, inner)
    yield f"{name}.bias", (outer,)


def _layer_norm(name: str, width: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}.weight", (width,)
    yield f"{name}.bias", (width,)


def _batch_norm(name: str, width: int) -> Iterator[tuple[str, Shape]]:
    yield from _layer_norm(name, width)
    yield f"{name}.running_mean", (width,)
    yield f"{name}.running_var", (width,)
