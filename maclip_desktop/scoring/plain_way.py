"""The plain way of scoring a photo: what the benchmark is compared with, and an independent check of the scorer.

It works as a straightforward program written from the paper works ("Beyond Cosine Similarity: Magnitude-Aware CLIP for
No-Reference Image Quality Assessment", AAAI 2026): one photo a call, decoded in full, in float32, through open_clip's
own network as it stands, with the prompts read again by the text encoder for every photo. Nothing here is shared with
the scorer but the names of the parameters, so that the two agree only where both are right.
"""

from collections.abc import Mapping
from pathlib import Path

import open_clip
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn
from torch.nn import functional

from maclip_desktop.scoring.parameters import MaclipParameters, Magnitude, Protocol

SIDE, STRIDE = 224, 128


class PlainWay:
    """Callable: the path of a photo -> its score."""

    def __init__(
        self, parameters: MaclipParameters, state: Mapping[str, Tensor], device: torch.device | str = "cpu"
    ) -> None:
        """*state*: a complete set of weights of ``parameters.backbone`` in open_clip's layout, any precision."""
        self.parameters = parameters
        self._device = device
        # With OpenAI's activation; without it the weights fit as well, and every number is wrong.
        name = f"{parameters.backbone.replace('/', '-')}-quickgelu"
        self._clip = open_clip.model.CLIP(**open_clip.get_model_config(name))
        self._clip.load_state_dict(dict(state))
        self._clip.float().eval().requires_grad_(False).to(device)
        # open_clip always adds a positional embedding, and MA-CLIP has none: a row of zeros fits any number of places.
        owner = getattr(self._clip.visual, "attnpool", self._clip.visual)
        owner.positional_embedding = nn.Parameter(torch.zeros_like(owner.positional_embedding[:1]), False)

    @torch.inference_mode()
    def __call__(self, path: Path) -> float:
        """Score one photo, higher is better. Raises `OSError` for what Pillow cannot read."""
        views = self._views(path).to(self._device)
        features = self._clip.encode_image(views)  # (N, D), not normalised
        text = self._text_features()  # (pairs, 2, D)
        q_sim, q_mag = self._similarity(features, text), self._magnitude(features)
        return float(self._fused(q_sim, q_mag).mean())

    def _views(self, path: Path) -> Tensor:
        """Tiles row by row and the whole, (N, 3, 224, 224), normalised as CLIP wants them."""
        with Image.open(path) as image:
            picture = self._fitted(ImageOps.exif_transpose(image).convert("RGB"))
        values = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
        photo = values.reshape(1, picture.height, picture.width, 3).permute(0, 3, 1, 2).float() / 255
        tiles = functional.unfold(photo, SIDE, stride=STRIDE)[0].T.reshape(-1, 3, SIDE, SIDE)
        whole = functional.interpolate(photo, (SIDE, SIDE), mode="bilinear", align_corners=False)
        mean = torch.tensor(open_clip.OPENAI_DATASET_MEAN)[:, None, None]
        deviation = torch.tensor(open_clip.OPENAI_DATASET_STD)[:, None, None]
        return (torch.cat([tiles, whole]) - mean) / deviation

    def _fitted(self, picture: Image.Image) -> Image.Image:
        """Squashed to a square, or as large as it is, but no side under that of a tile."""
        if self.parameters.protocol is Protocol.NATIVE:
            enlargement = max(1.0, SIDE / min(picture.size))
            size = tuple(max(SIDE, round(length * enlargement)) for length in picture.size)
        else:
            size = (448, 448) if self.parameters.protocol is Protocol.RESIZE448 else (SIDE, SIDE)
        return picture if size == picture.size else picture.resize((size[0], size[1]), Image.Resampling.BICUBIC)

    def _text_features(self) -> Tensor:
        pairs = self.parameters.prompts
        tokens = open_clip.tokenize([prompt for pair in pairs for prompt in pair]).to(self._device)
        return self._clip.encode_text(tokens).reshape(len(pairs), 2, -1)

    def _similarity(self, features: Tensor, text: Tensor) -> Tensor:
        """How much closer to the good prompts than to the bad ones, (N,), 0..1 (equations 4 to 6)."""
        cosines = functional.cosine_similarity(features[:, None, None], text[None], dim=-1)
        return (self._clip.logit_scale.exp() * cosines).softmax(dim=-1)[..., 0].mean(dim=-1)

    def _magnitude(self, features: Tensor) -> Tensor:
        """Mean Box-Cox transform of the standardised absolute values, (N,) (equations 7 to 10), or a norm."""
        absolute = features.abs()
        if self.parameters.magnitude is Magnitude.L1:
            return absolute.mean(dim=-1)
        if self.parameters.magnitude is Magnitude.L2:
            return absolute.square().sum(dim=-1).sqrt()
        x = absolute / (absolute.std(dim=-1, keepdim=True) + 1e-6)
        power = self.parameters.box_lambda
        return (torch.log(x + 1) if power == 0 else ((x + 1) ** power - 1) / power).mean(dim=-1)

    def _fused(self, q_sim: Tensor, q_mag: Tensor) -> Tensor:
        """Both cues, each weighed by how sure it is, (N,) (equations 11 to 15)."""
        own, difference = self.parameters, q_sim - q_mag
        if own.fixed_w_sim is not None:
            return own.fixed_w_sim * q_sim + (1 - own.fixed_w_sim) * q_mag
        logits = [own.base_cos + own.alpha * difference, own.base_norm - own.alpha * difference]
        w_sim, w_mag = torch.stack(logits).softmax(dim=0)
        return w_sim * q_sim + w_mag * q_mag
