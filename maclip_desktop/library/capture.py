"""What a photo's file says of how it was taken, as columns of the library."""

from collections.abc import Sequence
from typing import Any

from maclip_desktop.core.photo import Capture, PhotoInfo

INFO_VERSION = 1
"""What this program reads from a file; photos that an earlier one read are read again, after all new ones.

Libraries before schema 3 count as 0.
"""

# In the order of capture_of.
CAPTURE_COLUMNS = (
    "photo.zone_minutes, photo.lens, photo.exposure_s, photo.f_number, photo.iso, photo.focal_mm, photo.has_gps, "
    "photo.camera_rating"
)

SET_INFO = """
    width = ?, height = ?, captured_at = ?, camera = ?, zone_minutes = ?, lens = ?, exposure_s = ?, f_number = ?,
    iso = ?, focal_mm = ?, has_gps = ?, camera_rating = ?
"""
"""For an UPDATE with the values of `columns_of_info`."""


def capture_of(columns: Sequence[Any]) -> Capture:
    """What `CAPTURE_COLUMNS` hold."""
    zone_minutes, lens, exposure_s, f_number, iso, focal_mm, has_gps, rating = columns
    return Capture(zone_minutes, lens, exposure_s, f_number, iso, focal_mm, bool(has_gps), rating)


def columns_of_info(info: PhotoInfo | None) -> tuple[Any, ...]:
    """The values of `SET_INFO`; all empty for a photo whose file says nothing."""
    if info is None:
        return (*(None,) * 10, False, None)
    capture = info.capture
    about = (info.width, info.height, info.captured_at, info.camera)
    exposure = (capture.exposure_s, capture.f_number, capture.iso, capture.focal_mm)
    return (*about, capture.zone_minutes, capture.lens, *exposure, capture.has_gps, capture.rating)
