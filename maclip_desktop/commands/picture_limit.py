"""How large a picture may be: an option of every command that opens pictures."""

import argparse
from pathlib import Path

from maclip_desktop.errors import UsageError
from maclip_desktop.settings import load_settings

_MEGAPIXEL = 1_000_000


def add_picture_limit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-megapixels",
        metavar="N",
        type=int,
        help="refuse pictures of more than N million pixels (default: what the window's preferences say, at first 300)",
    )


def asked_limit(options: argparse.Namespace) -> int | None:
    """The limit that was asked for, in millions of pixels. Raises `UsageError`."""
    limit: int | None = options.max_megapixels
    if limit is not None and limit < 1:
        raise UsageError(f"--max-megapixels must be 1 or more, not {limit}.")
    return limit


def use_picture_limit(options: argparse.Namespace, settings_file: Path) -> None:
    """Let it count in this process, and in those it starts to decode. Raises `UsageError`."""
    from maclip_desktop.imaging.limits import set_max_pixels

    set_max_pixels((asked_limit(options) or load_settings(settings_file).max_megapixels) * _MEGAPIXEL)
