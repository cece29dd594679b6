"""Making good photos worse in graded steps: for the demonstration and for tests."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

Degradation = Callable[[Image.Image], Image.Image]


def blurred(radius: float) -> Degradation:
    """Out of focus: a Gaussian of *radius* pixels."""
    return lambda image: image.filter(ImageFilter.GaussianBlur(radius))


def shaken(pixels: int) -> Degradation:
    """Camera shake: the mean along a horizontal path of *pixels*."""

    def degrade(image: Image.Image) -> Image.Image:
        values = np.asarray(image, dtype=np.float32)
        padded = np.pad(values, ((0, 0), (pixels, 0), (0, 0)), mode="edge")
        sums = np.cumsum(padded, axis=1, dtype=np.float64)
        return _image((sums[:, pixels:] - sums[:, :-pixels]) / pixels)

    return degrade


def darkened(factor: float) -> Degradation:
    """Underexposed: light multiplied by *factor* (below 1), rounded to 8 bits as a camera would."""
    return lambda image: _image(_from_light(_to_light(image) * factor))


def overexposed(factor: float) -> Degradation:
    """Burnt out: light multiplied by *factor* (above 1) and clipped."""
    return lambda image: _image(_from_light(np.minimum(1.0, _to_light(image) * factor)))


def noisy(deviation: float, seed: int = 0) -> Degradation:
    """Sensor noise with a standard deviation of *deviation* levels of 255."""

    def degrade(image: Image.Image) -> Image.Image:
        values = np.asarray(image, dtype=np.float32)
        return _image(values + np.random.default_rng(seed).normal(0.0, deviation, values.shape))

    return degrade


def shrunk(factor: float) -> Degradation:
    """Too few pixels: reduced by *factor* and enlarged again."""

    def degrade(image: Image.Image) -> Image.Image:
        small = image.resize((max(1, round(image.width / factor)), max(1, round(image.height / factor))))
        return small.resize(image.size, Image.Resampling.BICUBIC)

    return degrade


def _to_light(image: Image.Image) -> np.ndarray:
    """Undo the display's gamma, about: exposure multiplies light, not pixel values."""
    return (np.asarray(image, dtype=np.float32) / 255.0) ** 2.2


def _from_light(light: np.ndarray) -> np.ndarray:
    return 255.0 * light ** (1 / 2.2)


def _image(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))
