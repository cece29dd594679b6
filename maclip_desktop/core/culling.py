"""The culling list: which photos go into it."""

from collections.abc import Iterable
from enum import StrEnum

from maclip_desktop.core.flags import Flag
from maclip_desktop.core.photo import PhotoDetails


class Select(StrEnum):
    """Which photos a list holds."""

    REJECTS = "rejects"
    PICKS = "picks"
    UNFLAGGED = "unflagged"
    ALL = "all"


_FLAG_OF = {Select.REJECTS: Flag.REJECT, Select.PICKS: Flag.PICK, Select.UNFLAGGED: Flag.NONE}


def selected(photos: Iterable[PhotoDetails], select: Select) -> list[PhotoDetails]:
    """Keep the photos that *select* means, in their order."""
    if select is Select.ALL:
        return list(photos)
    return [photo for photo in photos if photo.row.flag is _FLAG_OF[select]]


def worst_first(photos: Iterable[PhotoDetails]) -> list[PhotoDetails]:
    """Order by score, lowest first; then those with an earlier model's score, a scorer at a time; then the others."""

    def rank(photo: PhotoDetails) -> tuple[bool, bool, str, float, str]:
        row = photo.row
        # Scores of two scorers do not compare.
        scale = (row.scored_by or "") if row.score_is_old else ""
        return row.score is None, row.score_is_old, scale, row.score or 0.0, str(row.path)

    return sorted(photos, key=rank)
