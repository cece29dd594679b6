"""Which file of a photo is shown, kept in the column ``main_id`` as files come and go.

`core.pairs.mains` says what belongs together. Files of one photo lie in one directory and so in one folder of the
library. Where pairs are switched off, each picture file is a photo; films are none of their own in either case.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from maclip_desktop.core.formats import is_film
from maclip_desktop.core.pairs import mains, stem_of
from maclip_desktop.library.database import LibraryDatabase
from maclip_desktop.library.marks import carry_up, share
from maclip_desktop.library.names import as_list, chunks, from_stored, is_inside, to_stored
from maclip_desktop.library.part import StorePart

# What is named like a stem begins with it and a dot; "/" follows "." in every encoding.
_MATES = """
    SELECT id, relative_path, main_id FROM photo
    WHERE folder_id = ? AND relative_path > ? AND relative_path < ? ORDER BY relative_path
"""
_MATES_OF_MANY = """
    SELECT photo.id, photo.relative_path, photo.main_id FROM json_each(?) AS stem
    CROSS JOIN photo ON photo.folder_id = ? AND photo.relative_path > stem.value || '.'
        AND photo.relative_path < stem.value || '/'
"""

_CONTENTS = """
    SELECT DISTINCT content_hash FROM photo WHERE content_hash IS NOT NULL
    AND (id IN (SELECT value FROM json_each(?1)) OR main_id IN (SELECT value FROM json_each(?1)))
"""


class PairPart(StorePart):
    def pairs(self) -> bool:
        """Whether a RAW file and a JPEG of one name, or a HEIC and its film, are one photo; on unless switched off."""
        return pairs_on(self._db)

    def set_pairs(self, on: bool) -> None:
        """Show files of one name as one photo, or each for itself; marks and scores of all of them stay."""
        with self._db.transaction():
            self._db.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('pairs', ?)", ("1" if on else "0",))
            for (folder_id,) in self._db.all("SELECT id FROM folder"):
                self._touched |= self._regroup_all(folder_id)

    def take_hidden(self) -> tuple[int, ...]:
        """Ids of what stopped being photos of their own since the last call: they became files of another photo."""
        hidden = tuple(sorted(self._hidden))
        self._hidden.clear()
        return hidden

    def take_touched(self) -> tuple[int, ...]:
        """Ids of photos whose row changed since the last call although the call that did it named other ones.

        Photos of which a copy came or went, and photos that got or lost a file beside theirs. To be asked for after
        `record_found`, `record_identified`, `forget_photos`, `remove_folder`, `add_folder`, `set_pairs` and
        `relocate`. Ids of files that are no photos of their own, or not any more, may be among them: `rows` passes
        them over.
        """
        touched = self._touched | set(self._photos_of(self._touched_contents))
        self._touched.clear()
        self._touched_contents.clear()
        return tuple(sorted(touched))

    def _photos_of(self, hashes: Iterable[str]) -> Iterator[int]:
        """Ids of the photos that have one of these contents, or a file of it beside theirs."""
        for chunk in chunks(hashes):
            yield from (
                row[0]
                for row in self._db.all(
                    "SELECT DISTINCT coalesce(main_id, id) FROM photo "
                    "WHERE content_hash IN (SELECT value FROM json_each(?))",
                    (as_list(chunk),),
                )
            )

    def _regroup(self, folder_id: int, names: Iterable[str], new: Collection[int] = ()) -> set[int]:
        """Set what is shown right among the files that share a stem with *names*, relative to their folder.

        *new*: ids of files that were no photos before this call. Returns the ids of photos whose row changed.
        """
        touched: set[int] = set()
        for chunk in chunks({stem_of(name) for name in names}):
            touched |= self._set_mains(_mates(self._db, folder_id, chunk), new)
        return touched

    def _regroup_all(self, folder_id: int) -> set[int]:
        return self._set_mains(_files_of_folder(self._db, folder_id))

    def _note_contents(self, file_ids: Iterable[int]) -> None:
        """Photos of the same content as these files may show another mark, or another number of copies."""
        for chunk in chunks(file_ids):
            rows = self._db.all(
                "SELECT DISTINCT content_hash FROM photo "
                "WHERE content_hash IS NOT NULL AND id IN (SELECT value FROM json_each(?))",
                (as_list(chunk),),
            )
            self._touched_contents.update(row[0] for row in rows)

    def _share_marks(self, main_ids: Collection[int]) -> set[str]:
        """Of these photos a file has been read, or marked again: see `marks.share`. Returns all their contents."""
        for main_id in main_ids:
            share(self._db, main_id)
        return {row[0] for row in self._db.all(_CONTENTS, (as_list(main_ids),))}

    def _set_mains(self, files: Iterable["_File"], new: Collection[int] = ()) -> set[int]:
        changes = set_mains(self._db, files)
        self._note_contents({file_id for file, main in changes for file_id in (file.id, main) if file_id is not None})
        shown = {file.id for file, main in changes if main is None}
        beside = {file.id for file, main in changes if main is not None}
        came = {file.id for file, _ in changes if file.main_id is None and file.id in beside and not is_film(file.name)}
        self._hidden.update(came.difference(new))
        self._hidden.difference_update(shown)
        mains = {main for file, main in changes for main in (main, file.main_id) if main is not None}
        return shown | (mains - beside)


class _File(NamedTuple):
    id: int
    name: str
    main_id: int | None


def pairs_on(db: LibraryDatabase) -> bool:
    """Whether files of one name are one photo in this library."""
    return db.one("SELECT 1 FROM meta WHERE key = 'pairs' AND value = '0'") is None


def set_mains(db: LibraryDatabase, files: Iterable[_File]) -> list[tuple[_File, int | None]]:
    """Correct the main file of each of *files*, which hold whole groups; returns what changed, with the new ids."""
    changes = list(_changes(files, is_on=pairs_on(db)))
    if changes:
        db.run_many("UPDATE photo SET main_id = ? WHERE id = ?", [(main, file.id) for file, main in changes])
        for main in {main for file, main in changes if main not in (None, file.id)}:
            carry_up(db, main)
    return changes


def group_library(db: LibraryDatabase) -> None:
    """Correct all files: for a library that was made before files had others beside them."""
    for (folder_id,) in db.all("SELECT id FROM folder"):
        set_mains(db, _files_of_folder(db, folder_id))


def _files_of_folder(db: LibraryDatabase, folder_id: int) -> Iterator[_File]:
    return _files(db.all("SELECT id, relative_path, main_id FROM photo WHERE folder_id = ?", (folder_id,)))


def _mates(db: LibraryDatabase, folder_id: int, stems: Iterable[str]) -> Iterator[_File]:
    stored = [to_stored(stem) for stem in stems]
    rows = db.all(_MATES_OF_MANY, (as_list(stem for stem in stored if isinstance(stem, str)), folder_id))
    for stem in (stem for stem in stored if isinstance(stem, bytes)):
        rows += db.all(_MATES, (folder_id, stem + b".", stem + b"/"))
    return _files(rows)


def _files(rows: Iterable[tuple[Any, ...]]) -> Iterator[_File]:
    return (_File(row[0], from_stored(row[1]), row[2]) for row in rows if is_inside(row[1]))


def _changes(files: Iterable[_File], *, is_on: bool) -> Iterator[tuple[_File, int | None]]:
    """Files whose main file is another one than it should be, with the id of that."""
    by_stem: dict[str, list[_File]] = {}
    for file in files:
        by_stem.setdefault(stem_of(file.name), []).append(file)
    for group in by_stem.values():
        if len(group) == 1 and group[0].main_id is None and not is_film(group[0].name):
            continue
        ids = {file.name: file.id for file in group}
        wanted = mains(ids) if is_on else {name: name if is_film(name) else None for name in ids}
        for file in group:
            main = wanted[file.name]
            main_id = None if main is None else ids[main]
            if main_id != file.main_id:
                yield file, main_id
