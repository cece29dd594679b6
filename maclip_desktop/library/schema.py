"""The tables of the library, and the steps from one version of them to the next.

A step and the record that it was done are one transaction. Steps are only ever added: libraries of every
earlier version are in people's hands.
"""

from collections.abc import Callable

from maclip_desktop.core.formats import FILM_SUFFIXES
from maclip_desktop.errors import LibraryError
from maclip_desktop.library.database import LibraryDatabase
from maclip_desktop.library.pairing import group_library

APPLICATION_ID = 0x4D61436C
"""``MaCl`` in ASCII, in the file's header: tells our libraries from other programs' databases."""

# Paths are text, or the file system's bytes where those are no text; hence no declared type. Ids are never used
# twice (AUTOINCREMENT): work in flight may still name a photo or folder that has been removed.
_VERSION_1 = (
    """
    CREATE TABLE folder (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        path NOT NULL UNIQUE,
        watched INTEGER NOT NULL,
        recursive INTEGER NOT NULL,
        added_at REAL NOT NULL
    )
    """,
    """
    CREATE TABLE photo (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
        relative_path NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        content_hash TEXT,
        width INTEGER,
        height INTEGER,
        captured_at REAL,
        camera TEXT,
        state TEXT NOT NULL CHECK (state IN ('found', 'identified', 'failed', 'unreachable', 'unscored')),
        error TEXT,
        UNIQUE (folder_id, relative_path)
    )
    """,
    "CREATE INDEX photo_by_content ON photo (content_hash)",
    "CREATE INDEX photo_by_state ON photo (state)",
    """
    CREATE TABLE score (
        content_hash TEXT NOT NULL,
        model_id TEXT NOT NULL,
        scorer TEXT NOT NULL,
        value REAL NOT NULL,
        views INTEGER NOT NULL,
        q_sim REAL,
        q_mag REAL,
        w_sim REAL,
        w_mag REAL,
        prompts TEXT,
        technical TEXT,
        scored_at REAL NOT NULL,
        embedding BLOB,
        PRIMARY KEY (content_hash, model_id)
    )
    """,
    # The whole grid reads these three columns. Without them in one index it would read every embedding's page.
    "CREATE INDEX score_value ON score (content_hash, model_id, value)",
    """
    CREATE TABLE decision (
        content_hash TEXT PRIMARY KEY,
        flag INTEGER NOT NULL DEFAULT 0,
        rating INTEGER,
        label TEXT,
        decided_by TEXT,
        decided_at REAL
    )
    """,
    """
    CREATE TABLE history (
        id INTEGER PRIMARY KEY,
        action TEXT NOT NULL,
        at REAL NOT NULL,
        undone INTEGER NOT NULL DEFAULT 0,
        changes TEXT NOT NULL
    )
    """,
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    f"PRAGMA application_id = {APPLICATION_ID}",
)


# Tiles: the score of each, little-endian float32, of the photo as it was fitted; none for scores made before.
# The index: the grid reads the current model's score, and where there is none the latest of another.
_VERSION_2 = (
    "ALTER TABLE score ADD COLUMN tiles_width INTEGER",
    "ALTER TABLE score ADD COLUMN tiles_height INTEGER",
    "ALTER TABLE score ADD COLUMN tiles_whole REAL",
    "ALTER TABLE score ADD COLUMN tiles BLOB",
    "CREATE INDEX score_shown ON score (content_hash, model_id, value, scorer, scored_at)",
    "DROP INDEX score_value",
)

# The photo's table is made anew, for a CHECK cannot be changed. main_id: the photo that a file belongs to, itself for
# a film without a photo; NULL for the file that is shown. info_version: which program read what the file says of
# itself; 0 asks for its being read again. The indexes: copies are counted among what is shown, and few files have a
# main file.
_VERSION_3 = (
    "ALTER TABLE folder ADD COLUMN include TEXT",
    "ALTER TABLE folder ADD COLUMN exclude TEXT",
    "ALTER TABLE folder ADD COLUMN identity TEXT",
    """
    CREATE TABLE photo_3 (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        folder_id INTEGER NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
        relative_path NOT NULL,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        content_hash TEXT,
        width INTEGER,
        height INTEGER,
        captured_at REAL,
        camera TEXT,
        state TEXT NOT NULL CHECK (state IN ('found', 'identified', 'failed', 'unreachable', 'unscored', 'film')),
        error TEXT,
        main_id INTEGER REFERENCES photo_3 (id) ON DELETE SET NULL,
        info_version INTEGER NOT NULL DEFAULT 0,
        zone_minutes INTEGER,
        lens TEXT,
        exposure_s REAL,
        f_number REAL,
        iso INTEGER,
        focal_mm REAL,
        has_gps INTEGER NOT NULL DEFAULT 0,
        camera_rating INTEGER,
        UNIQUE (folder_id, relative_path)
    )
    """,
    """
    INSERT INTO photo_3 (id, folder_id, relative_path, size, mtime_ns, content_hash, width, height, captured_at,
        camera, state, error)
    SELECT id, folder_id, relative_path, size, mtime_ns, content_hash, width, height, captured_at,
        camera, state, error FROM photo
    """,
    # Ids of photos that are gone are not given to others.
    "DELETE FROM sqlite_sequence WHERE name = 'photo_3'",
    "INSERT INTO sqlite_sequence (name, seq) SELECT 'photo_3', seq FROM sqlite_sequence WHERE name = 'photo'",
    "DROP TABLE photo",
    "ALTER TABLE photo_3 RENAME TO photo",
    "CREATE INDEX photo_by_content ON photo (content_hash, main_id)",
    "CREATE INDEX photo_by_state ON photo (state, info_version)",
    "CREATE INDEX photo_beside ON photo (main_id) WHERE main_id IS NOT NULL",
)


def _step(statements: tuple[str, ...]) -> Callable[[LibraryDatabase], None]:
    def run(db: LibraryDatabase) -> None:
        for statement in statements:
            db.run(statement)

    return run


def _version_3(db: LibraryDatabase) -> None:
    _step(_VERSION_3)(db)
    # Before, somebody may have named a film, which was then a photo that could not be read.
    for suffix in FILM_SUFFIXES:
        db.run("UPDATE photo SET state = 'film', error = NULL WHERE relative_path LIKE ?", (f"%{suffix}",))
    group_library(db)


MIGRATIONS: tuple[Callable[[LibraryDatabase], None], ...] = (_step(_VERSION_1), _step(_VERSION_2), _version_3)
"""The step at position n turns version n into version n + 1."""


def migrate(db: LibraryDatabase, back_up: Callable[[int], object]) -> None:
    """Bring the file to this program's version; a step that fails leaves the version before it intact.

    *back_up* is called with the version before each step of a library that has something in it; while it is at work
    nobody can write, and if it raises, the step is not begun.

    Raises:
        LibraryError: the file was made by a newer version of the program.
    """
    while True:
        with db.transaction():
            # Read under the write lock: another process may be at the same step.
            version = version_of(db)
            if version > len(MIGRATIONS):
                raise LibraryError(
                    f"The library {db.path} {newer(version)}; "
                    "update the program or choose another library with --library."
                )
            if version == len(MIGRATIONS):
                return
            if version and has_content(db):
                back_up(version)
            MIGRATIONS[version](db)
            # A pragma takes no parameters; this one is part of the transaction.
            db.run(f"PRAGMA user_version = {version + 1}")


def newer(version: int) -> str:
    """In words that follow a file's name: that this program is too old for a library of this version."""
    return f"was made by a newer version of MaClip Desktop (schema {version})"


def version_of(db: LibraryDatabase) -> int:
    """The version of the file's tables; 0 for a new file."""
    row = db.one("PRAGMA user_version")
    return int(row[0]) if row else 0


def has_content(db: LibraryDatabase) -> bool:
    """Whether a library has anything in it that could be lost."""
    return any(db.one(f"SELECT 1 FROM {table} LIMIT 1") for table in ("folder", "decision", "score"))
