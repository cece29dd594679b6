"""Opening a picture file with Pillow, the careful way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from maclip_desktop.imaging import heif
from maclip_desktop.imaging.failures import regular_file_size
from maclip_desktop.imaging.heif_names import check_names
from maclip_desktop.imaging.limits import check_size

heif.register()

# Only formats of photographs: Pillow would also start Ghostscript for a PostScript file called IMG.jpg.
_FORMATS = ("JPEG", "PNG", "TIFF", "HEIF", "AVIF", "WEBP", "GIF", "BMP", "DIB", "PPM", "JPEG2000", "ICO")
_HEAD_BYTES = 64


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """The picture in a file, its header read and its size checked, its pixels not yet decoded.

    Raises whatever the system, the limits and the decoders raise: to be called inside `failures.photo_errors`.
    """
    regular_file_size(path)
    with path.open("rb") as file, opened_stream(file) as image:
        yield image


@contextmanager
def opened_stream(file: BinaryIO) -> Iterator[Image.Image]:
    """As `opened`, from a stream."""
    is_avif = heif.is_avif(file.read(_HEAD_BYTES))
    file.seek(0)
    nclx = heif.nclx_of_avif(file) if is_avif else {}
    if not is_avif:
        check_names(file)
    with Image.open(file, formats=("AVIF",) if is_avif else _FORMATS) as image:
        check_size(*image.size)
        if nclx:
            image.info["nclx_profile"] = nclx
        yield image
