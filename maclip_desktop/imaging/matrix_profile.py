"""ICC profiles of colour spaces that a file only names, made from their published primaries."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Chromaticity = tuple[float, float]

D65: Chromaticity = (0.3127, 0.3290)
_D50_XYZ = np.array([0.9642, 1.0, 0.8249])
# The Bradford cone responses, by which ICC.1:2010 (annex E) brings colours to the white of D50.
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


@dataclass(frozen=True, slots=True)
class Primaries:
    """CIE x and y of the three primaries and of white."""

    red: Chromaticity
    green: Chromaticity
    blue: Chromaticity
    white: Chromaticity = D65


@dataclass(frozen=True, slots=True)
class Curve:
    """How stored values become light: ICC.1:2010 (10.16), a parametric curve of the kind *function*."""

    function: int
    parameters: tuple[float, ...]


SRGB_CURVE = Curve(3, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
ADOBE_CURVE = Curve(0, (563 / 256,))

ADOBE_RGB = Primaries((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
"""Adobe RGB (1998), 4.3.1."""
DISPLAY_P3 = Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
"""SMPTE EG 432-1 with the white of D65."""
BT_2020 = Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
"""ITU-R BT.2020, table 3."""


@cache
def matrix_profile(primaries: Primaries, curve: Curve) -> bytes:
    """A profile of version 4 for RGB: the same *curve* for each channel, then a matrix to XYZ under D50."""
    colorants = _colorants(primaries)
    tags = {
        b"desc": _text("desc"),
        b"cprt": _text("CC0"),
        b"wtpt": _xyz(_D50_XYZ),
        b"rXYZ": _xyz(colorants[:, 0]),
        b"gXYZ": _xyz(colorants[:, 1]),
        b"bXYZ": _xyz(colorants[:, 2]),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _parametric(curve)),
    }
    table, body = struct.pack(">I", len(tags)), b""
    first = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", first + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    return _header(first + len(body)) + table + body


def _colorants(primaries: Primaries) -> NDArray[np.float64]:
    """XYZ of full red, green and blue under D50, a column each; they add up to white."""
    white = _xyz_of(primaries.white)
    columns = np.stack([_xyz_of(one) for one in (primaries.red, primaries.green, primaries.blue)], axis=1)
    matrix = columns * np.linalg.solve(columns, white)
    scale = (_BRADFORD @ _D50_XYZ) / (_BRADFORD @ white)
    return np.linalg.inv(_BRADFORD) @ np.diag(scale) @ _BRADFORD @ matrix


def _xyz_of(chromaticity: Chromaticity) -> NDArray[np.float64]:
    x, y = chromaticity
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _header(size: int) -> bytes:
    """ICC.1:2010, table 17: a display's profile; what is left zero means "not said"."""
    head = struct.pack(">I4xI", size, 0x04200000) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    return (head + _fixed(_D50_XYZ)).ljust(128, b"\0")


def _text(words: str) -> bytes:
    encoded = words.encode("utf-16-be")
    return b"mluc" + struct.pack(">4xII", 1, 12) + b"enUS" + struct.pack(">II", len(encoded), 28) + encoded


def _xyz(values: NDArray[np.float64]) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(values)


def _parametric(curve: Curve) -> bytes:
    return b"para" + struct.pack(">4xH2x", curve.function) + _fixed(curve.parameters)


def _fixed(values: Sequence[float] | NDArray[np.float64]) -> bytes:
    """Numbers with 16 bits after the point."""
    return b"".join(struct.pack(">i", round(float(value) * 65536)) for value in values)
