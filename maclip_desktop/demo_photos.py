"""The demonstration's photos: real ones that scikit-image ships, and worse copies of them.

scikit-image's sample pictures are free (public domain or Creative Commons; its data folder names each source).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import skimage
from PIL import Image

from maclip_desktop.errors import ExportError, UserFacingError
from maclip_desktop.imaging.degradations import (
    Degradation,
    blurred,
    darkened,
    noisy,
    overexposed,
    shaken,
    shrunk,
)

SOURCES = {
    "astronaut": "astronaut.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "motorcycle": "motorcycle_left.png",
    "rocket": "rocket.jpg",
}

STEPS: dict[str, Degradation] = {
    "blurred_1": blurred(2.0),
    "blurred_2": blurred(5.0),
    "blurred_3": blurred(10.0),
    "shaken_1": shaken(15),
    "shaken_2": shaken(40),
    "dark_1": darkened(0.06),
    "dark_2": darkened(0.01),
    "burnt_1": overexposed(15.0),
    "burnt_2": overexposed(40.0),
    "noisy_1": noisy(35.0),
    "noisy_2": noisy(80.0),
    "coarse_1": shrunk(5.0),
    "coarse_2": shrunk(10.0),
}
"""What is done to each photo, from a name to the doing; the number grows with the damage."""

DEGRADED_OF = ("astronaut", "cat", "coffee", "motorcycle")


def write_originals(folder: Path) -> list[Path]:
    """Write the photos as they are into *folder*, made or cleared of an earlier demonstration; returns their paths.

    Raises `ExportError` where the folder holds anything else: somebody's own files are not touched.
    """
    with _writing_into(folder):
        _clear(folder)
        return [_write(image, folder / f"{name}.jpg") for name, image in _pictures()]


def write_degraded(folder: Path) -> list[Path]:
    """Write the worse copies into *folder*; returns their paths. Raises `ExportError`."""
    with _writing_into(folder):
        return [
            _write(degrade(image), folder / f"{name}_{step}.jpg")
            for name, image in _pictures()
            if name in DEGRADED_OF
            for step, degrade in STEPS.items()
        ]


@contextmanager
def _writing_into(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportError(
            f"The sample photos cannot be written into {folder} ({error.strerror or error}); "
            "make room, or choose another folder with --out."
        ) from error


def _clear(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ours = {f"{name}.jpg" for name in SOURCES} | {f"{name}_{step}.jpg" for name in DEGRADED_OF for step in STEPS}
    present = sorted(folder.iterdir())
    for path in present:
        if path.name not in ours:
            raise ExportError(f"{path} is not from a demonstration; choose another folder with --out.")
    for path in present:
        path.unlink()


def is_degraded(path: Path) -> bool:
    """True for a photo that `write_degraded` made."""
    return path.stem not in SOURCES


def _pictures() -> Iterator[tuple[str, Image.Image]]:
    data = Path(skimage.__file__).parent / "data"
    for name, file in SOURCES.items():
        try:
            with Image.open(data / file) as image:
                picture = image.convert("RGB")
        except OSError as error:
            raise UserFacingError(
                f"The sample photo {data / file} cannot be read ({error}); install scikit-image again."
            ) from error
        yield name, picture


def _write(image: Image.Image, path: Path) -> Path:
    # Written whole before it gets its name, as a good program does; other programs' slow copies are tested elsewhere.
    temporary = path.with_suffix(".part")
    image.save(temporary, "JPEG", quality=92)
    return temporary.replace(path)
