"""What a photo says of itself: size, capture time, camera, and how it was taken."""

from pathlib import Path

from maclip_desktop.core.photo import PhotoInfo
from maclip_desktop.imaging import raw, raw_said
from maclip_desktop.imaging.apart import asking
from maclip_desktop.imaging.capture import camera_name, capture_of
from maclip_desktop.imaging.clock import moment_of
from maclip_desktop.imaging.exif import Said, needs_pixels, said_by
from maclip_desktop.imaging.failures import photo_errors
from maclip_desktop.imaging.opening import opened
from maclip_desktop.imaging.orientation import upright_size
from maclip_desktop.imaging.quiet import pillow_warnings_logged
from maclip_desktop.imaging.room import Room


def read_info(path: Path) -> PhotoInfo:
    """Read a photo's upright size, capture time, camera, and what is known of the capture.

    Damaged EXIF or XMP only leaves fields empty. Raises `PhotoError` if the file is no picture or cannot be read.
    """
    asked = asking.info(path)
    return _info_here(path) if asked is None else asked


def _info_here(path: Path) -> PhotoInfo:
    with photo_errors(path), pillow_warnings_logged():
        if raw.is_raw(path):
            return _raw_info(path)
        with Room() as room, opened(path) as image:
            if needs_pixels(image):
                room.take(image.width * image.height)
            return _info(upright_size(image), said_by(image))


def _info(size: tuple[int, int], said: Said) -> PhotoInfo:
    moment = moment_of(said.tags)
    return PhotoInfo(
        width=size[0],
        height=size[1],
        captured_at=moment.seconds if moment else None,
        camera=camera_name(said.tags),
        capture=capture_of(said, moment.zone_minutes if moment else None),
    )


def _raw_info(path: Path) -> PhotoInfo:
    with raw.opened_raw(path) as file:
        return raw_said.completed(_info(raw.upright_raw_size(file), raw_said.said_by_raw(path, file)), file)
