"""What no event tells, or not reliably: silent drives, lost announcements, bursts, names in another case."""

from functools import partial
from pathlib import Path

import pytest

from maclip_desktop.core.photo import Folder
from maclip_desktop.jobs import bursts, files_worker, folder_watch, watching_run
from maclip_desktop.jobs.watching_run import changed_photos
from maclip_desktop.watching import walk, watcher
from maclip_desktop.watching.rounds import Rounds
from maclip_desktop.watching.true_names import TrueNames
from maclip_desktop.watching.watcher import FolderWatcher
from tests.helpers.pictures import write_photo, write_photos
from tests.helpers.workshop import Open, Workshop


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every drive is one that announces nothing; rounds are short."""
    monkeypatch.setattr(watcher, "is_silent", lambda _: True)
    for module in (folder_watch, watching_run):
        monkeypatch.setattr(module, "Rounds", partial(Rounds, first_s=0.05, rest=1.0, longest_s=0.2))


def calm(shop: Workshop, photos: Path, status: str = "watched") -> None:
    shop.until(lambda: shop.ready and shop.status(photos) == status)


class TestASilentDrive:
    def test_is_looked_through_again_and_again(self, workshop: Open, photos: Path, silent: None) -> None:
        shop = workshop()
        calm(shop, photos, "polled")
        assert "is looked through for changes about once a minute" in shop.notices[0].text
        for number in range(2):
            path = write_photo(photos / f"{number}.jpg", 90 + number)
            shop.until_scored(number + 1)
        path.unlink()
        shop.until(lambda: len(shop.rows) == 1)

    def test_that_is_gone_is_missing_and_back_when_it_is(self, workshop: Open, photos: Path, silent: None) -> None:
        write_photos(photos, 2)
        shop = workshop()
        shop.until_scored(2)
        photos.rename(photos.with_name("away"))
        shop.until(lambda: shop.status(photos) == "missing")
        photos.with_name("away").rename(photos)
        calm(shop, photos, "polled")
        write_photo(photos / "new.jpg", 230)
        shop.until_scored(3)

    def test_is_looked_through_without_a_window(
        self, photos: Path, silent: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(watching_run, "SETTLE_SECONDS", 0.02)
        found = changed_photos([photos], True, bool)
        assert [next(found) for _ in range(3)] == [[photos]] * 3
        found.close()  # type: ignore[attr-defined]


class TestLostAnnouncements:
    @pytest.fixture
    def deaf(self, workshop: Open, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
        """Nothing that happens in the folder is heard."""
        schedule = FolderWatcher._schedule
        monkeypatch.setattr(
            FolderWatcher, "_schedule", lambda self, _, recursive, patterns: schedule(self, OTHER, recursive, patterns)
        )
        shop = workshop()
        calm(shop, photos)
        write_photos(photos, 2)
        return shop

    def test_have_every_folder_looked_through(self, deaf: Workshop) -> None:
        # As watchdog's thread says it.
        deaf.library._watch._watcher._dirty.lose()
        deaf.until_scored(2)

    def test_are_made_good_without_a_window(self, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(watching_run, "SETTLE_SECONDS", 0.02)
        made = FolderWatcher
        watchers: list[FolderWatcher] = []

        def make(on_dirty: object) -> FolderWatcher:
            watchers.append(made(on_dirty))  # type: ignore[arg-type]
            return watchers[0]

        found = changed_photos([photos], True, bool, make_watcher=make)
        next(found)
        watchers[0]._dirty.lose()
        assert next(found) == [photos]
        found.close()  # type: ignore[attr-defined]

    def test_may_be_among_very_many(self, workshop: Open, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bursts, "BURST_PATHS", 5)
        shop = workshop()
        calm(shop, photos)
        looked: list[Folder] = []
        add = shop.library._scans.add

        def noted(folder: Folder, below: Path | None = None) -> None:
            looked.append(folder)
            add(folder, below)

        monkeypatch.setattr(shop.library._scans, "add", noted)
        write_photos(photos, 20)
        shop.until(lambda: looked)
        shop.until_scored(20)


OTHER = Path(__file__).parent
"""A directory in which nothing happens."""


def test_a_photo_renamed_to_another_case_is_one_photo(
    workshop: Open, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a drive that shows one name and opens both; here the other name is a second link that no listing shows."""
    shown = {"IMG.JPG"}

    def listing(folder: Path) -> list[str]:
        return [path.name for path in folder.iterdir() if path.name in shown]

    entries = walk._entries
    monkeypatch.setattr(walk, "_entries", lambda folder: [entry for entry in entries(folder) if entry.name in shown])
    monkeypatch.setattr(files_worker, "TrueNames", partial(TrueNames, listing))
    path = write_photo(photos / "IMG.JPG")
    shop = workshop()
    shop.until_scored(1)
    calm(shop, photos)
    shown.remove("IMG.JPG")
    shown.add("img.jpg")
    (photos / "img.jpg").hardlink_to(path)
    path.open("ab").close()  # both names are announced
    shop.until(lambda: [row.path.name for row in shop.rows.values()] == ["img.jpg"])
    shop.until_scored(1)
    assert [row.copies for row in shop.rows.values()] == [1]


def test_new_directories_that_cannot_be_watched_any_more_are_noticed(
    workshop: Open, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = workshop()
    calm(shop, photos)
    monkeypatch.setattr(FolderWatcher, "_check_limit", _no_more)
    write_photos(photos / "fresh", 2)
    calm(shop, photos, "polled")
    assert "max_user_watches" in shop.notices[0].text
    shop.until_scored(2)


def _no_more(self: FolderWatcher, recursive: bool) -> None:
    raise OSError(28, "no space left on device")
