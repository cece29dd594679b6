"""What is read off a photo's pixels before anything is judged: plain numbers, no thresholds.

All of it is measured on the photo as it looks at screen size: the longer side is brought down to `VIEW_SIDE` pixels
(never up), so that a 45-megapixel file costs little memory and photos of different cameras can be compared.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from maclip_desktop.core.photo import DecodedPhoto

VIEW_SIDE = 1024
"""Longer side, in pixels, at which photos are measured."""

_STRIP_ROWS = 64
"""Rows of the reduced picture made at once: bounds the memory of a huge photo."""

_TILE = 16
"""Side in view pixels of the squares whose detail is compared; the coarser octave uses half of it."""

_CENTRE_SPREAD = 0.4
"""Standard deviation of the weight on the middle, as a part of each side: subjects are rarely at the edge."""

_QUIET_SHARE = 25
"""Percentile of the tiles, from the quietest, taken as holding noise and nothing else."""

_NOISE_MARGIN = 2
"""How far above its mean noise may lie in a tile without passing for detail."""

_LEAST_ENERGY = 1e-8
"""What a tile is left with where noise drowns everything; above zero, so that more noise still counts as worse."""

_ROUNDING = 0.0015
"""Amplitude put down to 8-bit values and compression: half a grey level, which nobody sees as noise."""

_FINE_SHARE = 0.5
"""Weight (of logarithms) of the finest octave; the rest is the next one, which still tells strong blurs apart."""

_COLOUR_PLANES = (np.array([1.0, -1.0, 0.0]), np.array([0.5, 0.5, -1.0]))
"""Red-green and yellow-blue, as sums of red, green and blue."""

_CEILING = 0.98
_LIGHT = 0.5
_LEAST_TONE = 1 / 255
_TONES = np.arange(256) / 255

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PixelStatistics:
    """Numbers of one photo. Tones are 0..1 of the largest value; "value" is a pixel's largest channel."""

    detail: float
    """Centre-weighted amplitude of fine diagonal detail above the noise, 0..1."""
    noise: float
    """Amplitude of the fine detail in the photo's quiet tiles, 0..1: the noise's standard deviation."""
    mean: float
    """Mean luminance."""
    highlights: float
    """How bright the light parts are: geometric mean of the luminance's 99th and 99.9th percentiles, above zero.

    What is divided by it does not change with the exposure, until something burns out.
    """
    bright: float
    """90th percentile of the value."""
    white: float
    """99.99th percentile of the value: how far the brightest spots reach."""
    clipped: float
    """Share of the pixels with a channel at its ceiling."""
    blown: float
    """Share of the pixels whose luminance is at its ceiling: nothing is left there, not even a colour."""
    lightness: float
    """Mean height of the value above one half, rescaled to 0..1: light tones on their way to being lost."""
    tone_spread: float
    """Standard deviation of the luminance (Rec. 601, gamma-coded)."""
    colour_spread: float
    """Standard deviation in the red-green and yellow-blue planes, joined as by Hasler and Suesstrunk (2003)."""
    short_side: int
    """Pixels of the original's shorter side."""


def read_statistics(photo: DecodedPhoto) -> PixelStatistics:
    """Measure *photo*; any size from 1x1 on, in time that depends little on its size."""
    view = _screen_view(photo.pixels)
    rgb = np.asarray(view)
    tones = _value_shares(view)
    grey = view.convert("L")
    luminance = np.asarray(grey.histogram()) / (view.width * view.height)
    mean = float(luminance @ _TONES)
    detail, noise = _detail_and_noise(np.asarray(grey, dtype=np.float32) / np.float32(255))
    return PixelStatistics(
        detail=detail,
        noise=noise,
        mean=mean,
        highlights=_highlights(grey),
        bright=_percentile(tones, 90),
        white=_percentile(tones, 99.99),
        clipped=float(tones[_TONES >= _CEILING].sum()),
        blown=float(luminance[_TONES >= _CEILING].sum()),
        lightness=float((tones * np.clip((_TONES - _LIGHT) / (1 - _LIGHT), 0, 1)).sum()),
        tone_spread=math.sqrt(float(luminance @ (_TONES - mean) ** 2)),
        colour_spread=_colour_spread(rgb),
        short_side=min(photo.width, photo.height),
    )


def _screen_view(pixels: NDArray[np.uint8]) -> Image.Image:
    """Bring the longer side down to `VIEW_SIDE`, by whole numbers first so that no full-size copy is made."""
    height, width = pixels.shape[:2]
    view = _shrink_in_strips(pixels, max(1, max(height, width) // VIEW_SIDE))
    scale = VIEW_SIDE / max(view.size)
    if scale >= 1:
        return view
    size = (max(1, round(view.width * scale)), max(1, round(view.height * scale)))
    return view.resize(size, Image.Resampling.HAMMING)


def _shrink_in_strips(pixels: NDArray[np.uint8], factor: int) -> Image.Image:
    if factor == 1:
        return Image.fromarray(pixels)
    rows = _STRIP_ROWS * factor
    strips = [
        np.asarray(Image.fromarray(pixels[top : top + rows]).reduce(factor)) for top in range(0, len(pixels), rows)
    ]
    return Image.fromarray(np.concatenate(strips))


def _highlights(grey: Image.Image) -> float:
    light, lightest = (_quantile(grey.histogram(), percent) + _LEAST_TONE for percent in (99, 99.9))
    return math.sqrt(light * lightest)


def _quantile(counts: list[int], percent: float) -> float:
    """The tone, 0..1, below which *percent* of the pixels lie, between two neighbours in rank as numpy does it."""
    ranks = np.cumsum(counts)
    last = ranks[-1] - 1
    place = percent / 100 * last
    lower, upper = (
        _TONES[np.searchsorted(ranks, min(math.floor(place) + step, last), side="right")] for step in (0, 1)
    )
    return float(lower + (upper - lower) * (place - math.floor(place)))


def _value_shares(view: Image.Image) -> NDArray[np.float64]:
    """Share of the pixels at each of the 256 values, a pixel's value being its largest channel."""
    red, green, blue = view.split()
    counts = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    return np.asarray(counts) / (view.width * view.height)


def _percentile(shares: NDArray[np.float64], percent: float) -> float:
    """Smallest tone, 0..1, that at least *percent* of the pixels do not exceed."""
    # The small subtraction keeps rounding in the sum from asking for a tone beyond the last.
    return float(_TONES[np.searchsorted(shares.cumsum(), percent / 100 - 1e-9)])


def _detail_and_noise(luminance: Plane) -> tuple[float, float]:
    """Amplitudes of fine diagonal detail and of noise.

    Diagonal Haar detail asks for sharpness in both directions, so motion blur loses it as defocus does; and it is the
    band Donoho and Johnstone (1994) estimate noise from.
    """
    fine = _tile_energies(luminance, _TILE)
    coarse = _tile_energies(_halved(luminance), _TILE // 2)
    if fine.size == 0 or coarse.size == 0:
        return 0.0, 0.0
    noise = _noise_energy(fine, coarse)
    floor = _NOISE_MARGIN * max(0.0, noise - _ROUNDING**2)
    detail = _amplitude_above(floor, fine) ** _FINE_SHARE * _amplitude_above(floor / 4, coarse) ** (1 - _FINE_SHARE)
    return detail, math.sqrt(noise)


def _noise_energy(fine: Plane, coarse: Plane) -> float:
    """Variance of the white noise that even the quiet tiles hold.

    Averaging four pixels leaves a quarter of white noise's energy, but not less of a texture's: what the finest band
    has more than the next one is three quarters of the noise.
    """
    rows, columns = np.minimum(fine.shape, coarse.shape)
    excess = np.percentile(fine[:rows, :columns] - coarse[:rows, :columns], _QUIET_SHARE)
    return max(0.0, float(excess) * 4 / 3)


def _tile_energies(plane: Plane, tile: int) -> Plane:
    """Mean square of the diagonal Haar coefficients of each tile, (rows, columns); empty below 2x2."""
    down = plane[:-1] - plane[1:]
    band: Plane = down[:, :-1] - down[:, 1:]
    if band.size == 0:
        return band
    band *= np.float32(0.5)
    energies: Plane = np.multiply(band, band, out=band)
    for axis, length in enumerate(band.shape):
        energies = np.add.reduceat(energies, _tile_starts(length, tile), axis=axis)
    counts = [np.diff(np.append(_tile_starts(length, tile), length)) for length in band.shape]
    return (energies / np.outer(*counts)).astype(np.float32)


def _tile_starts(length: int, tile: int) -> NDArray[np.intp]:
    """Where tiles begin; what does not fill a tile belongs to the last one."""
    return np.arange(max(1, length // tile)) * tile


def _halved(plane: Plane) -> Plane:
    height, width = (length // 2 * 2 for length in plane.shape)
    even = plane[:height, :width]
    halved: Plane = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / np.float32(4)
    return halved


def _amplitude_above(floor: float, energies: Plane) -> float:
    weights = np.outer(*(_centre_weights(length) for length in energies.shape))
    return math.sqrt(float((weights * np.maximum(energies - floor, _LEAST_ENERGY)).sum()))


def _centre_weights(length: int) -> NDArray[np.float64]:
    places = (np.arange(length) + 0.5) / length - 0.5
    weights: NDArray[np.float64] = np.exp(-(places**2) / (2 * _CENTRE_SPREAD**2))
    weights /= weights.sum()
    return weights


def _colour_spread(rgb: NDArray[np.uint8]) -> float:
    red, green, blue = (_centred(rgb[..., channel]) for channel in range(3))
    # Both planes are sums of the channels, so that products of the channels hold their variances.
    covariance = np.array([[np.dot(one, other) for other in (red, green, blue)] for one in (red, green, blue)])
    variances = (float(plane @ covariance @ plane) for plane in _COLOUR_PLANES)
    return math.sqrt(max(0.0, sum(variances)) / red.size) / 255


def _centred(channel: NDArray[np.uint8]) -> Plane:
    values = channel.astype(np.float32).ravel()
    values -= values.mean()
    return values
