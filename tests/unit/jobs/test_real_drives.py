"""Real drives that are unmounted and mounted again, where the system lets the tests do that."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Flag
from maclip_desktop.jobs.messages import FoldersChanged
from tests.helpers.fakes import FakeScorer
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open, Workshop


class Drive:
    """A file system of its own that can be put at a place and taken away with all that is on it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._places: list[Path] = []

    def make(self) -> bool:
        """False where the system does not let us."""
        self._home.mkdir()
        return shutil.which("mount") is not None and _run("mount", "-t", "tmpfs", "none", str(self._home))

    def plug_in(self, place: Path) -> None:
        assert _run("mount", "--bind", str(self._home), str(place))
        self._places.append(place)

    def unplug(self, place: Path) -> None:
        assert _run("umount", "--lazy", str(place))
        self._places.remove(place)

    def destroy(self) -> None:
        for place in [*self._places, self._home]:
            _run("umount", "--lazy", str(place))


def _run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Drive]:
    drive = Drive(tmp_path / "drive")
    if not drive.make():
        pytest.skip("mounting a drive needs rights that are not given here")
    yield drive
    drive.destroy()


@pytest.fixture
def scorer() -> FakeScorer:
    return FakeScorer()


def test_a_drive_unmounted_is_offline_and_back_with_everything_when_it_is_mounted(
    drive: Drive, workshop: Open, photos: Path, scorer: FakeScorer
) -> None:
    drive.plug_in(photos)
    write_photos(photos, 4)
    shop = workshop(scorer)
    shop.until_scored(4)
    shop.mark("IMG_002.jpg", Flag.PICK)
    shop.until(lambda: shop.status(photos) == "watched")
    before = dict(shop.rows)
    drive.unplug(photos)
    assert list(photos.iterdir()) == []  # the place stays
    shop.until(lambda: shop.status(photos) == "missing" and shop.notices)
    assert shop.rows == before
    drive.plug_in(photos)
    shop.until(lambda: shop.status(photos) == "watched")
    assert (shop.rows, scorer.call_count) == (before, 4)
    write_photo(photos / "new.jpg", 240)
    shop.until_scored(5)


def test_a_drive_below_a_folder_keeps_its_photos_while_it_is_away(
    drive: Drive, workshop: Open, photos: Path, scorer: FakeScorer
) -> None:
    card = photos / "card"
    card.mkdir()
    drive.plug_in(card)
    write_photos(card / "DCIM", 3)
    write_photo(photos / "own.jpg", 240)
    shop = workshop(scorer)
    shop.until_scored(4)
    shop.until(lambda: shop.status(photos) == "watched")
    before = dict(shop.rows)
    drive.unplug(card)
    card.rmdir()  # as the system does with places that it has made itself
    write_photo(photos / "later.jpg", 230)
    shop.until_scored(5)  # what was announced before has been taken in
    _look(shop, photos)
    assert before.items() <= shop.rows.items()
    card.mkdir()
    drive.plug_in(card)
    (card / "DCIM" / "IMG_000.jpg").unlink()
    _look(shop, photos)
    shop.until(lambda: len(shop.rows) == 4)
    assert before.keys() >= {photo_id for photo_id, row in shop.rows.items() if row.path != photos / "later.jpg"}
    assert scorer.call_count == 5


def _look(shop: Workshop, folder: Path) -> None:
    """Have the folder looked through, to the end."""
    said = len(shop.folder_messages)
    shop.rescan.emit()
    shop.until(lambda: any(_is_scanned(message, folder) for message in shop.folder_messages[said:]))
    shop.until(lambda: shop.status(folder) == "watched")


def _is_scanned(message: FoldersChanged, folder: Path) -> bool:
    return any(state.path == folder and state.status == "scanning" for state in message.folders)
