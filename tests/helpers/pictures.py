"""Small real photographs, made on the spot."""

from pathlib import Path

import numpy as np
from PIL import Image


def write_photo(path: Path, shade: int = 128, *, side: int = 48) -> Path:
    """Write a grey JPEG whose mean brightness is *shade* (0..255); its bytes depend on nothing else but *side*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    Image.fromarray(np.full((side, side, 3), shade, dtype=np.uint8)).save(temporary, "JPEG", quality=95)
    return temporary.replace(path)


def write_photos(folder: Path, count: int) -> list[Path]:
    """Write *count* photos of different brightness, the darkest first."""
    return [write_photo(folder / f"IMG_{number:03}.jpg", 20 + number * 200 // count) for number in range(count)]
