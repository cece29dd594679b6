"""Files found, read, failed and forgotten."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from maclip_desktop.core.formats import is_film
from maclip_desktop.core.photo import Folder, FoundFile, PhotoInfo, PhotoRow
from maclip_desktop.library.capture import INFO_VERSION, SET_INFO, columns_of_info
from maclip_desktop.library.database import LibraryDatabase
from maclip_desktop.library.folders import all_folders, reaches
from maclip_desktop.library.names import as_list, chunks, from_stored, relative_name, to_stored
from maclip_desktop.library.pairing import PairPart
from maclip_desktop.library.photos import Fault
from maclip_desktop.library.reading import rows_where

_KNOWN = """
    SELECT photo.relative_path, photo.id, photo.size, photo.mtime_ns, photo.state, photo.content_hash
    FROM json_each(?) AS name CROSS JOIN photo ON photo.folder_id = ? AND photo.relative_path = name.value
"""
_KNOWN_BYTES = """
    SELECT relative_path, id, size, mtime_ns, state, content_hash FROM photo
    WHERE folder_id = ? AND relative_path = ?
"""
_NEW = "INSERT INTO photo (folder_id, relative_path, size, mtime_ns, state) VALUES (?, ?, ?, ?, ?) RETURNING id"
_CHANGED = f"""
    UPDATE photo SET
        size = ?, mtime_ns = ?, state = ?, content_hash = NULL, error = NULL, info_version = 0, {SET_INFO}
    WHERE id = ?
"""
# What could not be read before is read again; what could not be scored needs no more than that.
_TRY_AGAIN = """
    UPDATE photo SET
        state = CASE WHEN content_hash IS NULL THEN 'found' ELSE 'identified' END, error = NULL,
        info_version = CASE WHEN width IS NULL THEN 0 ELSE info_version END
"""
# The main files of some files, and those that have one of them as theirs.
_SAME_PHOTO = """
    SELECT photo.main_id FROM json_each(?1) AS named CROSS JOIN photo ON photo.id = named.value
    WHERE photo.main_id IS NOT NULL
    UNION
    SELECT beside.id FROM json_each(?1) AS named CROSS JOIN photo AS beside ON beside.main_id = named.value
"""
_IDENTIFIED = "state = 'identified', error = NULL, content_hash = ?, info_version = ?"
# Copies, and files of the same photo.
_CONCERNED = """
    SELECT main_id,
        EXISTS (SELECT 1 FROM photo AS other WHERE other.content_hash = ?1 AND other.id <> ?2),
        EXISTS (SELECT 1 FROM photo AS beside WHERE beside.main_id = ?2)
    FROM photo WHERE id = ?2
"""


class RecordPart(PairPart):
    def record_found(self, folder: Folder, files: Sequence[FoundFile]) -> list[int]:
        """Record files of *folder*, films too; return the ids of photos that are new or changed.

        First those of *files*, in their order, then photos that have a file more beside theirs. "Changed" means
        another size or modification time of one of its files; a file that changed loses its content hash until it is
        identified again. A photo that could not be reached before counts as changed, too, and keeps its hash. Left
        out is what belongs to another folder inside this one, and everything if the folder itself has been removed
        meanwhile. Raises ValueError for a file outside the folder; then nothing is recorded.
        """
        with self._db.transaction():
            own = self._own(folder, files)
            names = {relative_name(folder.path, file.path): file for file in own}
            known = _known(self._db, folder.id, names)
            new = {name: self._recorded(folder.id, name, file) for name, file in names.items() if name not in known}
            renewed = {name: self._renewed(name, file, known[name]) for name, file in names.items() if name in known}
            recorded = [photo_id for name in names if (photo_id := new.get(name) or renewed.get(name))]
            touched = self._regroup(folder.id, new, set(new.values())) if new else set()
            return list(dict.fromkeys((*self._mains_of(recorded), *sorted(touched))))

    def _recorded(self, folder_id: int, name: str, file: FoundFile) -> int:
        state = "film" if is_film(name) else "found"
        row = self._db.one(_NEW, (folder_id, to_stored(name), file.size, file.mtime_ns, state))
        return int(row[0]) if row else 0

    def _renewed(self, name: str, file: FoundFile, known: tuple[Any, ...]) -> int | None:
        """Record one file that is known; its id, or None if the library knew it just so."""
        photo_id, size, mtime_ns, state, content_hash = known
        if (size, mtime_ns) != (file.size, file.mtime_ns):
            state = "film" if is_film(name) else "found"
            self._db.run(_CHANGED, (file.size, file.mtime_ns, state, *columns_of_info(None), photo_id))
            self._touched_contents.update([content_hash] if content_hash else [])
        elif state == Fault.ACCESS:
            self._db.run(f"{_TRY_AGAIN} WHERE id = ?", (photo_id,))
        else:
            return None
        return int(photo_id)

    def _own(self, folder: Folder, files: Sequence[FoundFile]) -> Sequence[FoundFile]:
        folders = all_folders(self._db)
        if all(known.id != folder.id for known in folders):
            return ()
        inner = [other for other in folders if other.id != folder.id and other.path.is_relative_to(folder.path)]
        return [file for file in files if not any(reaches(other, file.path) for other in inner)]

    def _mains_of(self, file_ids: Sequence[int]) -> list[int]:
        """The photos that files belong to, in their order; films without a photo belong to none."""
        mains = {
            row[0]: row[1]
            for chunk in chunks(file_ids)
            for row in self._db.all(
                "SELECT id, coalesce(main_id, id) FROM photo "
                "WHERE id IN (SELECT value FROM json_each(?)) AND (main_id IS NULL OR main_id <> id)",
                (as_list(chunk),),
            )
        }
        return [mains[file_id] for file_id in file_ids if file_id in mains]

    def forget_photos(self, photo_ids: Iterable[int]) -> None:
        """Take files that are gone out of the library; scores, decisions and history stay.

        Files beside them stay too: a RAW file whose JPEG is gone is a photo of its own (see `take_touched`).
        """
        with self._db.transaction():
            for chunk in chunks(photo_ids):
                # The database itself lets go of main files that are gone, so that _regroup sees nothing of it.
                others = {row[0] for row in self._db.all(_SAME_PHOTO, (as_list(chunk),))}
                self._touched |= others
                self._note_contents(others)
                gone = self._db.all(
                    "DELETE FROM photo WHERE id IN (SELECT value FROM json_each(?)) "
                    "RETURNING folder_id, relative_path, content_hash",
                    (as_list(chunk),),
                )
                self._touched_contents.update(row[2] for row in gone if row[2])
                for folder_id in {row[0] for row in gone}:
                    names = [from_stored(row[1]) for row in gone if row[0] == folder_id and row[1]]
                    self._touched |= self._regroup(folder_id, names)

    def to_identify(self, limit: int, after_id: int = 0, without: Collection[int] = ()) -> list[PhotoRow]:
        """Up to *limit* files with an id above *after_id* that are to be read, by id; files beside a photo too.

        First those whose content is unknown. Then those of which an older program read less than this one does: their
        rows have a content hash, and only what they say of themselves is wanted (`record_identified` with that hash).
        *without*: ids of folders that are not there now.
        """
        page = "photo.id > ? AND photo.folder_id NOT IN (SELECT value FROM json_each(?)) ORDER BY photo.id LIMIT ?"
        away = as_list(without)
        # With both columns of the index given, SQLite finds its rows by id: a look at one page, however many wait.
        wanted = [("found", version) for version in range(INFO_VERSION + 1)]
        wanted += [("identified", version) for version in range(INFO_VERSION)]
        rows: list[PhotoRow] = []
        for state, version in wanted:
            condition = f"photo.state = ? AND photo.info_version = ? AND {page}"
            rows += rows_where(self._db, condition, (state, version, after_id, away, limit - len(rows)))
        return rows

    def record_identified(
        self, photo_id: int, size: int, mtime_ns: int, content_hash: str, info: PhotoInfo | None
    ) -> bool:
        """Record what was read from a photo; False if the file has changed or gone since, and nothing is kept.

        Without *info* what was known of the file before stays.
        """
        about = f", {SET_INFO}" if info else ""
        values = columns_of_info(info) if info else ()
        with self._db.transaction():
            is_kept = self._db.run(
                f"UPDATE photo SET {_IDENTIFIED}{about} WHERE id = ? AND size = ? AND mtime_ns = ? AND state <> 'film'",
                (content_hash, INFO_VERSION, *values, photo_id, size, mtime_ns),
            )
            if is_kept:
                self._tell_others(photo_id, content_hash)
        return bool(is_kept)

    def _tell_others(self, photo_id: int, content_hash: str) -> None:
        """What the content of one file means for its copies, and for the photo it belongs to."""
        for main_id, has_copies, has_beside in self._db.all(_CONCERNED, (content_hash, photo_id)):
            if has_copies:
                self._touched_contents.add(content_hash)
            if main_id is not None or has_beside:
                self._touched_contents |= self._share_marks([main_id or photo_id])
                self._touched.add(main_id or photo_id)

    def record_failed(self, photo_id: int, size: int, mtime_ns: int, error: str, fault: Fault = Fault.CONTENT) -> bool:
        """Record why a photo could not be read or scored; *fault* says for how long it is left alone.

        A content hash that is known stays, so that the photo can still be flagged. False as in
        `record_identified`.
        """
        return (
            self._db.run(
                "UPDATE photo SET state = ?, error = ? WHERE id = ? AND size = ? AND mtime_ns = ? AND state <> 'film'",
                (fault, error, photo_id, size, mtime_ns),
            )
            > 0
        )

    def forget_failures(self, fault: Fault) -> list[int]:
        """Have the photos tried again that failed by this fault; returns their ids."""
        return [row[0] for row in self._db.all(f"{_TRY_AGAIN} WHERE state = ? RETURNING id", (fault,))]

    def try_again(self, photo_ids: Iterable[int] | None = None) -> list[int]:
        """Have failed photos (all, or these, with the files beside them) tried again; returns their ids."""
        failed = f"{_TRY_AGAIN} WHERE state IN ('{Fault.CONTENT}', '{Fault.ACCESS}', '{Fault.SCORER}')"
        returning = "RETURNING coalesce(main_id, id)"
        if photo_ids is None:
            return sorted({row[0] for row in self._db.all(f"{failed} {returning}")})
        again: set[int] = set()
        with self._db.transaction():
            for chunk in chunks(photo_ids):
                ids = as_list(chunk)
                these = "id IN (SELECT value FROM json_each(?)) OR main_id IN (SELECT value FROM json_each(?))"
                again.update(row[0] for row in self._db.all(f"{failed} AND ({these}) {returning}", (ids, ids)))
        return sorted(again)


def _known(db: LibraryDatabase, folder_id: int, names: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    """What is recorded of files: name below the folder -> id, size, mtime, state and content hash."""
    stored = [to_stored(name) for name in names]
    rows = db.all(_KNOWN, (as_list(name for name in stored if isinstance(name, str)), folder_id))
    for name in (name for name in stored if isinstance(name, bytes)):
        rows += db.all(_KNOWN_BYTES, (folder_id, name))
    return {from_stored(row[0]): row[1:] for row in rows}
