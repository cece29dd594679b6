"""HEIC and HEIF (through pi_heif, which only decodes) and their cousin AVIF (through Pillow itself)."""

import pi_heif

_AVIF_BRANDS = (b"avif", b"avis")


def register() -> None:
    """Teach Pillow to open HEIC. pi_heif turns the pixels upright itself and resets the orientation tags."""
    pi_heif.register_heif_opener()


def is_avif(head: bytes) -> bool:
    """Whether the first bytes of a file list an AVIF brand.

    HEIC and AVIF are the same kind of container, and both may call themselves by the brand of the container
    (``mif1``): each decoder would then claim the other's files.
    """
    return head[4:8] == b"ftyp" and any(brand in head[8:] for brand in _AVIF_BRANDS)
