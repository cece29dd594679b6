"""Generated photos: as large as a camera's and with as much in them, from a seed."""

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from maclip_desktop.errors import FolderError

WIDTH, HEIGHT = 4000, 3000
"""Twelve megapixels."""
QUALITY = 94
BYTES_EACH = 6_000_000
"""More than such a file takes."""
SPARE_BYTES = 500_000_000
"""What must be left on the drive."""

_COARSEST = 8
_LEVELS = 9
_ROUGHNESS = 36.0
"""Amplitude of the coarsest structure in grey levels; each finer one has a part of it, as nature has."""
_DECLINE = 0.7
_SHAPES = 40
_GRAIN = 4.5
"""Deviation of the sensor's noise in grey levels."""
_GRAIN_SIDE = 512


def write_generated(
    folder: Path, count: int, say: Callable[[str], None], size: tuple[int, int] = (WIDTH, HEIGHT)
) -> list[Path]:
    """Write *count* different JPEG files of *size* (width, height) into *folder*, which exists; returns their paths.

    The same numbers give the same photos. Raises `FolderError` where there is no room for them.
    """
    _require_room(folder, count * BYTES_EACH * size[0] * size[1] // (WIDTH * HEIGHT))
    paths = [folder / f"IMG_{number:04}.jpg" for number in range(count)]
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="picture") as pool:
        works = [pool.submit(_write, path, number, size) for number, path in enumerate(paths)]
        try:
            for done, work in enumerate(works, 1):
                work.result()
                say(f"making photos: {done} of {count}")
        except OSError as error:
            raise FolderError(_no_room(folder, error.strerror or str(error))) from error
        finally:
            pool.shutdown(cancel_futures=True)
    return paths


def generated_picture(number: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """A picture of clouds of every fineness, crossed by edges, with grain: it compresses as a photograph does."""
    rng = np.random.default_rng([11, number])
    width, height = size
    # From a few coarse spots to fine ones: each level doubles the size and adds a weaker structure of its own.
    picture: NDArray[np.floating[Any]] = np.broadcast_to(rng.uniform(80, 170, 3), (1, 1, 3))
    for level in range(_LEVELS):
        columns = min(_COARSEST << level, width)
        shape = max(1, round(columns * height / width)), columns
        shades = rng.standard_normal((*shape, 1), dtype=np.float32)
        colours = rng.standard_normal((*shape, 3), dtype=np.float32) / np.float32(3)
        picture = _enlarged(picture, shape) + np.float32(_ROUGHNESS * _DECLINE**level) * (shades + colours)
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    _draw_edges(image, rng)
    return _with_grain(image.resize((width, height), Image.Resampling.BICUBIC), rng)


def _write(path: Path, number: int, size: tuple[int, int]) -> None:
    generated_picture(number, size).save(path, "JPEG", quality=QUALITY)


def _enlarged(picture: NDArray[np.floating[Any]], shape: tuple[int, int]) -> NDArray[np.float32]:
    channels = [
        Image.fromarray(picture[..., channel].astype(np.float32)).resize(shape[::-1], Image.Resampling.BICUBIC)
        for channel in range(3)
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)


def _draw_edges(image: Image.Image, rng: np.random.Generator) -> None:
    draw = ImageDraw.Draw(image, "RGBA")
    for _ in range(_SHAPES):
        centre = rng.uniform(0, 1, 2) * image.size
        corners = centre + rng.normal(0, image.width / 14, (4, 2))
        colour = (*rng.integers(0, 256, 3).tolist(), int(rng.integers(40, 140)))
        draw.polygon([(float(x), float(y)) for x, y in corners], fill=colour)


def _with_grain(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """One square of noise, repeated: the eye would see it, a compressor of blocks of eight pixels does not."""
    grain = np.rint(rng.normal(0, _GRAIN, (_GRAIN_SIDE, _GRAIN_SIDE, 3))).astype(np.int16)
    pixels = np.array(image)
    for top in range(0, image.height, _GRAIN_SIDE):
        band = pixels[top : top + _GRAIN_SIDE]
        noise = np.tile(grain[: len(band)], (1, -(-image.width // _GRAIN_SIDE), 1))[:, : image.width]
        band[:] = np.clip(band + noise, 0, 255)
    return Image.fromarray(pixels)


def _require_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise FolderError(_no_room(folder, f"{needed / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB free"))


def _no_room(folder: Path, why: str) -> str:
    return (
        f"The photos to measure with cannot be written into {folder} ({why});"
        " make room, give fewer with --count, or your own with --photos."
    )
