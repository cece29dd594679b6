"""Which files count as photos, told by their names alone."""

from pathlib import PurePath

PIXEL_SUFFIXES = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp", ".dib", ".gif", ".heic", ".heif",
        ".hif", ".avif", ".jp2", ".j2k", ".jpx", ".ppm", ".pgm", ".pbm", ".pnm", ".mpo", ".ico",
    }
)  # fmt: skip
"""Files that hold finished pictures, lower case, with the dot."""

RAW_SUFFIXES = frozenset(
    {
        ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".raf", ".orf", ".rw2", ".rwl", ".dng", ".pef",
        ".srw", ".x3f", ".3fr", ".iiq", ".mef", ".mos", ".erf", ".kdc", ".dcr", ".mrw",
    }
)  # fmt: skip
"""Files that hold a camera's undeveloped sensor data, lower case, with the dot."""

FILM_SUFFIXES = frozenset({".mov"})
"""Films that phones take along with a photo of the same name, lower case, with the dot."""

_FILM_ENDS = tuple(FILM_SUFFIXES)

PHOTO_SUFFIXES = PIXEL_SUFFIXES | RAW_SUFFIXES


def is_photo(path: PurePath | str) -> bool:
    """Whether the name of *path* ends like a photo's, in upper or lower case; the file is not looked at."""
    return PurePath(path).suffix.lower() in PHOTO_SUFFIXES


def is_film(path: PurePath | str) -> bool:
    """Whether the name of *path* ends like that of a film that may belong to a photo."""
    # Asked for every file of a library, and hardly ever true: pathlib takes its time.
    return str(path).lower().endswith(_FILM_ENDS) and PurePath(path).suffix.lower() in FILM_SUFFIXES
