"""The tables of the library, and the steps from one version of them to the next.

A step and the record that it was done are one transaction. Steps are only ever added: libraries of every
earlier version are in people's hands.
"""

from collections.abc import Callable

from maclip_desktop.errors import LibraryError
from maclip_desktop.library.database import LibraryDatabase

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


def _step(statements: tuple[str, ...]) -> Callable[[LibraryDatabase], None]:
    def run(db: LibraryDatabase) -> None:
        for statement in statements:
            db.run(statement)

    return run


MIGRATIONS: tuple[Callable[[LibraryDatabase], None], ...] = (_step(_VERSION_1), _step(_VERSION_2))
"""The step at position n turns version n into version n + 1."""


def migrate(db: LibraryDatabase) -> None:
    """Bring the file to this program's version; a step that fails leaves the version before it intact.

    Raises:
        LibraryError: the file was made by a newer version of the program.
    """
    while True:
        with db.transaction():
            # Read under the write lock: another process may be at the same step.
            version = version_of(db)
            if version > len(MIGRATIONS):
                raise LibraryError(
                    f"The library {db.path} was made by a newer version of MaClip Desktop (schema {version}); "
                    "update the program or choose another library with --library."
                )
            if version == len(MIGRATIONS):
                return
            MIGRATIONS[version](db)
            # A pragma takes no parameters; this one is part of the transaction.
            db.run(f"PRAGMA user_version = {version + 1}")


def version_of(db: LibraryDatabase) -> int:
    """The version of the file's tables; 0 for a new file."""
    row = db.one("PRAGMA user_version")
    return int(row[0]) if row else 0
