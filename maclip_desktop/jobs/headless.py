"""The whole path without a window: find photos, read them, score them, keep the results."""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from itertools import islice
from pathlib import Path

from maclip_desktop.core.photo import Folder, PhotoRow
from maclip_desktop.disk import is_directory, is_file
from maclip_desktop.errors import FolderError
from maclip_desktop.jobs.scan import found_files, scan
from maclip_desktop.jobs.scoring_queue import wants_score
from maclip_desktop.jobs.steadiness import SteadyScorer
from maclip_desktop.jobs.tasks import ScoreResult, ahead, identify, save_identified, save_results, score_photos
from maclip_desktop.library.store import Store
from maclip_desktop.scoring.scorer import Scorer
from maclip_desktop.watching.walk import one_form

log = logging.getLogger(__name__)

READ_BATCH = 50

Report = Callable[[str, int, int], None]
"""Called with what is being done, how many photos are done, and of how many."""
Say = Callable[[str], None]
"""Called with a sentence for the person."""


class HeadlessRun:
    """One run over a library, in one thread, with a pool for decoding beside it."""

    def __init__(self, store: Store, pool: Executor, look_ahead: int, report: Report, say: Say = log.warning) -> None:
        self._store = store
        self._pool = pool
        self._look_ahead = look_ahead
        self._report = report
        self._say = say
        self._others: dict[Path, None] = {}
        self._named: set[Path] = set()

    @property
    def passed_over(self) -> list[Path]:
        """Files in the folders walked that are no photos by their name and were not named, each once."""
        return [path for path in self._others if path not in self._named]

    def find(self, paths: Iterable[Path], recursive: bool) -> tuple[list[int], dict[Path, str]]:
        """Bring the library up to date with *paths*; returns the ids of their photos, and what went wrong.

        A folder is walked for photos; a file that is named is taken whatever its name ends in. Folders come first:
        walking one would take a file out of the library again that is no photo by its name.
        """
        problems: dict[Path, str] = {}
        ids: dict[int, None] = {}
        for path in sorted((Path(one_form(str(path))) for path in paths), key=is_file):
            try:
                found = self._find_file(path) if is_file(path) else self._find_folder(path, recursive, problems)
            except FolderError as error:
                problems[path] = str(error)
                continue
            ids.update(dict.fromkeys(found))
        return list(ids), problems

    def read(self, photo_ids: Iterable[int]) -> None:
        """Identify photos nobody has read yet, and once more those that failed: they were asked for."""
        rows = [row for row in self._store.rows(photo_ids) if row.content_hash is None or row.error is not None]
        pairs = ahead(rows, identify, self._pool, self._look_ahead)
        done = 0
        while batch := [future.result() for _, future in islice(pairs, READ_BATCH)]:
            save_identified(self._store, batch)
            done += len(batch)
            self._report("reading", done, len(rows))

    def score(self, photo_ids: Iterable[int], scorer: Scorer) -> int:
        """Score what has no score by this scorer yet; returns how many photos the model was asked for.

        Raises `DeviceError` where the scorer fails and not photos; what it failed on stays unscored.
        """
        self._store.set_current_model(scorer.model_id, scorer.name)
        ids = list(photo_ids)
        tried: set[int] = set()
        # More than one round only where a file has vanished of which there are copies.
        while wanting := _each_content_once(self._wanting(ids, tried)):
            done = len(tried)
            tried.update(row.id for row in wanting)
            for results in self._results(wanting, scorer):
                save_results(self._store, results)
                done += len(results)
                self._report("scoring", done, len(tried))
        return len(tried)

    def _results(self, rows: list[PhotoRow], scorer: Scorer) -> Iterator[list[ScoreResult]]:
        steady = SteadyScorer(scorer)
        batches = score_photos(
            rows, steady.watched, self._pool, batch=scorer.photos_at_once, look_ahead=self._ahead_of(scorer)
        )
        for batch in batches:
            yield steady.judge(batch)
            notice = scorer.take_notice()
            if notice:
                self._say(notice)
        yield steady.release()

    def _ahead_of(self, scorer: Scorer) -> int:
        """While the model has a batch, the next one must be decoded, however few the decoders are."""
        return max(self._look_ahead, 2 * scorer.photos_at_once)

    def _wanting(self, photo_ids: list[int], tried: set[int]) -> Iterator[PhotoRow]:
        return (row for row in self._store.rows(photo_ids) if wants_score(row) and row.id not in tried)

    def _find_file(self, path: Path) -> list[int]:
        self._named.add(path)
        if self._store.folder_for(path) is None:
            self._store.add_folder(path.parent, watched=False, recursive=False)
        for owner, files in found_files(self._store, [path]):
            self._store.record_found(owner, files)
        return list(self._store.photos_at(path))

    def _find_folder(self, path: Path, recursive: bool, problems: dict[Path, str]) -> list[int]:
        if not is_directory(path):
            raise FolderError(f"{path} does not exist or cannot be opened; check its name and permissions.")
        folder = self._store.add_folder(path, watched=False, recursive=recursive)
        others = self._scan(folder, None if folder.path == path else path, problems)
        # A folder known as recursive is walked as one.
        self._others.update(dict.fromkeys(other for other in others if recursive or other.parent == path))
        if recursive:
            # Folders of their own inside this one are left out by its scan.
            for inner in self._store.folders():
                if path in inner.path.parents and folder.path != inner.path:
                    self._others.update(dict.fromkeys(self._scan(inner, None, problems)))
        found = self._store.photos_at(path)
        if recursive:
            return list(found)
        return [row.id for row in self._store.rows(found) if row.path.parent == path]

    def _scan(self, folder: Folder, below: Path | None, problems: dict[Path, str]) -> list[Path]:
        others: list[Path] = []
        try:
            for step in scan(self._store, folder, below, others.append):
                problems.update(step.problems)
                self._report("looking through folders", len(step.changed), 0)
        except FolderError as error:
            problems[below or folder.path] = str(error)
        return others


def _each_content_once(rows: Iterable[PhotoRow]) -> list[PhotoRow]:
    """Copies share a score, so one of them is enough."""
    return list({row.content_hash: row for row in rows}.values())
