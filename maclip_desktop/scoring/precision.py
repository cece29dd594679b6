"""Whether a reduced precision is exact enough here: measured with the weights at hand, and remembered."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring.cues import view_cues
from maclip_desktop.scoring.devices import device_title, reduced_precision
from maclip_desktop.scoring.parameters import MaclipParameters
from maclip_desktop.scoring.safe_writing import write_safely
from maclip_desktop.scoring.tower import ImageTower
from maclip_desktop.scoring.view_encoder import ViewEncoder

log = logging.getLogger(__name__)

TOLERANCE = 2e-3
"""How far a score in reduced precision may lie from the one in float32."""

_PICTURE_SIDE = 448


class Verdicts:
    """What self-checks found, kept in a small file so that each is made once. A file that is lost is made again."""

    def __init__(self, file: Path | None = None) -> None:
        """*file* None: nothing is kept."""
        self._file = file

    def find(self, key: str) -> bool | None:
        """Whether the check *key* was passed, or None where it was not made."""
        verdict = self._read().get(key)
        return verdict if isinstance(verdict, bool) else None

    def keep(self, key: str, passed: bool) -> None:
        """Remember a verdict; where it cannot be written the check is only made again next time."""
        if self._file is None:
            return
        try:
            write_safely(self._file, [json.dumps({**self._read(), key: passed}, indent=1).encode()])
        except WeightsError as error:
            log.info("the verdict on the precision is not remembered: %s", error)

    def _read(self) -> dict[str, object]:
        if self._file is None:
            return {}
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}


def choose_precision(tower: ImageTower, parameters: MaclipParameters, device: torch.device, verdicts: Verdicts) -> str:
    """The precision for ``auto``: the reduced one where there is one and it stays within `TOLERANCE`, else float32."""
    reduced = reduced_precision(device)
    if reduced is None:
        return "float32"
    key = "|".join([tower.sha256, parameters.model_id(""), reduced, device_title(device), torch.__version__])
    passed = verdicts.find(key)
    if passed is None:
        difference = largest_difference(tower, parameters, device, reduced)
        if difference is None:
            log.info("%s on %s could not be checked", reduced, device)
            return "float32"
        passed = difference <= TOLERANCE
        log.info("%s on %s differs by %.1e from float32", reduced, device, difference)
        verdicts.keep(key, passed)
    return reduced if passed else "float32"


def largest_difference(
    tower: ImageTower, parameters: MaclipParameters, device: torch.device, precision: str
) -> float | None:
    """How far the built-in pictures' scores in *precision* lie from those in float32, at most.

    nan becomes infinite. None where the device failed, which says nothing of a precision.
    """
    pictures = [torch.from_numpy(picture) for picture in check_pictures()]
    exact = _scores(tower, parameters, device, "float32", pictures)
    reduced = _scores(tower, parameters, device, precision, pictures)
    if exact is None or reduced is None:
        return None
    difference = (exact - reduced).abs().max().item()
    return difference if np.isfinite(difference) else float("inf")


def _scores(
    tower: ImageTower,
    parameters: MaclipParameters,
    device: torch.device,
    precision: str,
    pictures: Sequence[Tensor],
) -> Tensor | None:
    encoder = ViewEncoder(tower, device, precision)
    features = encoder.encode(pictures)
    if encoder.device != device:
        return None
    cues = (view_cues(one, tower.text_features, tower.logit_scale, parameters) for one in features)
    return torch.stack([one.quality.mean() for one in cues])


def check_pictures() -> list[NDArray[np.uint8]]:
    """Three small pictures made by rule, uint8 (448, 448, 3): shapes with crisp edges, the same blurred, and grain."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0:_PICTURE_SIDE, 0:_PICTURE_SIDE] / _PICTURE_SIDE
    waves = np.stack([np.sin((3 + 2 * c) * x * 6) * np.cos((5 - c) * y * 6) for c in range(3)], axis=-1)
    crisp = np.where(np.hypot(x - 0.4, y - 0.5)[..., None] < 0.3, 0.8 - 0.3 * waves, 0.4 + 0.4 * np.sign(waves))
    soft = 0.5 + 0.25 * waves
    grain = np.clip(soft * 0.4 + rng.normal(0, 0.12, soft.shape), 0, 1)
    return [np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8) for picture in (crisp, soft, grain)]
