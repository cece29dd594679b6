"""What waits to be written keeps its order and its patience."""

import pytest

from maclip_desktop.errors import LibraryError
from maclip_desktop.jobs.unsaved import Unsaved


def test_thousands_are_written_in_several_goes_and_in_order() -> None:
    written: list[list[int]] = []
    unsaved = Unsaved(written.append, at_once=3)
    unsaved.add(range(7))
    while unsaved:
        unsaved.save()
    assert written == [[0, 1, 2], [3, 4, 5], [6]]


def test_what_could_not_be_written_is_first_the_next_time() -> None:
    written: list[int] = []
    locked = [True]

    def write(items: list[int]) -> None:
        if locked.pop() if locked else False:
            raise LibraryError("locked")
        written.extend(items)

    unsaved = Unsaved(write, at_once=2)
    unsaved.add([1, 2, 3])
    with pytest.raises(LibraryError):
        unsaved.save()
    while unsaved:
        unsaved.save()
    assert written == [1, 2, 3]


def test_after_a_bug_nothing_is_tried_for_ever() -> None:
    unsaved: Unsaved[int] = Unsaved(lambda _: 1 / 0)  # type: ignore[arg-type]
    unsaved.add([1])
    with pytest.raises(ZeroDivisionError):
        unsaved.save()
    assert not unsaved
