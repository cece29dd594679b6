"""What lies in folders that were looked through and is no photo: it is said, and JSON accounts for it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from maclip_desktop.commands.run_library import plural
from maclip_desktop.console import Console
from maclip_desktop.core.formats import is_film
from maclip_desktop.core.photo import PhotoDetails, PhotoRow
from maclip_desktop.library.store import Store


def no_photo(path: Path, sentence: str) -> PhotoDetails:
    """An entry for what is no photo of the library; *sentence* says why."""
    return PhotoDetails(PhotoRow(id=0, folder_id=0, path=path, size=0, mtime_ns=0, error=sentence), None)


def entries(others: Sequence[Path], films: Sequence[Path]) -> Iterator[PhotoDetails]:
    """What JSON says of them."""
    for path in others:
        yield no_photo(path, f"{path} is no photo by its name and was passed over.")
    for path in films:
        yield no_photo(path, f"{path} is a film without a photo of the same name and was passed over.")


def say(others: Sequence[Path], films: Sequence[Path], console: Console) -> None:
    """A sentence for each kind of them that there is."""
    for paths, what in (
        (others, "they are no photos by their names"),
        (films, "they are films without a photo of the same name"),
    ):
        if paths:
            console.say(f"Passed over, because {what}: {plural(len(paths), 'file')}.")


def lonely_films(store: Store, asked: Sequence[Path], recursive: bool) -> list[Path]:
    """Films at or in the paths *asked* that belong to no photo, by path. The library has been brought up to date."""
    films = (
        path
        for folder in store.folders()
        for path in map(folder.path.joinpath, store.known_files(folder.id))
        if is_film(path) and any(_is_at(path, one, recursive) for one in asked)
    )
    return sorted(path for path in films if not store.photos_at(path))


def _is_at(path: Path, asked: Path, recursive: bool) -> bool:
    return path in (asked, asked / path.name) or (recursive and path.is_relative_to(asked))
