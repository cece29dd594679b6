"""A folder as people have them: photographs of all kinds and sizes, some damaged, some empty."""

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from maclip_desktop.benchmark.generated import generated_picture

DAMAGED = 0.05
"""The share of files that are cut off, overwritten or no pictures."""
EMPTY = 0.01

_Make = Callable[[Image.Image], bytes]


def _saved(image: Image.Image, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


# Suffix, pixels, how many distinct pictures, how often among a hundred files, and how it is written.
_KINDS: tuple[tuple[str, tuple[int, int], int, int, _Make], ...] = (
    (".JPG", (4000, 3000), 4, 3, lambda image: _saved(image, "JPEG", quality=85)),
    (".jpg", (1600, 1200), 8, 25, lambda image: _saved(image, "JPEG", quality=88)),
    (".jpeg", (800, 600), 12, 25, lambda image: _saved(image, "JPEG", quality=90, progressive=True)),
    (".jpg", (600, 800), 6, 10, lambda image: _saved(image.convert("CMYK"), "JPEG", quality=85)),
    (".png", (640, 480), 6, 12, lambda image: _saved(image, "PNG")),
    (".tif", (800, 600), 4, 8, lambda image: _saved(image, "TIFF", compression="tiff_lzw")),
    (".gif", (320, 240), 4, 7, lambda image: _saved(image, "GIF")),
    (".webp", (1200, 900), 6, 10, lambda image: _saved(image, "WEBP", quality=80)),
)


def write_mixed_photos(folder: Path, count: int, seed: int = 1) -> None:
    """Write *count* files below *folder*, no two alike but the empty ones; the same seed gives the same files."""
    chance = random.Random(seed)
    made = [(suffix, pictures) for suffix, pictures in _encoded()]
    often = [kind[3] for kind in _KINDS]
    for number in range(count):
        suffix, pictures = chance.choices(made, often)[0]
        # What follows the end of a picture is of no interest to any decoder, but makes the file another one.
        content = pictures[number % len(pictures)] + b"photo %d" % number
        path = folder / f"day {number // 400:03}" / f"DSC_{number:05}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_spoiled(content, chance))


def _encoded() -> Iterator[tuple[str, list[bytes]]]:
    for kind, (suffix, size, pictures, _, make) in enumerate(_KINDS):
        yield suffix, [make(generated_picture(100 * kind + number, size)) for number in range(pictures)]


def _spoiled(content: bytes, chance: random.Random) -> bytes:
    """The content as it is, or, now and then, nothing or not much of it."""
    lot = chance.random()
    if lot < EMPTY:
        return b""
    if lot > EMPTY + DAMAGED:
        return content
    spoil: tuple[Callable[[], bytes], ...] = (
        lambda: content[: chance.randrange(1, len(content) // 2)],
        lambda: content[:200] + chance.randbytes(400) + content[600:900],
        lambda: b"shopping list\n" * 40,
    )
    return chance.choice(spoil)()
