"""What commands that work on the library share."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from maclip_desktop.commands.user_paths import whole
from maclip_desktop.console import Console
from maclip_desktop.errors import FolderError, LibraryError
from maclip_desktop.imaging.apart import decoding_apart
from maclip_desktop.jobs.headless import HeadlessRun
from maclip_desktop.jobs.tasks import decode_threads
from maclip_desktop.library.store import Store


@contextmanager
def headless_run(store: Store, console: Console) -> Iterator[HeadlessRun]:
    """A run over *store* with a decode pool that is gone afterwards."""
    threads = decode_threads()

    def report(what: str, done: int, total: int) -> None:
        console.progress(f"{what}: {done} of {total} photos" if total else f"{what} …")

    with decoding_apart(), ThreadPoolExecutor(threads, thread_name_prefix="decode") as pool:
        yield HeadlessRun(store, pool, look_ahead=2 * threads, report=report, say=console.say)
    console.end_progress()


def open_existing(library_file: Path) -> Store:
    """Open a library for a command that needs something in it; a mistyped name must not make an empty one."""
    try:
        library_file.stat()
    except FileNotFoundError:
        raise LibraryError(f"There is no library {library_file} yet; 'maclip-desktop score PATH' makes one.") from None
    except OSError as error:
        raise LibraryError(
            f"The library {library_file} cannot be opened ({error.strerror}); check its name and permissions."
        ) from error
    return Store.open(library_file)


def photos_of(store: Store, paths: list[Path]) -> list[int] | None:
    """Ids of the library's photos at or below *paths*; None, which means all, where no path is given."""
    if not paths:
        return None
    ids: dict[int, None] = {}
    for path in paths:
        found = store.photos_at(whole(path))
        if not found:
            raise FolderError(f"The library holds no photos at {path}; 'maclip-desktop score {path}' puts them there.")
        ids.update(dict.fromkeys(found))
    return list(ids)


def plural(count: int, thing: str = "photo") -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
