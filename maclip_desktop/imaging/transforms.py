"""Conversions of colour from ICC profiles to sRGB, each built once."""

import hashlib
import io
import threading
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageCms

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_MOST = 16
"""Photos of one camera share a profile; the largest conversion (of four inks) takes some 2 MB."""

_STEPS = 17
_SAME = 1
"""Levels of 255 by which a profile may differ from sRGB and still be it: profiles of sRGB round differently."""


class Transforms:
    """The conversions used last. Thread-safe."""

    def __init__(
        self, build: Callable[[bytes, str], ImageCms.ImageCmsTransform | None] | None = None, most: int = _MOST
    ) -> None:
        """*build* makes a conversion from a profile and a mode; at most *most* are kept."""
        self._build = build or to_srgb_transform
        self._most = most
        self._kept: OrderedDict[tuple[bytes, str], ImageCms.ImageCmsTransform | None] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
        """What `to_srgb_transform` gives, which raises alike; what raised is not kept."""
        key = (hashlib.blake2b(profile, digest_size=16).digest(), mode)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        # Not under the lock: threads that meet a profile for the first time build it twice rather than wait.
        made = self._build(profile, mode)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


def to_srgb_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The conversion (perceptual intent) of pictures in *mode* (L, RGB, RGBA or CMYK) from *profile* to sRGB.

    It gives RGB, or RGBA for RGBA, and may be used by several threads at once. None where the profile is sRGB's own,
    as told by what it does to colours. Raises nearly anything where the profile is broken or made for other channels.
    """
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    # Without the memory of the last pixel, which threads would share.
    flags = ImageCms.Flags.NOCACHE
    made = ImageCms.buildTransform(source, _SRGB, mode, "RGBA" if mode == "RGBA" else "RGB", flags=flags)
    return None if mode != "CMYK" and _changes_nothing(made, mode) else made


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    samples = _samples().convert(mode)
    result = ImageCms.applyTransform(samples, transform)
    assert result is not None  # None is only returned for inPlace=True
    given, got = (np.asarray(image.convert("RGB"), dtype=np.int16) for image in (samples, result))
    return int(np.abs(got - given).max()) <= _SAME


def _samples() -> Image.Image:
    """A regular grid over all colours, and all greys."""
    steps = np.rint(np.linspace(0, 255, _STEPS)).astype(np.uint8)
    colours = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    return Image.fromarray(np.concatenate([colours, greys])[None])
