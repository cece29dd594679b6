"""After very many changes a folder is looked through: some may have gone unheard."""

from pathlib import Path

from maclip_desktop.core.photo import Folder
from maclip_desktop.jobs.bursts import BURST_PATHS, Bursts

CARD = Folder(1, Path("/card"), watched=True)
ARCHIVE = Folder(2, Path("/archive"), watched=True)
BOTH = [CARD, ARCHIVE]


def paths(folder: Folder, count: int) -> list[Path]:
    return [folder.path / f"{number}.jpg" for number in range(count)]


def test_a_few_changes_are_no_burst() -> None:
    bursts = Bursts()
    bursts.note(BOTH, paths(CARD, BURST_PATHS))
    assert bursts.take(BOTH) == []


def test_only_the_folder_with_the_burst_is_looked_through() -> None:
    bursts = Bursts()
    for _ in range(2):
        bursts.note(BOTH, paths(CARD, BURST_PATHS // 2 + 1) + paths(ARCHIVE, 5))
    assert bursts.take(BOTH) == [CARD]


def test_counting_begins_anew_when_it_is_quiet() -> None:
    bursts = Bursts()
    bursts.note(BOTH, paths(CARD, BURST_PATHS + 1))
    bursts.take(BOTH)
    bursts.note(BOTH, paths(CARD, 1))
    assert bursts.take(BOTH) == []


def test_where_changes_were_lost_every_folder_is_looked_through_once() -> None:
    bursts = Bursts()
    bursts.lose()
    assert (bursts.take(BOTH), bursts.take(BOTH)) == (BOTH, [])
