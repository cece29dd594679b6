"""Files come, go, move and are marked in any order: no mark of a person is lost, and the window is told of all."""

import os
import random
import shutil
from itertools import count
from pathlib import Path

import pytest

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import PhotoInfo, PhotoRow
from maclip_desktop.jobs.scan import scan
from maclip_desktop.library.store import Store

STEPS = 80
Marks = dict[str, tuple[int, str]]


class Desk:
    """A library, its folder, and what a window that only hears of changes shows."""

    def __init__(self, store: Store, folder: Path, chance: random.Random) -> None:
        self.store, self.chance = store, chance
        self.folder = folder
        self.shown: dict[int, PhotoRow] = {}
        self._times = count(1)

    def marks(self) -> Marks:
        rows = self.store._db.all("SELECT content_hash, flag, decided_by FROM decision WHERE decided_by IS NOT NULL")
        return {content: (flag, by) for content, flag, by in rows}

    def hear(self, *ids: int) -> None:
        told = {*ids, *self.store.take_touched(), *self.store.take_hidden()}
        self.shown = {photo_id: row for photo_id, row in self.shown.items() if photo_id not in told}
        self.shown.update((row.id, row) for row in self.store.rows(told))

    def place(self, suffix: str) -> Path:
        directory = self.folder / self.chance.choice("12")
        directory.mkdir(exist_ok=True)
        return directory / (self.chance.choice("abc") + suffix)

    def some_file(self) -> Path | None:
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return self.chance.choice(files) if files else None

    # --- what may happen -----------------------------------------------------------------------------------

    def write(self) -> None:
        path = self.place(self.chance.choice([".jpg", ".cr2", ".heic", ".mov"]))
        path.write_text(str(self.chance.randrange(8)))
        os.utime(path, ns=(1, next(self._times)))

    def delete(self) -> None:
        if path := self.some_file():
            path.unlink()

    def rename(self) -> None:
        if path := self.some_file():
            path.rename(self.place(path.suffix))

    def copy(self) -> None:
        if path := self.some_file():
            copy = self.place(path.suffix)
            if copy != path:
                shutil.copy2(path, copy)

    def look(self) -> None:
        (folder,) = self.store.folders()
        for step in scan(self.store, folder):
            self.hear(*step.changed, *step.removed)

    def read(self) -> None:
        for row in self.store.to_identify(self.chance.choice([2, 100])):
            if row.path.exists() and row.path.stat().st_mtime_ns == row.mtime_ns:
                content = row.path.read_text()
                self.store.record_identified(row.id, row.size, row.mtime_ns, content, PhotoInfo(1, 1))
                self.hear(row.id)

    def mark(self) -> None:
        chosen = [photo_id for photo_id in self.shown if self.chance.random() < 0.5]
        by, flag = self.chance.choice(list(Decider)), self.chance.choice(list(Flag))
        before = self.marks()
        self.hear(*self.store.decide(chosen, flag, by, "a mark"))
        if self.marks() != before and self.chance.random() < 0.5:
            self.undo()
            assert self.marks() == before

    def undo(self) -> bool:
        step = self.store.undo()
        self.hear(*(step.photo_ids if step else ()))
        return step is not None

    def redo(self) -> None:
        step = self.store.redo()
        self.hear(*(step.photo_ids if step else ()))

    def pair(self) -> None:
        self.store.set_pairs(not self.store.pairs())
        self.hear()

    def relocate(self) -> None:
        self.look()
        before, self.folder = self.folder, self.folder.with_name(f"moved{next(self._times)}")
        before.rename(self.folder)
        self.store.relocate(before, self.folder)
        self.hear()


@pytest.fixture(params=range(8))
def desk(request: pytest.FixtureRequest, store: Store, photos: Path) -> Desk:
    store.add_folder(photos, watched=True)
    return Desk(store, photos, random.Random(request.param))


def test_whatever_happens_marks_stay_with_their_content_and_the_window_is_right(desk: Desk) -> None:
    marking = [desk.mark, desk.undo, desk.redo]
    others = [desk.write, desk.write, desk.delete, desk.rename, desk.copy, desk.look, desk.read, desk.pair]
    for _ in range(STEPS):
        before = desk.marks()
        happens = desk.chance.choice([*marking, *others, desk.look, desk.read, desk.relocate])
        happens()
        if happens not in marking:
            persons = {content: mark for content, mark in before.items() if mark[1] == Decider.PERSON}
            assert persons.items() <= desk.marks().items()
        assert desk.shown == {row.id: row for row in desk.store.rows()}
    assert desk.store.check() == []
    while desk.undo():
        pass
    assert desk.marks() == {}
