"""Small pictures made on the spot, for the tests of imaging."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image


@pytest.fixture
def scene() -> NDArray[np.uint8]:
    """64 x 48 pixels in which no turn or mirroring looks like another: a ramp each way and a bright corner."""
    rows, columns = np.mgrid[0:48, 0:64]
    pixels = np.stack([columns * 3, rows * 4, np.full_like(rows, 60)], axis=-1).astype(np.uint8)
    pixels[:12, :12] = 250
    return pixels


@pytest.fixture
def photo(tmp_path: Path, scene: NDArray[np.uint8]) -> Path:
    """The scene as a JPEG file."""
    path = tmp_path / "IMG_1.jpg"
    Image.fromarray(scene).save(path, quality=95)
    return path
