"""Marks of a photo with several files: what one file is marked as, the photo is.

A mark belongs to a content, and each file of a photo has its own. What is marked together stays together through
`Store.decide`; the functions here carry a mark over to files that came, or were read, later.
"""

from maclip_desktop.core.flags import Decider
from maclip_desktop.library.database import LibraryDatabase

# Of several marks a person's comes before a rule's, and then the latest.
_BEST_BESIDE = """
    SELECT decision.flag, decision.rating, decision.label, decision.decided_by, decision.decided_at
    FROM photo JOIN decision ON decision.content_hash = photo.content_hash
    WHERE photo.main_id = ? AND photo.id <> ?
    ORDER BY decision.decided_by = 'person' DESC, decision.decided_at DESC LIMIT 1
"""
_OF_MAIN = """
    SELECT decision.flag, decision.rating, decision.label, decision.decided_by, decision.decided_at
    FROM photo JOIN decision ON decision.content_hash = photo.content_hash WHERE photo.id = ?
"""
_GIVE = """
    INSERT INTO decision (content_hash, flag, rating, label, decided_by, decided_at)
    SELECT content_hash, ?, ?, ?, ?, ? FROM photo WHERE id = ? AND content_hash IS NOT NULL
"""
_GIVE_BESIDE = """
    INSERT INTO decision (content_hash, flag, rating, label, decided_by, decided_at)
    SELECT DISTINCT content_hash, ?, ?, ?, ?, ? FROM photo WHERE main_id = ? AND content_hash IS NOT NULL
"""
_INSTEAD_OF_A_RULE = """
    ON CONFLICT (content_hash) DO UPDATE SET
        flag = excluded.flag, decided_by = excluded.decided_by, decided_at = excluded.decided_at
    WHERE decision.decided_by = 'rule'
"""


def carry_up(db: LibraryDatabase, main_id: int) -> None:
    """Give the photo's main file the mark of the files beside it, if it has none or only a rule's."""
    mark = db.one(_BEST_BESIDE, (main_id, main_id))
    if mark is None:
        return
    conflict = _INSTEAD_OF_A_RULE if mark[3] == Decider.PERSON else "ON CONFLICT DO NOTHING"
    db.run(f"{_GIVE} {conflict}", (*mark, main_id))


def share(db: LibraryDatabase, main_id: int) -> None:
    """Give all files of a photo one mark where they have none: one of them has just been read."""
    carry_up(db, main_id)
    mark = db.one(_OF_MAIN, (main_id,))
    if mark is not None:
        db.run(f"{_GIVE_BESIDE} ON CONFLICT DO NOTHING", (*mark, main_id))
