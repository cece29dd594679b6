"""What is in a library, in numbers."""

from dataclasses import dataclass
from pathlib import Path

from maclip_desktop.library.backups import backups_of
from maclip_desktop.library.part import StorePart
from maclip_desktop.library.schema import version_of

_CURRENT = "(SELECT model_id FROM temp.shown_model)"
_SCORED = f"EXISTS (SELECT 1 FROM score WHERE score.content_hash = photo.content_hash AND model_id = {_CURRENT})"

# Empty files are alike, but none is a copy of another one.
_NOT_EMPTY = "photo WHERE main_id IS NULL AND size > 0"


@dataclass(frozen=True, slots=True)
class LibraryStats:
    """Numbers of one library. Every photo is scored, failed or waiting."""

    path: Path
    schema_version: int
    folders: int
    watched_folders: int
    photos: int
    """What a person sees as photos; a RAW file with its JPEG is one."""
    files: int
    """Files of these photos, films too."""
    scored: int
    """Photos with a score by the library's current model."""
    failed: int
    """Photos that could not be read or scored."""
    waiting: int
    """Photos that are still to be read or scored."""
    duplicates: int
    """Photos that could go without a content being lost: of three copies two."""
    picks: int
    rejects: int
    marks_without_photo: int
    """Marks on contents that no file of the library has now; they are back when the file is."""
    journal_steps: int
    """Steps that can be taken back or done again."""
    bytes: int
    """Of the library file, its write-ahead log included."""
    backups: int
    """Backups in the folder beside the library."""
    backup_bytes: int
    model_id: str | None
    """The library's current model."""


class StatisticsPart(StorePart):
    def stats(self) -> LibraryStats:
        """Count what is in the library, all at one moment."""
        backups = backups_of(self._db.path)
        with self._db.snapshot():
            photos = self._count("photo WHERE main_id IS NULL")
            scored = self._count(f"photo WHERE main_id IS NULL AND error IS NULL AND {_SCORED}")
            failed = self._count("photo WHERE main_id IS NULL AND error IS NOT NULL")
            contents = self._count(f"(SELECT DISTINCT content_hash FROM {_NOT_EMPTY})", "content_hash")
            model = self._db.one("SELECT model_id FROM temp.shown_model")
            return LibraryStats(
                path=self._db.path,
                schema_version=version_of(self._db),
                folders=self._count("folder"),
                watched_folders=self._count("folder WHERE watched"),
                photos=photos,
                files=self._count("photo"),
                scored=scored,
                failed=failed,
                waiting=photos - scored - failed,
                duplicates=self._count(_NOT_EMPTY, "content_hash") - contents,
                picks=self._marked("> 0"),
                rejects=self._marked("< 0"),
                marks_without_photo=self._count(
                    "decision WHERE content_hash NOT IN (SELECT content_hash FROM photo WHERE content_hash IS NOT NULL)"
                ),
                journal_steps=self._count("history"),
                bytes=_bytes([self._db.path, self._db.path.with_name(f"{self._db.path.name}-wal")]),
                backups=len(backups),
                backup_bytes=_bytes(backups),
                model_id=model[0] if model else None,
            )

    def _count(self, what: str, column: str = "*") -> int:
        row = self._db.one(f"SELECT count({column}) FROM {what}")
        return int(row[0]) if row else 0

    def _marked(self, flag: str) -> int:
        return self._count(f"photo JOIN decision USING (content_hash) WHERE main_id IS NULL AND flag {flag}")


def _bytes(files: list[Path]) -> int:
    total = 0
    for file in files:
        try:
            total += file.stat().st_size
        except OSError:
            # Taken away meanwhile: a write-ahead log goes with the last who has the library open.
            continue
    return total
